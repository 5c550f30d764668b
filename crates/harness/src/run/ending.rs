//! Why and how a run came to its end.

use std::collections::BTreeMap;

use protocol::Status;
use results::{Plan, PlannedCell, Stopped};

use crate::moment;

/// How a run ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ending {
    /// Trials by status that this command has run, without those that hit a ceiling.
    pub statuses: BTreeMap<Status, u64>,
    /// Trials that hit a ceiling: that they failed is their result.
    pub ceilings: u64,
    /// Why it was broken off in the middle of its plan, if it was.
    pub broken_off: Option<BrokenOff>,
    /// Why it ended, where it was not broken off.
    pub stopped: Stopped,
    /// Blocks that are done, those of earlier sittings included.
    pub blocks: u32,
}

/// Why a run was broken off: it can be resumed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BrokenOff {
    /// Somebody interrupted it.
    Interrupted,
    /// The lab or the machine stood in the way of a trial, each time that it was tried: how.
    Hindered(String),
}

impl Ending {
    /// The same, broken off now.
    pub(super) fn broken_off(self, why: BrokenOff) -> Self {
        Self { broken_off: Some(why), ..self }
    }

    /// This ending, with what earlier sittings of the same command counted.
    #[must_use]
    pub fn after(mut self, earlier: Self) -> Self {
        for (status, count) in earlier.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
        self.ceilings += earlier.ceilings;
        self.blocks = self.blocks.max(earlier.blocks);
        self
    }

    /// The record to keep of it.
    pub fn record(&self, plan: &Plan) -> results::Ending {
        results::Ending {
            stopped: self.stopped,
            blocks: self.blocks,
            of: plan.stages().last().map_or(0, |blocks| blocks.end),
            ended_at: moment::now_in_seconds(),
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
