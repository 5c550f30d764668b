//! A runner that was found, and the runtimes that it says it hosts.

use protocol::{Description, PROTOCOL, Refusal, RuntimeInfo, Workload};

use super::runner::{Runner, Runtime};
use crate::fault::Fault;
use crate::names::{Versioned, is_plain};
use crate::sanitize::{MAX_NAME, one_line};

/// A runner, and what is known of it before it is asked anything.
pub(super) struct Found {
    pub runner: Runner,
    /// The runtimes to list when it cannot be asked.
    pub names: Vec<String>,
    /// Why it cannot be started.
    pub missing: Option<String>,
    /// The version of its crate, where it is an isolated build.
    pub version: Option<String>,
}

impl Found {
    /// Its runtimes, as it describes them; where it cannot, those that are known by name, with the
    /// reason.
    pub fn runtimes(self) -> Vec<Runtime> {
        let described = match &self.missing {
            Some(reason) => Err(Fault::Refused(Refusal::unavailable(reason.clone()))),
            None => self.describe(),
        };
        let (infos, broken) = match described {
            Ok(infos) => (infos, None),
            Err(broken) => (self.names.iter().map(|name| unknown(name)).collect(), Some(broken)),
        };
        let runtime = |info| Runtime { info, runner: self.runner.clone(), broken: broken.clone() };
        infos.into_iter().map(runtime).collect()
    }

    fn describe(&self) -> Result<Vec<RuntimeInfo>, Fault> {
        let description: Description = self.runner.ask("describe", None)?;
        if description.protocol != PROTOCOL {
            return Err(Fault::OtherProtocol(description.protocol));
        }
        description.runtimes.into_iter().map(|info| self.versioned(checked(info)?)).collect()
    }

    /// The runtime under the name of its version, where this is one.
    fn versioned(&self, mut info: RuntimeInfo) -> Result<RuntimeInfo, Fault> {
        if let Some(version) = &self.version {
            if info.version != *version {
                return Err(Fault::OtherVersion { built: version.clone(), described: info.version });
            }
            info.name = format!("{}@{version}", info.name);
            info.on_request = true;
        }
        Ok(info)
    }
}

/// A runtime's description with its texts bounded; names become file names, so they must be plain.
fn checked(mut info: RuntimeInfo) -> Result<RuntimeInfo, Fault> {
    if !is_plain(&info.name) {
        return Err(Fault::Name(info.name));
    }
    for text in [&mut info.version, &mut info.language, &mut info.model] {
        *text = one_line(text, MAX_NAME);
    }
    Ok(info)
}

/// What is assumed of a runtime whose runner cannot be asked: any workload, so that each has a row.
fn unknown(name: &str) -> RuntimeInfo {
    RuntimeInfo {
        name: name.into(),
        on_request: Versioned::parse(name).is_some(),
        workloads: Workload::ALL.iter().map(|workload| workload.name().into()).collect(),
        ..RuntimeInfo::default()
    }
}
