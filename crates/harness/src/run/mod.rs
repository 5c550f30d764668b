//! A run: the plan's trials, one after another, each into the journal before the next.

mod clock;
mod ending;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::{Duration, Instant};

use crate::journal::{Done, Ended, Journal, JournalError};
use crate::laboratory::{Execute, run_patiently};
use crate::schedule::{self, Slot};
use crate::trial::{Outcome, Place};
use clock::Clock;
pub use ending::{BrokenOff, Ending};
use protocol::Status;
pub use results::Stopped;
use results::disturbance::is_disturbed;
use results::plan::{BURN_IN_BLOCKS, Plan};
use results::{Cell, Pass, Share};

/// How far a run has come: told before each trial and after it.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// Trials that have ended, those of an earlier sitting included.
    pub done: u64,
    /// Trials of the plan, or of the part of it.
    pub total: u64,
    /// What is left, estimated.
    pub left: Duration,
    /// The block of the trial, counted from 0, the burn-in.
    pub block: u32,
    /// How many blocks there are, as far as it is known.
    pub blocks: u32,
    /// The trial.
    pub step: Step<'a>,
}

/// A trial that begins, or has ended.
#[derive(Debug, Clone, Copy)]
pub enum Step<'a> {
    /// A trial of this cell begins.
    Begins(&'a Cell),
    /// It has ended so.
    Ended(&'a Outcome),
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

/// Runs what is left of these blocks of a plan, as far as they are of its share. Where the journal cannot be written, what
/// it holds can be resumed.
pub fn run<'a>(
    share: impl Into<Share<'a>>,
    blocks: Range<u32>,
    done: &Done,
    journal: &mut Journal,
    executor: &mut impl Execute,
    mut limits: Limits,
    mut show: impl FnMut(Progress),
) -> Result<Ending, JournalError> {
    let share = share.into();
    let plan = share.plan();
    let (total, clock) = (share.trials(), Clock::new(share));
    let mut run = Running { plan, total, done, journal, executor, clock, count: 0, extra: 0 };
    let mut ending = Ending::default();
    for slot in share.within(0..blocks.start).flat_map(|block| schedule::slots_of(share, block)) {
        run.skip(&slot);
    }
    for block in share.within(blocks) {
        let slots = schedule::slots_of(share, block);
        if slots.iter().any(|slot| run.ended(slot).is_none())
            && let Some(stopped) = limits.stop_before(block, &slots, &run.clock)
        {
            return Ok(Ending { stopped, ..ending });
        }
        let mut disturbed = Disturbed::default();
        for slot in &slots {
            match run.trial(slot, &mut ending, &mut show)? {
                Ok(is_disturbed) => disturbed.note(slot, is_disturbed),
                Err(broken) => return Ok(ending.broken_off(broken)),
            }
        }
        for (position, cell) in (slots.len()..).zip(disturbed.cells(plan)) {
            let position = u32::try_from(position).unwrap_or(u32::MAX);
            run.extra += 1;
            let slot = schedule::extra_slot(plan, block, position, cell);
            if let Err(broken) = run.trial(&slot, &mut ending, &mut show)? {
                return Ok(ending.broken_off(broken));
            }
        }
        ending.blocks = block + 1;
    }
    Ok(ending)
}

/// A run that goes on.
struct Running<'a, E> {
    plan: &'a Plan,
    /// Trials that it is to have, beside those for disturbed ones.
    total: u64,
    done: &'a Done,
    journal: &'a mut Journal,
    executor: &'a mut E,
    clock: Clock,
    /// Trials that have ended.
    count: u64,
    /// Trials beside those of the plan.
    extra: u64,
}

impl<E: Execute> Running<'_, E> {
    /// How the trial of a slot ended in an earlier sitting, if it did.
    fn ended(&self, slot: &Slot) -> Option<&Ended> {
        let Place { block, pass, process, .. } = slot.place;
        self.done.get(&(self.plan.cells[slot.cell].cell.id.clone(), block, pass, process))
    }

    /// Counts a trial that an earlier sitting has run.
    fn skip(&mut self, slot: &Slot) {
        self.count += 1;
        self.clock.skip(slot.cell, slot.place.pass);
    }

    /// Runs the trial of a slot, unless it has been run; gives whether it was disturbed, or why the run cannot go on.
    fn trial(
        &mut self,
        slot: &Slot,
        ending: &mut Ending,
        show: &mut impl FnMut(Progress),
    ) -> Result<Result<bool, BrokenOff>, JournalError> {
        let planned = &self.plan.cells[slot.cell];
        if let Some(Ended { status, reason, is_disturbed }) = self.ended(slot).cloned() {
            self.skip(slot);
            self.executor.recall(planned, slot.place, status, &reason);
            return Ok(Ok(is_disturbed));
        }
        let began = Instant::now();
        show(self.progress(slot, Step::Begins(&planned.cell)));
        let Ok(outcome) = run_patiently(self.executor, planned, slot.place) else {
            return Ok(Err(BrokenOff::Interrupted));
        };
        self.journal.append(&outcome)?;
        if outcome.sample.status == Status::LabError {
            return Ok(Err(BrokenOff::Hindered(outcome.sample.reason)));
        }
        self.count += 1;
        self.clock.tick(slot.cell, slot.place.pass, began.elapsed());
        ending.count(planned, outcome.sample.status);
        show(self.progress(slot, Step::Ended(&outcome)));
        Ok(Ok(is_disturbed(&outcome.sample)))
    }

    fn progress<'a>(&self, slot: &Slot, step: Step<'a>) -> Progress<'a> {
        let (done, total) = (self.count, self.total + self.extra);
        let blocks = self.plan.stages().last().map_or(0, |blocks| blocks.end);
        Progress { done, total, left: self.clock.left(), block: slot.place.block, blocks, step }
    }
}

/// Which cells had nothing but disturbed timed trials in a block: each gets one more at the end of it, whatever came out.
#[derive(Default)]
struct Disturbed(BTreeMap<usize, bool>);

impl Disturbed {
    fn note(&mut self, slot: &Slot, is_disturbed: bool) {
        if slot.place.pass == Pass::Timed && slot.place.block >= BURN_IN_BLOCKS {
            *self.0.entry(slot.cell).or_insert(true) &= is_disturbed;
        }
    }

    /// Those cells; not the rungs of a ladder, whose order is part of the question.
    fn cells(self, plan: &Plan) -> impl Iterator<Item = usize> {
        let disturbed = self.0.into_iter().filter(|(_, all)| *all).map(|(cell, _)| cell);
        disturbed.filter(|cell| !plan.cells[*cell].ceiling)
    }
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
