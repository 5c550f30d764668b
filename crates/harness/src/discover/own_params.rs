//! Parameters of a runtime's own: none may stand in the way of a workload's.

use protocol::{RuntimeInfo, Workload};

use crate::fault::Fault;

/// The description, if no parameter of the runtime has the name of a workload's. With such a name a runtime could change
/// what it is asked, and stand beside others that were asked more.
pub(super) fn checked(info: RuntimeInfo) -> Result<RuntimeInfo, Fault> {
    for workload in Workload::ALL {
        if let Some(spec) = workload.params().iter().find(|spec| info.params.contains_key(spec.name)) {
            return Err(Fault::ParamOfWorkload { name: spec.name, workload: workload.name() });
        }
    }
    Ok(info)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_parameter_of_any_workload_can_be_a_runtime_s() {
        let with = |name: &str| RuntimeInfo { params: [(name.into(), 1)].into(), ..RuntimeInfo::default() };
        assert!(checked(with("stack_bytes")).is_ok());
        for workload in Workload::ALL {
            for spec in workload.params() {
                let fault = checked(with(spec.name)).unwrap_err();
                assert!(fault.to_string().contains(spec.name), "{fault}");
            }
        }
    }
}
