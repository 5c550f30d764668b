//! A run: the plan's trials, one after another, each into the journal before the next.

mod clock;
mod ending;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::time::{Duration, Instant};

use crate::journal::{Done, Journal, JournalError};
use crate::laboratory::Execute;
use crate::schedule::{self, Slot};
use crate::trial::Outcome;
use clock::Clock;
pub use ending::Ending;
pub use results::Stopped;
use results::plan::{BURN_IN_BLOCKS, Plan};

/// How far a run has come.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// Trials that have ended, those of an earlier sitting included.
    pub done: u64,
    /// Trials of the plan.
    pub total: u64,
    /// What is left, estimated.
    pub left: Duration,
    /// The trial that has just ended.
    pub last: &'a Outcome,
}

/// The fewest blocks after which a run may stop before its plan is done: the burn-in and one more.
const FEWEST_BLOCKS: u32 = BURN_IN_BLOCKS + 1;

/// How often precision is checked, blocks.
const CHECK_EVERY: u32 = 4;

/// What may stop a run before its plan is done. It always stops between two blocks, so that all
/// cells have equally many, and never because of which results came out.
#[derive(Default)]
pub struct Limits<'a> {
    /// The longest that this sitting may take: a block that would not fit into it is not begun.
    pub budget: Option<Duration>,
    /// Whether every cell with blocks to come, from the one given on, is measured precisely enough.
    pub precise: Option<&'a mut dyn FnMut(u32) -> bool>,
}

/// Runs what is left of these blocks of a plan. Where the journal cannot be written, what it holds can be resumed.
pub fn run(
    plan: &Plan,
    blocks: Range<u32>,
    done: &Done,
    journal: &mut Journal,
    executor: &mut impl Execute,
    mut limits: Limits,
    mut show: impl FnMut(Progress),
) -> Result<Ending, JournalError> {
    let mut ending = Ending::default();
    let mut clock = Clock::new(plan);
    let mut count = 0;
    for slot in (0..blocks.start).flat_map(|block| schedule::slots(plan, block)) {
        count += 1;
        clock.skip(slot.cell, slot.place.pass);
    }
    for block in blocks {
        let slots = schedule::slots(plan, block);
        let ended = |slot: &Slot| done.get(&(plan.cells[slot.cell].cell.id.clone(), block, slot.place.pass));
        if slots.iter().any(|slot| ended(slot).is_none())
            && let Some(stopped) = limits.stop_before(block, &slots, &clock)
        {
            return Ok(Ending { stopped, ..ending });
        }
        for slot in slots {
            count += 1;
            let planned = &plan.cells[slot.cell];
            if let Some((status, reason)) = ended(&slot) {
                clock.skip(slot.cell, slot.place.pass);
                executor.recall(planned, slot.place, *status, reason);
                continue;
            }
            let began = Instant::now();
            let Ok(outcome) = executor.execute(planned, slot.place) else {
                return Ok(Ending { interrupted: true, ..ending });
            };
            journal.append(&outcome)?;
            clock.tick(slot.cell, slot.place.pass, began.elapsed());
            ending.count(planned, outcome.sample.status);
            show(Progress { done: count, total: plan.trials(), left: clock.left(), last: &outcome });
        }
        ending.blocks = block + 1;
    }
    Ok(ending)
}

impl Limits<'_> {
    /// Why the block is not to be begun, if it is not.
    fn stop_before(&mut self, block: u32, slots: &[Slot], clock: &Clock) -> Option<Stopped> {
        if block < FEWEST_BLOCKS {
            return None;
        }
        let spent = |budget| clock.began.elapsed() + clock.estimate(slots) > budget;
        if self.budget.is_some_and(spent) {
            return Some(Stopped::Budget);
        }
        let due = (block - BURN_IN_BLOCKS).is_multiple_of(CHECK_EVERY);
        let precise = self.precise.as_mut().is_some_and(|precise| due && precise(block));
        precise.then_some(Stopped::Precision)
    }
}
