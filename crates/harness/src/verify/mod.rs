//! What a trial must prove before it counts.
//!
//! A runner's word is checked against what the harness knows (the seed), saw from outside (time, CPU time, the origin's
//! requests) and was given raw (the spans). What follows from the spans is worked out here as well: a runner never
//! reports a percentile of its own.

mod checksum;
mod evidence;
mod expected;
mod figures;
mod spans;
mod work;

use std::sync::atomic::{AtomicBool, Ordering};

use protocol::Span;

use crate::fault::{Fault, TrialError};
use expected::{expected, expected_count};

pub use evidence::{Evidence, Outside};
pub use figures::RoundFigures;
pub use spans::clock_tolerance;
pub use work::least_cpu;

/// Checks everything that a trial has to prove and works out its figures, round by round. What costs nothing comes first,
/// so that nothing is worked out for a runner that has not even counted its tasks. It ends at once where somebody
/// interrupts: to work out what a large job must come to takes as long as the job took.
///
/// # Errors
/// What it does not prove, or that somebody interrupts.
pub fn verify(evidence: &Evidence, interrupted: &AtomicBool) -> Result<Vec<RoundFigures>, TrialError> {
    check_at_once(evidence)?;
    let a_round = spans_of_a_round(evidence)?;
    (0..evidence.done.rounds.len())
        .map(|round| {
            let spans = evidence.spans.map(|spans| &spans[round * a_round..][..a_round]);
            check_round(evidence, round, spans, interrupted).map_err(|error| match error {
                TrialError::Failed(fault) => Fault::InRound { round, fault: Box::new(fault) }.into(),
                TrialError::Interrupted => error,
            })
        })
        .collect()
}

/// What costs nothing to check.
fn check_at_once(evidence: &Evidence) -> Result<(), Fault> {
    let Evidence { job, done, .. } = evidence;
    if done.rounds.len() != job.rounds as usize {
        return Err(Fault::Rounds { reported: done.rounds.len(), asked: job.rounds });
    }
    let expected = expected_count(evidence.workload, job);
    for (round, report) in done.rounds.iter().enumerate() {
        if report.completed != expected {
            let fault = Box::new(Fault::Completed { completed: report.completed, expected });
            return Err(Fault::InRound { round, fault });
        }
    }
    work::check(evidence)
}

/// How many spans each round has, of which there are as many as the job asks for.
fn spans_of_a_round(evidence: &Evidence) -> Result<usize, Fault> {
    let Evidence { job, done, .. } = evidence;
    let a_round = usize::try_from(evidence.workload.spans(job.tasks, &job.params))
        .map_err(|_| Fault::Spans("more spans than memory has addresses".into()))?;
    if let Some(spans) = evidence.spans
        && spans.len() != a_round * done.rounds.len()
    {
        let (spans, rounds) = (spans.len(), done.rounds.len());
        return Err(Fault::Spans(format!("{spans} spans for {rounds} rounds of {a_round}")));
    }
    Ok(a_round)
}

fn check_round(
    evidence: &Evidence,
    round: usize,
    spans: Option<&[Span]>,
    interrupted: &AtomicBool,
) -> Result<RoundFigures, TrialError> {
    let report = &evidence.done.rounds[round];
    let mut figures = RoundFigures {
        makespan_ns: report.makespan_ns,
        completed: report.completed,
        ..RoundFigures::default()
    };
    if let Some(spans) = spans {
        spans::check(evidence, spans, report.makespan_ns, &mut figures)?;
    }
    let expected = expected(interrupted, evidence.workload, evidence.job, round, evidence.ground)
        .ok_or(TrialError::Interrupted)?;
    if report.checksum == expected.checksum.to_string() {
        return Ok(figures);
    }
    let guess = checksum::guess(evidence, round, interrupted);
    if interrupted.load(Ordering::Relaxed) {
        return Err(TrialError::Interrupted);
    }
    Err(Fault::Checksum { reported: report.checksum.clone(), expected: expected.checksum, guess }.into())
}

#[cfg(test)]
mod tests {
    use protocol::proof::checksum;
    use protocol::{Done, Job, Quantiles, RoundReport, Usage, Workload};

    use super::evidence::SEED;
    use super::*;

    const MS: u64 = 1_000_000;

    fn job(workload: &str, tasks: u64) -> Job {
        Job::new("x", Workload::from_name(workload).unwrap(), tasks)
    }

