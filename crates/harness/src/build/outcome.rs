//! How the build of a runner ended.

use std::path::PathBuf;
use std::process::Command;

/// The build of one runner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// The runner's folder.
    pub folder: PathBuf,
    /// How it ended.
    pub outcome: Outcome,
}

/// How a build ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The runner is there, and up to date.
    Done,
    /// A tool is missing, which is no failure: which one, and how to get it.
    Unavailable(String),
    /// The command failed, with the reason.
    Failed(String),
}

/// Runs a command to its end.
pub(super) fn succeed(command: &mut Command) -> Result<(), String> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{command:?}: {status}")),
        Err(error) => Err(format!("{command:?}: {error}")),
    }
}
