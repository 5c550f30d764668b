//! How a trial ends, as a runner, the files and people name it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::named;

named! {
    /// How a trial ended.
    #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(rename_all = "kebab-case")]
    pub enum Status {
        /// It did the work and proved it.
        #[default]
        Ok = "ok",
        /// The runtime cannot run on this machine.
        Unavailable = "unavailable",
        /// The runtime cannot do this workload, or not at this size here.
        Unsupported = "unsupported",
        /// It answered, but its proofs do not hold.
        Wrong = "wrong",
        /// It ended before it was done, or ended badly.
        Crashed = "crashed",
        /// It was not done within the time limit.
        Timeout = "timeout",
        /// It did not speak the protocol.
        ProtocolError = "protocol-error",
        /// The lab or the machine stood in its way: it says nothing of the runtime, and no runner may say it.
        LabError = "lab-error",
    }
}

impl Status {
    /// Whether this is a defect of the runner; `unavailable`, `unsupported` and `lab-error` are not.
    pub fn is_failure(self) -> bool {
        !matches!(self, Self::Ok | Self::Unavailable | Self::Unsupported | Self::LabError)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
