//! What a trial gave, and what can be asserted of it.

use protocol::proof::expected;
use protocol::{Done, Job, ProofInputs, Span, Workload};

/// A job that was served, and proven.
#[derive(Debug)]
pub struct Trial {
    job: Job,
    workload: Workload,
    /// What the runner reported.
    pub done: Done,
    /// The span of each task, round after round; none where the workload records none.
    pub spans: Vec<Span>,
}

impl Trial {
    /// Asserts what is true of every honest trial; see [`Runner::prove`](crate::Runner::prove).
    pub(crate) fn proven(
        job: Job,
        workload: Workload,
        done: Done,
        spans: Option<Vec<Span>>,
        ground: ProofInputs,
    ) -> Self {
        assert_eq!(done.rounds.len() as u64, u64::from(job.rounds), "{job:?}");
        for (number, round) in done.rounds.iter().enumerate() {
            let expected = expected(workload, &job, number, ground);
            assert_eq!(round.completed, expected.completed, "{job:?}");
            assert_eq!(round.checksum, expected.checksum.to_string(), "{job:?}");
        }
        let records_spans = spans.is_some();
        let trial = Self { job, workload, done, spans: spans.unwrap_or_default() };
        if records_spans {
            trial.assert_spans_lie_in_their_rounds();
        }
        trial
    }

    fn assert_spans_lie_in_their_rounds(&self) {
        let job = &self.job;
        let spans = self.workload.spans(job.tasks, &job.params);
        assert_eq!(self.spans.len() as u64, spans * u64::from(job.rounds), "{job:?}");
        for (round, spans) in self.done.rounds.iter().zip(self.rounds()) {
            for span in spans {
                assert!(span.length_ns().is_some(), "{job:?}: a task without an end: {span:?}");
                assert!(span.finish_ns <= round.makespan_ns, "{job:?}: {span:?} outlives {round:?}");
            }
        }
    }

    /// Asserts that nothing took less time than was asked for, jitter included.
    pub fn assert_none_early(&self) {
        let job = &self.job;
        assert!(!self.spans.is_empty(), "{job:?}: no spans");
        for spans in self.rounds() {
            for (task, span) in (0..).zip(spans) {
                let (asked, took) = (self.workload.asked_ns(job, task), span.length_ns());
                let asked = asked.expect("a workload that asks for a time");
                assert!(took >= Some(asked), "{job:?}: task {task} took {took:?} of {asked} ns");
            }
        }
    }

    /// Asserts that in each round all tasks were alive at one instant.
    pub fn assert_all_overlap(&self) {
        let job = &self.job;
        assert!(!self.spans.is_empty(), "{job:?}: no spans");
        for spans in self.rounds() {
            let last_start = spans.iter().map(|span| span.start_ns).max();
            let first_finish = spans.iter().map(|span| span.finish_ns).min();
            assert!(last_start <= first_finish, "{job:?}: a task ended before another began: {spans:?}");
        }
    }

    /// Asserts that at least an allocation a task was counted: what the counted twin of a runner is for.
    pub fn assert_allocations_counted(&self) {
        let (job, usage) = (&self.job, self.done.usage);
        assert!(usage.allocations >= Some(job.tasks * u64::from(job.rounds)), "{job:?}: {usage:?}");
    }

    /// The spans of each round.
    fn rounds(&self) -> impl Iterator<Item = &[Span]> {
        let spans = self.workload.spans(self.job.tasks, &self.job.params);
        self.spans.chunks_exact(usize::try_from(spans).expect("spans that fitted in memory"))
    }
}

#[cfg(test)]
mod tests {
    use protocol::{RoundReport, Usage};

    use super::*;

    /// Two tasks that sleep 1 ms side by side in a round of 3 ms, but for what a test changes.
    fn trial(change: impl FnOnce(&mut RoundReport, &mut [Span])) -> Trial {
        let job = Job { rounds: 1, ..crate::job("fake", Workload::Sleep, 2) };
        let sum = expected(Workload::Sleep, &job, 0, ProofInputs::default()).checksum.to_string();
        let mut round = RoundReport { makespan_ns: 3_000_000, completed: 2, checksum: sum };
        let mut spans = [0, 500_000].map(|start_ns| Span { start_ns, finish_ns: start_ns + 1_000_000 });
        change(&mut round, &mut spans);
        let done = Done { rounds: vec![round], usage: Usage::default() };
        Trial::proven(job, Workload::Sleep, done, Some(spans.into()), ProofInputs::default())
    }

    #[test]
    fn an_honest_trial_passes() {
        let trial = trial(|_, _| {});
        trial.assert_none_early();
        trial.assert_all_overlap();
    }

    #[test]
    #[should_panic(expected = "left: 1")]
    fn a_task_that_was_not_joined_is_caught() {
        trial(|round, _| round.completed = 1);
    }

    #[test]
    #[should_panic(expected = "left: \"0\"")]
    fn a_wrong_checksum_is_caught() {
        trial(|round, _| round.checksum = "0".into());
    }

    #[test]
    #[should_panic(expected = "outlives")]
    fn a_span_beyond_its_round_is_caught() {
        trial(|round, _| round.makespan_ns = 1_000_000);
    }

    #[test]
    #[should_panic(expected = "task 1 took Some(999999) of 1000000 ns")]
    fn a_short_sleep_is_caught() {
        trial(|_, spans| spans[1].finish_ns -= 1).assert_none_early();
    }

    #[test]
    #[should_panic(expected = "a task ended before another began")]
    fn tasks_one_after_another_are_caught() {
        trial(|_, spans| spans[1] = Span { start_ns: 1_000_001, finish_ns: 2_500_000 }).assert_all_overlap();
    }
}
