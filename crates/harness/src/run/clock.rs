//! The time that is left of a run, estimated.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use results::Pass;

use crate::plan::Plan;
use crate::schedule::Slot;

/// Estimates the time that is left: a trial takes as long as the last one of its cell and pass;
/// where none has run yet, as long as the mean of the others.
pub(super) struct Clock {
    pub began: Instant,
    /// Trials to come, by cell and pass.
    waiting: HashMap<(usize, Pass), u32>,
    /// How long the last trial took.
    seen: HashMap<(usize, Pass), Duration>,
}

impl Clock {
    pub fn new(plan: &Plan) -> Self {
        let waiting = plan.cells.iter().enumerate().flat_map(|(index, cell)| {
            let others = u64::from(cell.counted) + u64::from(cell.traced);
            let timed = u32::try_from(plan.trials_of(cell) - others).unwrap_or(u32::MAX);
            let times = [timed, cell.counted, cell.traced];
            Pass::ALL.into_iter().zip(times).map(move |(pass, times)| ((index, pass), times))
        });
        Self { began: Instant::now(), waiting: waiting.collect(), seen: HashMap::new() }
    }

    /// A trial that an earlier sitting has run.
    pub fn skip(&mut self, cell: usize, pass: Pass) {
        if let Some(times) = self.waiting.get_mut(&(cell, pass)) {
            *times = times.saturating_sub(1);
        }
    }

    /// A trial that has just ended.
    pub fn tick(&mut self, cell: usize, pass: Pass, took: Duration) {
        self.skip(cell, pass);
        self.seen.insert((cell, pass), took);
    }

    /// What all trials to come will take.
    pub fn left(&self) -> Duration {
        let mean = self.mean();
        self.waiting.iter().map(|(kind, times)| *self.seen.get(kind).unwrap_or(&mean) * *times).sum()
    }

    /// What these trials will take.
    pub fn estimate(&self, slots: &[Slot]) -> Duration {
        let mean = self.mean();
        let took = |slot: &Slot| *self.seen.get(&(slot.cell, slot.place.pass)).unwrap_or(&mean);
        slots.iter().map(took).sum()
    }

    fn mean(&self) -> Duration {
        let kinds = u32::try_from(self.seen.len()).unwrap_or(u32::MAX).max(1);
        self.seen.values().sum::<Duration>() / kinds
    }
}
