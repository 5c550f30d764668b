//! What an experiment sets for a cell beside its tasks, in words: workers and parameters.

use protocol::Workload;
use protocol::workload::{
    ACROSS, BURNERS, DURATION_NS, JITTER_NS, ParamSpec, RATE_PER_SECOND, SLICES, STEPS, TIMES, across,
};
use results::{Cell, Workers, human};

use crate::format::counted;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Setting {
    /// `workers`, or the parameter.
    pub name: &'static str,
    value: u64,
    /// Name and value in words; the value alone where that is clear.
    pub words: String,
}

/// The worker threads, where the experiment sets them, and the parameters of the workload.
pub fn settings(workload: Workload, cell: &Cell) -> Vec<Setting> {
    let workers = cell.workers_asked.map(|workers| {
        let words = match workers {
            Workers::Count(count) => counted(count.into(), "worker"),
            Workers::All => "all cores".into(),
        };
        Setting { name: "workers", value: workers.at_most().into(), words }
    });
    let params = workload.params().iter().map(|spec| {
        let value = workload.param(&cell.params, spec.name);
        Setting { name: spec.name, value, words: in_words(spec, value) }
    });
    // A spread of nothing goes without saying.
    workers
        .into_iter()
        .chain(params)
        .filter(|setting| (setting.name, setting.value) != (JITTER_NS, 0))
        .collect()
}

fn in_words(spec: &ParamSpec, value: u64) -> String {
    if spec.name == ACROSS {
        return if value == across::YIELD { "held across a yield" } else { "free lock" }.into();
    }
    if let Some(choice) = usize::try_from(value).ok().and_then(|value| spec.choices.get(value)) {
        return (*choice).into();
    }
    if spec.name == RATE_PER_SECOND && value == 0 {
        return "no pause".into();
    }
    // What is counted reads as a count.
    if [TIMES, STEPS, BURNERS, SLICES].contains(&spec.name) {
        let noun = spec.name.trim_end_matches('s');
        return if spec.name == TIMES {
            format!("{} times", human::count(value))
        } else {
            counted(value, noun)
        };
    }
    if spec.name == RATE_PER_SECOND {
        return format!("{} per second", human::count(value));
    }
    let amount = value as f64;
    let (name, words) = match spec.name.rsplit_once('_') {
        Some((name, "ns")) => (name, human::duration(amount)),
        Some((name, "bytes")) => (name, human::bytes(amount)),
        _ => (spec.name, human::count(value)),
    };
    if spec.name == DURATION_NS { words } else { format!("{} {words}", name.replace('_', " ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_shown_in_words() {
        let words = |workload: Workload, name, value| in_words(workload.param_spec(name).unwrap(), value);
        assert_eq!(words(Workload::Sleep, "duration_ns", 1_000_000), "1 ms");
        assert_eq!(words(Workload::Mixed, "policy", 1), "hog");
        assert_eq!(words(Workload::Mutex, "across", 1), "held across a yield");
        assert_eq!(words(Workload::Mixed, "slice_ns", 1_000_000), "slice 1 ms");
        assert_eq!(words(Workload::Cpu, "steps", 10_000), "10,000 steps");
        assert_eq!(words(Workload::Mixed, "burners", 1), "1 burner");
        assert_eq!(words(Workload::Yield, "times", 1000), "1,000 times");
        assert_eq!(words(Workload::Echo, "rate_per_second", 10_000), "10,000 per second");
        assert_eq!(words(Workload::FileRead, "file_bytes", 64 << 20), "file 64 MiB");
        assert_eq!(words(Workload::Echo, "rate_per_second", 0), "no pause");
    }
}
