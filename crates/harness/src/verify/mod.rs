//! What a trial must prove before it counts.
//!
//! A runner's word is checked against what the harness knows (the seed), saw (the clock outside) and
//! was given raw (the spans). What follows from the spans is worked out here as well: a runner never
//! reports a percentile of its own.

mod checksum;
mod evidence;
mod expected;

use std::time::Duration;

use protocol::span::peak_in_flight;
use protocol::workload::DURATION_NS;
use protocol::{Quantiles, Span, Workload};
use rustix::time::{ClockId, clock_getres};

use crate::fault::Fault;
use expected::expected;

pub use evidence::Evidence;

/// The least by which any sleep may fall short, whatever the clock claims to resolve: readings pass
/// through floating-point seconds in some runtimes.
const LEAST_TOLERANCE: Duration = Duration::from_micros(1);

/// From this length on, at least two sleeps must be in flight together where they can be; below
/// it, one may be over before the next has begun.
const OVERLAP_FROM: Duration = Duration::from_millis(1);

/// What follows from a round's spans and report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoundFigures {
    /// The runner's own measurement, proven to fit in what was seen.
    pub makespan_ns: u64,
    /// Tasks joined.
    pub completed: u64,
    /// Span lengths; `None` where none are recorded.
    pub latency: Option<Quantiles>,
    /// Span lengths less the time asked for, where the workload asks for one.
    pub lateness: Option<Quantiles>,
    /// From the first span's finish to the last one's.
    pub finish_spread_ns: Option<u64>,
    /// Most spans that overlap at one instant.
    pub peak_in_flight: Option<u64>,
}

/// The smallest difference between two readings of the clock that means something here.
pub fn clock_tolerance() -> Duration {
    let resolution = Duration::try_from(clock_getres(ClockId::Monotonic)).unwrap_or_default();
    resolution.max(LEAST_TOLERANCE)
}

/// Checks everything that a trial has to prove and works out its figures, round by round.
pub fn verify(evidence: &Evidence) -> Result<Vec<RoundFigures>, Fault> {
    let Evidence { job, done, .. } = evidence;
    if done.rounds.len() != job.rounds as usize {
        return Err(Fault::Rounds { reported: done.rounds.len(), asked: job.rounds });
    }
    let makespans_ns = done.rounds.iter().fold(0u64, |sum, round| sum.saturating_add(round.makespan_ns));
    let seen_ns = evidence.seen.as_nanos();
    if u128::from(makespans_ns) > seen_ns {
        return Err(Fault::Makespans { makespans_ns, seen_ns });
    }
    let a_round = usize::try_from(evidence.workload.spans(job.tasks, &job.params))
        .map_err(|_| Fault::Spans("more spans than memory has addresses".into()))?;
    if let Some(spans) = evidence.spans
        && spans.len() != a_round * done.rounds.len()
    {
        let (spans, rounds) = (spans.len(), done.rounds.len());
        return Err(Fault::Spans(format!("{spans} spans for {rounds} rounds of {a_round}")));
    }
    (0..done.rounds.len())
        .map(|round| {
            let spans = evidence.spans.map(|spans| &spans[round * a_round..][..a_round]);
            check_round(evidence, round, spans)
                .map_err(|fault| Fault::InRound { round, fault: Box::new(fault) })
        })
        .collect()
}

fn check_round(evidence: &Evidence, round: usize, spans: Option<&[Span]>) -> Result<RoundFigures, Fault> {
    let job = evidence.job;
    let report = &evidence.done.rounds[round];
    let expected = expected(evidence.workload, job, round, evidence.ground);
    if report.completed != expected.completed {
        return Err(Fault::Completed { completed: report.completed, expected: expected.completed });
    }
    if report.checksum != expected.checksum.to_string() {
        return Err(Fault::Checksum {
            reported: report.checksum.clone(),
            expected: expected.checksum,
            guess: checksum::guess(evidence, round),
        });
    }
    let mut figures = RoundFigures {
        makespan_ns: report.makespan_ns,
        completed: report.completed,
        ..RoundFigures::default()
    };
    if let Some(spans) = spans {
        let lengths = lengths(spans, report.makespan_ns)?;
        let peak = peak_in_flight(spans);
        figures.lateness = lateness(evidence, &lengths)?;
        figures.latency = Quantiles::of(lengths);
        let finishes = spans.iter().map(|span| span.finish_ns);
        figures.finish_spread_ns =
            finishes.clone().max().zip(finishes.min()).map(|(last, first)| last - first);
        figures.peak_in_flight = Some(peak);
        check_in_flight(evidence, peak)?;
    }
    Ok(figures)
}

/// Every span runs forwards and lies within the makespan.
fn lengths(spans: &[Span], makespan_ns: u64) -> Result<Vec<u64>, Fault> {
    let length = |(task, span): (usize, &Span)| match span.length_ns() {
        None => Err(Fault::Backwards { task, span: *span }),
        Some(_) if span.finish_ns > makespan_ns => {
            Err(Fault::AfterMakespan { task, finish_ns: span.finish_ns, makespan_ns })
        }
        Some(length_ns) => Ok(length_ns),
    };
    spans.iter().enumerate().map(length).collect()
}

/// Nothing took less time than it was asked to; by how much it took more.
fn lateness(evidence: &Evidence, lengths: &[u64]) -> Result<Option<Quantiles>, Fault> {
    let job = evidence.job;
    let tolerance = u64::try_from(clock_tolerance().as_nanos()).unwrap_or(u64::MAX);
    let late = lengths
        .iter()
        .zip(0..)
        .filter_map(|(&length_ns, span)| Some((span, length_ns, evidence.workload.asked_ns(job, span)?)))
        .map(|(span, length_ns, asked_ns)| {
            if length_ns.saturating_add(tolerance) < asked_ns {
                return Err(Fault::WokeEarly { span, length_ns, asked_ns });
            }
            Ok(length_ns.saturating_sub(asked_ns))
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Quantiles::of(late))
}

/// Tasks in flight reached what the workload promises.
fn check_in_flight(evidence: &Evidence, peak: u64) -> Result<(), Fault> {
    let job = evidence.job;
    let asked = Duration::from_nanos(evidence.workload.param(&job.params, DURATION_NS));
    let promised = match evidence.workload {
        Workload::Hold => job.tasks,
        Workload::Sleep | Workload::Request if asked >= OVERLAP_FROM => {
            let possible = if evidence.blocks_worker { job.workers.into() } else { job.tasks };
            possible.min(job.tasks).min(2)
        }
        _ => 0,
    };
    if peak < promised {
        return Err(Fault::InFlight { peak, promised, workload: evidence.workload.name() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use protocol::proof::checksum;
    use protocol::{Done, Job, RoundReport, Usage};

    use super::*;

    const MS: u64 = 1_000_000;

    fn job(workload: &str, tasks: u64) -> Job {
        Job::new("x", Workload::from_name(workload).unwrap(), tasks, 7)
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
            checksum: checksum(job.seed, job.tasks).to_string(),
        };
        change(&mut report);
        let done = Done { rounds: vec![report], usage: Usage::default() };
        let spans: Vec<Span> =
            spans.iter().map(|&(start_ns, finish_ns)| Span { start_ns, finish_ns }).collect();
        let plain = Evidence::plain(job, &done);
        let has_spans = plain.workload.spans(job.tasks, &job.params) > 0;
        let evidence = Evidence { blocks_worker, spans: has_spans.then_some(&spans), ..plain };
        let judged = verify(&evidence).map(|mut rounds| rounds.remove(0));
        judged.map_err(|fault| {
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
