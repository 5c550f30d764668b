//! Why and when a run came to its end: `ending.json`.

use serde::{Deserialize, Serialize};

use crate::value::named;

named! {
    /// Why a run stopped.
    #[derive(Default)]
    pub enum Stopped {
        /// All of the plan is done.
        #[default]
        Plan = "plan",
        /// Every cell is known as precisely as was wanted.
        Precision = "precision",
        /// The next block would not have fitted into the budget.
        Budget = "budget",
    }
}

/// Why and when a run came to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// Why.
    pub stopped: Stopped,
    /// Blocks that are done.
    pub blocks: u32,
    /// Blocks of the plan.
    pub of: u32,
    /// When: RFC 3339, UTC.
    pub ended_at: String,
}
