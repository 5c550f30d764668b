//! The time that is left of a run, estimated.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use results::{Pass, Share};

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
    pub fn new(share: Share) -> Self {
        let waiting = share.plan().cells.iter().enumerate().flat_map(|(index, cell)| {
            let times = move |pass| u32::try_from(share.trials_in_pass(cell, pass)).unwrap_or(u32::MAX);
            Pass::ALL.into_iter().map(move |pass| ((index, pass), times(pass)))
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
