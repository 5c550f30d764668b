//! How a trial ends other than well.

use std::io;

use protocol::Status;

use crate::peers::PeerError;

/// Why a trial has nothing to report.
pub(super) enum TrialError {
    /// The person at the terminal wants to stop.
    Interrupted,
    /// It failed: the status and the reason of its row.
    Failed { status: Status, reason: String },
}

impl TrialError {
    pub fn failed(status: Status, reason: impl Into<String>) -> Self {
        Self::Failed { status, reason: reason.into() }
    }

    /// The operating system refused something that every trial needs.
    pub fn cannot(what: &str, error: &io::Error) -> Self {
        Self::failed(Status::Crashed, format!("cannot {what}: {error}"))
    }
}

/// The peer did not do its part, or found that the runner did not.
impl From<PeerError> for TrialError {
    fn from(error: PeerError) -> Self {
        match error {
            PeerError::Interrupted => Self::Interrupted,
            PeerError::Unsupported(reason) => Self::failed(Status::Unsupported, reason),
            PeerError::Failed(reason) => Self::failed(Status::Wrong, reason),
            broken @ PeerError::Broken { .. } => Self::failed(Status::Crashed, broken.to_string()),
        }
    }
}