    /// Judges one round of a runner that reports all tasks done, with these spans; its tasks may keep
    /// their worker to themselves.
    fn judge(
        job: &Job,
        spans: &[(u64, u64)],
        blocks_worker: bool,
        change: impl FnOnce(&mut RoundReport),
    ) -> Result<RoundFigures, String> {
        let mut report = RoundReport {
            makespan_ns: 10 * MS,
            completed: job.tasks,
            checksum: checksum(SEED, job.tasks).to_string(),
        };
        change(&mut report);
        let done = Done { rounds: vec![report], usage: Usage::default() };
        let spans: Vec<Span> =
            spans.iter().map(|&(start_ns, finish_ns)| Span { start_ns, finish_ns }).collect();
        let plain = Evidence::plain(job, &done);
        let has_spans = plain.workload.spans(job.tasks, &job.params) > 0;
        let evidence = Evidence { blocks_worker, spans: has_spans.then_some(&spans), ..plain };
        let judged = verify(&evidence, &AtomicBool::new(false)).map(|mut rounds| rounds.remove(0));
        judged.map_err(|error| {
            let TrialError::Failed(fault) = error else { panic!("nobody interrupts") };
            assert!(fault.remedy().is_some(), "no remedy for: {fault}");
            fault.to_string()
        })
    }

    #[test]
    fn an_honest_round_yields_its_figures() {
        let figures =
            judge(&job("sleep", 3), &[(0, MS), (5, MS + 105), (10, MS + 10)], false, |_| ()).unwrap();
        assert_eq!(figures.peak_in_flight, Some(3));
        assert_eq!(figures.latency.unwrap().max, MS + 100);
        assert_eq!(figures.lateness.unwrap(), Quantiles { p50: 0, p90: 100, p99: 100, p999: 100, max: 100 });
    }

    #[test]
    fn reports_that_do_not_fit_are_caught() {
        let cases: [(_, fn(&mut RoundReport), _); 3] = [
            (3, |report| report.completed = 2, "2 of 3 tasks"),
            (3, |report| report.checksum = "42".into(), "checksum"),
            (1, |report| report.makespan_ns = 12 * MS, "only 11000000 ns passed"),
        ];
        for (tasks, change, words) in cases {
            let error = judge(&job("spawn", tasks), &[], false, change).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn copies_of_one_span_are_caught_and_a_pool_has_no_more_in_flight_than_workers() {
        let copies = vec![(0, MS); 100];
        let alike = judge(&job("sleep", 100), &copies, false, |_| ()).unwrap_err();
        assert!(alike.contains("all 100 spans have the same start"), "{alike}");
        let one_differs = [&copies[1..], &[(0, MS + 1)]].concat();
        assert!(judge(&job("sleep", 100), &one_differs, false, |_| ()).is_ok());
        let crowd = judge(&job("sleep", 2), &[(0, MS), (1, MS + 1)], true, |_| ()).unwrap_err();
        assert!(crowd.contains("2 tasks in flight on 1 workers"), "{crowd}");
    }

    #[test]
    fn spans_that_do_not_fit_are_caught_and_those_that_just_fit_are_not() {
        let one_after_another = &[(0, MS), (MS, 2 * MS)][..];
        for (workload, tasks, spans, blocks_worker, expected) in [
            ("hold", 1, &[(5, 4)][..], false, Err("before it started")),
            ("hold", 1, &[(5, 11 * MS)], false, Err("after the makespan")),
            ("hold", 2, &[(0, 1)], false, Err("1 spans")),
            ("hold", 1, &[(0, 1), (0, 1)], false, Err("2 spans")),
            ("hold", 2, &[(0, 5), (5, 9)], false, Err("1 tasks in flight")),
            ("hold", 2, &[(0, 5), (4, 9)], false, Ok(2)),
            ("sleep", 2, one_after_another, false, Err("1 tasks in flight")),
            // In a pool of one worker they need not overlap.
            ("sleep", 2, one_after_another, true, Ok(1)),
            ("sleep", 2, &[(0, MS), (0, MS - 2000)], false, Err("task 1 woke early")),
            // Within the clock's resolution.
            ("sleep", 2, &[(0, MS), (0, MS - 1)], false, Ok(2)),
        ] {
            match (judge(&job(workload, tasks), spans, blocks_worker, |_| ()), expected) {
                (Ok(figures), Ok(peak)) => assert_eq!(figures.peak_in_flight, Some(peak)),
                (Err(error), Err(words)) => assert!(error.contains(words), "{error}"),
                (judged, _) => panic!("{spans:?}: {judged:?}, not {expected:?}"),
            }
        }
    }
}
