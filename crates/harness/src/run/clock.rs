//! The time that is left of a run, estimated.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use results::{Pass, Share};

use crate::schedule::Slot;

/// Estimates the time that is left: a trial takes as long as the last one of its cell and pass;
/// where none has run yet, as long as the mean of the others; and where no trial at all has, as at the start of a later
/// sitting, as long as block 0 has shown that all take.
pub(super) struct Clock {
    pub began: Instant,
    /// Trials to come, by cell and pass.
    waiting: HashMap<(usize, Pass), u32>,
    /// How long the last trial took.
    seen: HashMap<(usize, Pass), Duration>,
    /// The mean of all trials of the plan, by what block 0 has shown.
    expected: Duration,
}

impl Clock {
    pub fn new(share: Share) -> Self {
        let waiting = share.plan().cells.iter().enumerate().flat_map(|(index, cell)| {
            let times = move |pass| u32::try_from(share.trials_in_pass(cell, pass)).unwrap_or(u32::MAX);
            Pass::ALL.into_iter().map(move |pass| ((index, pass), times(pass)))
        });
        let plan = share.plan();
        let seconds = plan.equal_time.and_then(|rule| rule.expected_seconds).unwrap_or(0);
        let trials = u32::try_from(plan.trials()).unwrap_or(u32::MAX).max(1);
        let expected = Duration::from_secs(seconds) / trials;
        Self { began: Instant::now(), waiting: waiting.collect(), seen: HashMap::new(), expected }
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
        if self.seen.is_empty() {
            return self.expected;
        }
        let kinds = u32::try_from(self.seen.len()).unwrap_or(u32::MAX);
        self.seen.values().sum::<Duration>() / kinds
    }
}

#[cfg(test)]
mod tests {
    use results::{EqualTime, Plan, PresetName};

    use super::*;
    use crate::fixture::planned;

    #[test]
    fn a_sitting_that_has_seen_no_trial_expects_what_block_0_has_shown() {
        let seconds = |plan: &Plan| Clock::new(Share::of(plan, None)).left().as_secs();
        let cells = ["a", "b"].map(|id| planned(id, 10)).into();
        let mut plan = Plan { cells, ..Plan::empty(PresetName::Quick, 7) };
        assert_eq!(seconds(&plan), 0, "nobody knows");
        let rule = EqualTime { block_ms: 100, most_processes: 1, long_ms: 500, expected_seconds: Some(40) };
        plan.equal_time = Some(rule);
        assert_eq!(seconds(&plan), 40);

        let mut clock = Clock::new(Share::of(&plan, None));
        clock.tick(0, Pass::Timed, Duration::from_secs(1));
        let left = plan.trials() - 1;
        assert_eq!(clock.left(), Duration::from_secs(left), "from then on it knows");
    }
}
