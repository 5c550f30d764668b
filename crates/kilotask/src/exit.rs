//! The exit status of a command.

use std::process::ExitCode;

/// How a command ended, where it did not end in an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// All good: 0.
    Good,
    /// It ran to its end, and something that was to work failed: 2.
    Failed,
    /// Interrupted by a signal: 130, as shells report it.
    Interrupted,
}

/// An error of usage, configuration or I/O.
pub const MISTAKE: u8 = 1;

impl ExitStatus {
    /// Failed where something did, else good.
    pub fn failed_if(failed: bool) -> Self {
        if failed { Self::Failed } else { Self::Good }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        match status {
            ExitStatus::Good => Self::SUCCESS,
            ExitStatus::Failed => Self::from(2),
            ExitStatus::Interrupted => Self::from(130),
        }
    }
}
