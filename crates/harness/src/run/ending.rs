//! Why and how a run came to its end.

use std::collections::BTreeMap;
use std::time::SystemTime;

use protocol::Status;
use serde::{Deserialize, Serialize};

use crate::plan::{Plan, PlannedCell};

/// Why a run came to its end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stopped {
    /// All of its plan is done.
    #[default]
    Plan,
    /// Every cell is as precise as the plan asks.
    Precision,
    /// The next block would not have fitted into the budget.
    Budget,
}

/// Why and when a run came to its end: `ending.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Why.
    pub stopped: Stopped,
    /// Blocks that are done.
    pub blocks: u32,
    /// Blocks of the plan.
    pub of: u32,
    /// When: RFC 3339, UTC.
    pub ended_at: String,
}

/// How a run ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ending {
    /// Trials of this sitting by status, without those that hit a ceiling.
    pub statuses: BTreeMap<Status, u64>,
    /// Trials that hit a ceiling: that they failed is their result.
    pub ceilings: u64,
    /// Whether it was interrupted.
    pub interrupted: bool,
    /// Why it ended, where it was not interrupted.
    pub stopped: Stopped,
    /// Blocks that are done, those of earlier sittings included.
    pub blocks: u32,
}

impl Ending {
    /// The record to keep of it.
    pub fn record(&self, plan: &Plan) -> Record {
        Record {
            stopped: self.stopped,
            blocks: self.blocks,
            of: plan.blocks(),
            ended_at: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
        }
    }

    pub(super) fn count(&mut self, planned: &PlannedCell, status: Status) {
        if planned.ceiling && status.is_failure() {
            self.ceilings += 1;
        } else {
            *self.statuses.entry(status).or_default() += 1;
        }
    }

    /// How many trials failed.
    pub fn failures(&self) -> u64 {
        self.statuses.iter().filter(|(status, _)| status.is_failure()).map(|(_, count)| count).sum()
    }
}
