//! A runner, and a runtime that it hosts.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use protocol::{Probe, Refusal, RuntimeInfo, wire};
use serde::de::DeserializeOwned;

use crate::fault::Fault;
use crate::process::{Bounds, Broken, Supervised};
use crate::sanitize::{MAX_REASON, one_line};

/// How long a runner may take to describe itself or to probe a runtime.
const QUESTION_TIMEOUT: Duration = Duration::from_secs(20);

/// The most memory a runner may take to answer a question, bytes.
const QUESTION_MEMORY: u64 = 4 << 30;

/// An executable that hosts runtimes.
#[derive(Debug, Clone)]
pub struct Runner {
    /// The folder that it runs in.
    pub folder: PathBuf,
    /// Where it is: its folder within the checkout, or, for an external one, the whole path of its
    /// folder or of its executable.
    pub place: PathBuf,
    pub(super) command: Vec<OsString>,
    /// The executable of its counted build, where it declares one.
    pub(super) counted: Option<PathBuf>,
    /// The lock file that it was built with, where that is not the checkout's.
    pub(crate) lock_file: Option<PathBuf>,
}

impl Runner {
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

    /// The same runner under a limit, in the words of the shell: `-n 256`. Were this process to
    /// lower its own limit, every runner would have it.
    #[must_use]
    pub fn under_limit(&self, limit: &str) -> Self {
        let mut command: Vec<OsString> = ["sh", "-c"].map(OsString::from).into();
        command.push(format!("ulimit {limit} && exec \"$0\" \"$@\"").into());
        command.extend(self.command.iter().cloned());
        Self { command, ..self.clone() }
    }

    /// Whether its counted build is there.
    pub fn has_counted_build(&self) -> bool {
        self.counted.as_ref().is_some_and(|program| program.is_file())
    }

    /// Whether it declares a counted build that is not there.
    pub fn lacks_counted_build(&self) -> bool {
        self.counted.is_some() && !self.has_counted_build()
    }

    /// Asks the runner one question on its command line and reads its one line of an answer.
    pub(super) fn ask<T: DeserializeOwned>(
        &self,
        question: &'static str,
        name: Option<&str>,
    ) -> Result<T, Fault> {
        static NEVER: AtomicBool = AtomicBool::new(false);
        let bounds = Bounds { timeout: QUESTION_TIMEOUT, memory_bytes: QUESTION_MEMORY, interrupted: &NEVER };
        let mut command = self.command(false).expect("every runner has a command");
        let mut process = Supervised::start(command.arg(question).args(name), bounds).map_err(|error| {
            Fault::NoProgram { program: self.command[0].display().to_string(), error: error.to_string() }
        })?;
        let no_answer = |problem: String| Fault::NoAnswer { question, problem };
        let answer = process.read_line().map_err(|broken| match broken {
            Broken::Ended => {
                let _ = process.finish();
                no_answer(process.stderr_tail())
            }
            other => no_answer(other.to_string()),
        })?;
        wire::decode(&answer).map_err(|error| no_answer(error.to_string()))
    }
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
    /// Has the runner start the runtime.
    pub fn probe(&self) -> Result<(), Fault> {
        if let Some(broken) = &self.broken {
            return Err(broken.clone());
        }
        let probe: Probe = self.runner.ask("probe", Some(results::cell::own_name(&self.info.name)))?;
        if probe.available {
            return Ok(());
        }
        let reason = probe.reason.as_deref().unwrap_or("its probe gave no reason");
        Err(Fault::Refused(Refusal::unavailable(one_line(reason, MAX_REASON))))
    }
}
