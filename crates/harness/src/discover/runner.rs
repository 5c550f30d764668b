//! A runner, and the runtimes that it says it hosts.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use protocol::{Description, PROTOCOL, Probe, Refusal, RuntimeInfo, Workload};

use super::description::{MAX_RUNTIMES, checked};
use super::own_params;
use super::program::Program;
use crate::fault::Fault;
use crate::names::{Versioned, is_version};
use results::sanitize::{MAX_NAME, MAX_REASON, of_stranger, one_line};

/// The most facts about its build that are kept of a runner.
const MOST_FACTS: usize = 16;

/// An executable that hosts runtimes.
#[derive(Debug, Clone)]
pub struct Runner {
    /// The folder that it runs in.
    pub folder: PathBuf,
    /// Where it is: its folder within the checkout, or, for an external one, the whole path of its
    /// folder or of its executable.
    pub place: PathBuf,
    pub(super) command: Vec<OsString>,
    pub(super) program: Arc<Program>,
    /// Words on standard error by which its program says that it cannot run here.
    pub(super) cannot_run: Vec<String>,
    /// How it was built, in its own words.
    pub(crate) build: BTreeMap<String, String>,
    /// The files that the tasks of a runtime are in, where it says so.
    pub(crate) code: BTreeMap<String, Vec<PathBuf>>,
    /// The executable of its counted build, where it declares one.
    pub(super) counted: Option<PathBuf>,
    /// The lock file that it was built with, where that is not the checkout's.
    pub(crate) lock_file: Option<PathBuf>,
}

impl Runner {
    /// One that this command runs in a folder. `program` is its executable, or the folder with its files.
    pub(super) fn new(folder: PathBuf, place: PathBuf, command: Vec<OsString>, program: PathBuf) -> Self {
        Self {
            folder,
            place,
            command,
            program: Arc::new(Program::new(program)),
            cannot_run: Vec::new(),
            build: BTreeMap::new(),
            code: BTreeMap::new(),
            counted: None,
            lock_file: None,
        }
    }

    /// SHA-256 of its program: of the executable that it is, or of a list of the sums of its files. `None` where it
    /// cannot be read, as where it is not built.
    pub fn sha256(&self) -> Option<String> {
        self.program.sha256()
    }

    /// The whole path of an external runner.
    pub fn external_path(&self) -> Option<&Path> {
        self.place.is_absolute().then_some(&*self.place)
    }

    /// The words of the command that runs it, in its folder.
    pub fn words(&self) -> &[OsString] {
        &self.command
    }

    /// The command that runs it, or its counted build; `None` when it has none.
    pub fn command(&self, counted: bool) -> Option<Command> {
        let mut command = if counted {
            Command::new(self.counted.as_ref()?)
        } else {
            let (program, arguments) = self.command.split_first()?;
            let mut command = Command::new(program);
            command.args(arguments);
            command
        };
        command.current_dir(&self.folder);
        Some(command)
    }

    /// From here on starts this program in place of the first word of its command: a shim's own time, 55 ms for pyenv's,
    /// would be in the start-up of whatever it starts.
    fn start_by(&mut self, program: &str) -> Result<(), Fault> {
        let path = Path::new(program);
        let is_executable =
            path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0);
        if !path.is_absolute() || !is_executable {
            let problem =
                format!("program: {:?} is no whole path of an executable", one_line(program, MAX_NAME));
            return Err(Fault::NoAnswer { question: "describe", problem });
        }
        self.command[0] = program.into();
        Ok(())
    }

    /// Whether its counted build is there.
    pub fn has_counted_build(&self) -> bool {
        self.counted.as_ref().is_some_and(|program| program.is_file())
    }

    /// Whether it declares a counted build that is not there.
    pub fn lacks_counted_build(&self) -> bool {
        self.counted.is_some() && !self.has_counted_build()
    }
}

/// That a runtime cannot run here, for this reason.
pub(super) fn unavailable(reason: &str) -> Fault {
    Fault::Refused(Refusal::unavailable(of_stranger(reason, MAX_REASON)))
}

/// A runtime, with the runner that hosts it.
#[derive(Debug, Clone)]
pub struct Runtime {
    /// What the runner says of it.
    pub info: RuntimeInfo,
    /// Who hosts it.
    pub runner: Runner,
    /// Why its runner cannot be asked anything, where that is so.
    pub broken: Option<Fault>,
}

