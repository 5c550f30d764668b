//! How a trial ends, as a runner, the files and people name it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How a trial ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It did the work and proved it.
    #[default]
    Ok,
    /// The runtime cannot run on this machine.
    Unavailable,
    /// The runtime cannot do this workload, or not at this size here.
    Unsupported,
    /// It answered, but its proofs do not hold.
    Wrong,
    /// It ended before it was done, or ended badly.
    Crashed,
    /// It was not done within the time limit.
    Timeout,
    /// It did not speak the protocol.
    ProtocolError,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Ok,
        Self::Unavailable,
        Self::Unsupported,
        Self::Wrong,
        Self::Crashed,
        Self::Timeout,
        Self::ProtocolError,
    ];
    /// Their names in the files, in the same order.
    pub const NAMES: [&'static str; 7] =
        ["ok", "unavailable", "unsupported", "wrong", "crashed", "timeout", "protocol-error"];

    /// Whether this is a defect of the runner; `unavailable` and `unsupported` are not.
    pub fn is_failure(self) -> bool {
        !matches!(self, Self::Ok | Self::Unavailable | Self::Unsupported)
    }

    /// The name in the files.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