impl Runtime {
    /// The same runtime, its runner under a limit in the words of the shell: `-n 256`. Were this process to
    /// lower its own limit, every runner would have it.
    #[must_use]
    pub fn under_limit(&self, limit: &str) -> Self {
        let shell = ["sh", "-c", &format!("ulimit {limit} && exec \"$0\" \"$@\"")].map(OsString::from);
        let command = shell.into_iter().chain(self.runner.command.iter().cloned()).collect();
        Self { runner: Runner { command, ..self.runner.clone() }, ..self.clone() }
    }

    /// Has the runner start the runtime.
    pub fn probe(&self) -> Result<(), Fault> {
        self.probe_unless(&AtomicBool::new(false))
    }

    /// The same, which ends with some fault when somebody interrupts.
    pub fn probe_unless(&self, interrupted: &AtomicBool) -> Result<(), Fault> {
        if let Some(broken) = &self.broken {
            return Err(broken.clone());
        }
        let name = results::cell::own_name(&self.info.name);
        let probe: Probe = self.runner.ask("probe", Some(name), interrupted)?;
        if probe.available {
            return Ok(());
        }
        let reason = probe.reason.as_deref().unwrap_or("its probe gave no reason");
        Err(unavailable(reason))
    }
}

/// A runner, and what is known of it before it is asked anything.
pub(super) struct Found {
    pub runner: Runner,
    /// The runtimes to list when it cannot be asked.
    pub names: Vec<String>,
    /// Why it cannot be started.
    pub missing: Option<String>,
    /// The version of its crate, or the name of the build, where it is an isolated build.
    pub version: Option<String>,
    /// Whether only experiments that name its runtimes run them.
    pub on_request: bool,
}

impl Found {
    /// Its runtimes, as it describes them; where it cannot, those that are known by name, with the
    /// reason.
    pub fn runtimes(mut self) -> Vec<Runtime> {
        let described = match &self.missing {
            Some(reason) => Err(Fault::Refused(Refusal::unavailable(reason.clone()))),
            None => self.describe(),
        };
        let (infos, broken) = match described {
            Ok(infos) => (infos, None),
            Err(broken) => {
                (self.names.iter().map(|name| unknown(name, self.on_request)).collect(), Some(broken))
            }
        };
        let runtime = |info| Runtime { info, runner: self.runner.clone(), broken: broken.clone() };
        infos.into_iter().map(runtime).collect()
    }

    fn describe(&mut self) -> Result<Vec<RuntimeInfo>, Fault> {
        let description: Description = self.runner.ask("describe", None, &AtomicBool::new(false))?;
        if description.protocol != PROTOCOL {
            return Err(Fault::OtherProtocol { protocol: description.protocol });
        }
        if description.runtimes.len() > MAX_RUNTIMES {
            let problem =
                format!("{} runtimes: at most {MAX_RUNTIMES} are possible", description.runtimes.len());
            return Err(Fault::NoAnswer { question: "describe", problem });
        }
        if let Some(program) = description.program {
            self.runner.start_by(&program)?;
        }
        let build = description.build.into_iter().take(MOST_FACTS);
        self.runner.build =
            build.map(|(name, value)| (one_line(&name, MAX_NAME), one_line(&value, MAX_REASON))).collect();
        description
            .runtimes
            .into_iter()
            .map(|info| self.versioned(own_params::checked(checked(info)?)?))
            .collect()
    }

    /// The runtime under the name of its version or build, where this is one: a variant of what it is
    /// in the checkout's own build, or of what that is a variant of.
    fn versioned(&self, mut info: RuntimeInfo) -> Result<RuntimeInfo, Fault> {
        if let Some(version) = &self.version {
            if is_version(version) && info.version != *version {
                return Err(Fault::OtherVersion { built: version.clone(), described: info.version });
            }
            let parent = std::mem::take(&mut info.name);
            info.name = format!("{parent}@{version}");
            info.variant_of.get_or_insert(parent);
            info.on_request = true;
        }
        Ok(info)
    }
}

/// What is assumed of a runtime whose runner cannot be asked: any workload, so that each has a row.
fn unknown(name: &str, on_request: bool) -> RuntimeInfo {
    RuntimeInfo {
        name: name.into(),
        on_request: on_request || Versioned::parse(name).is_some(),
        workloads: Workload::ALL.iter().map(|workload| workload.name().into()).collect(),
        ..RuntimeInfo::default()
    }
}
