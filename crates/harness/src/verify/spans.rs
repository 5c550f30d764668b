//! What the spans of a round prove, and what they say.

use std::time::Duration;

use protocol::span::peak_in_flight;
use protocol::workload::{DURATION_NS, JITTER_NS, TIMES};
use protocol::{Quantiles, Span, Workload};
use rustix::time::{ClockId, clock_getres};

use super::evidence::Evidence;
use super::figures::RoundFigures;
use crate::fault::Fault;

/// The least by which any sleep may fall short, whatever the clock claims to resolve: readings pass
/// through floating-point seconds in some runtimes.
const LEAST_TOLERANCE: Duration = Duration::from_micros(1);

/// From this length on, at least two sleeps must be in flight together where they can be; below
/// it, one may be over before the next has begun.
const OVERLAP_FROM: Duration = Duration::from_millis(1);

/// From so many spans on, it is no chance that all are alike.
const MANY: usize = 100;

/// The smallest difference between two readings of the clock that means something here.
pub fn clock_tolerance() -> Duration {
    let resolution = Duration::try_from(clock_getres(ClockId::Monotonic)).unwrap_or_default();
    resolution.max(LEAST_TOLERANCE)
}

/// Checks the spans of a round with this makespan, and fills in what follows from them.
pub(super) fn check(
    evidence: &Evidence,
    spans: &[Span],
    makespan_ns: u64,
    figures: &mut RoundFigures,
) -> Result<(), Fault> {
    let lengths = lengths(spans, makespan_ns)?;
    let peak = peak_in_flight(spans);
    let asked = Asked::of(evidence);
    asked.check(&lengths)?;
    let late = asked.lateness_of_each(&lengths);
    figures.latency = Quantiles::of(lengths);
    figures.lateness = match asked {
        Asked::Nothing => None,
        Asked::Alike(asked_ns) => figures.latency.map(|all| all.map(|ns| ns.saturating_sub(asked_ns))),
        Asked::Each(_) => Quantiles::of(late),
    };
    let finishes = spans.iter().map(|span| span.finish_ns);
    figures.finish_spread_ns = finishes.clone().max().zip(finishes.min()).map(|(last, first)| last - first);
    figures.peak_in_flight = Some(peak);
    check_in_flight(evidence, peak)?;
    check_beats(evidence, spans)?;
    if spans.len() >= MANY && spans.iter().all(|span| *span == spans[0]) {
        return Err(Fault::AllAlike { spans: spans.len() });
    }
    Ok(())
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

/// How long the spans of a job were to take at least.
#[derive(Clone, Copy)]
enum Asked<'a> {
    Nothing,
    /// The same of all. PERF: as a rule it is, and then they are as late in the order of their lengths.
    Alike(u64),
    Each(&'a Evidence<'a>),
}

impl<'a> Asked<'a> {
    fn of(evidence: &'a Evidence<'a>) -> Self {
        let has_jitter = evidence.workload.param(&evidence.job.params, JITTER_NS) > 0;
        match evidence.workload.asked_ns(evidence.job, evidence.ground.seed, 0) {
            None => Self::Nothing,
            Some(_) if has_jitter => Self::Each(evidence),
            Some(asked_ns) => Self::Alike(asked_ns),
        }
    }

    fn of_span(self, span: u64) -> u64 {
        match self {
            Self::Nothing => 0,
            Self::Alike(asked_ns) => asked_ns,
            Self::Each(evidence) => {
                evidence.workload.asked_ns(evidence.job, evidence.ground.seed, span).unwrap_or(0)
            }
        }
    }

    /// Nothing took less time than it was asked to.
    fn check(self, lengths: &[u64]) -> Result<(), Fault> {
        let tolerance = u64::try_from(clock_tolerance().as_nanos()).unwrap_or(u64::MAX);
        for (&length_ns, span) in lengths.iter().zip(0..) {
            let asked_ns = self.of_span(span);
            if length_ns.saturating_add(tolerance) < asked_ns {
                return Err(Fault::WokeEarly { span, length_ns, asked_ns });
            }
        }
        Ok(())
    }

    /// By how much each took more, where they were asked for different times.
    fn lateness_of_each(self, lengths: &[u64]) -> Vec<u64> {
        if !matches!(self, Self::Each(_)) {
            return Vec::new();
        }
        lengths.iter().zip(0..).map(|(&ns, span)| ns.saturating_sub(self.of_span(span))).collect()
    }
}

/// Tasks in flight reached what the workload promises, and were no more than there are workers where each keeps its own.
fn check_in_flight(evidence: &Evidence, peak: u64) -> Result<(), Fault> {
    let job = evidence.job;
    let asked = Duration::from_nanos(evidence.workload.param(&job.params, DURATION_NS));
    let possible = if evidence.blocks_worker { job.workers.into() } else { job.tasks };
    if evidence.blocks_worker && peak > possible {
        return Err(Fault::TooManyInFlight { peak, workers: job.workers });
    }
    let promised = match evidence.workload {
        Workload::Hold => job.tasks,
        Workload::Sleep | Workload::Request if asked >= OVERLAP_FROM => possible.min(job.tasks).min(2),
        _ => 0,
    };
    // The origin sees the crowd of a round as well, whatever the spans say.
    let seen = evidence.most_open.filter(|_| job.tasks >= MANY as u64).map_or(peak, |open| open.min(peak));
    if seen < promised {
        return Err(Fault::InFlight { peak: seen, promised, workload: evidence.workload.name() });
    }
    Ok(())
}

/// A heartbeat's beats come one after another.
fn check_beats(evidence: &Evidence, spans: &[Span]) -> Result<(), Fault> {
    if evidence.workload != Workload::Mixed {
        return Ok(());
    }
    let times = evidence.workload.param(&evidence.job.params, TIMES);
    let times = usize::try_from(times).unwrap_or(usize::MAX).max(1);
    for (task, beats) in spans.chunks(times).enumerate() {
        let overlap = beats.windows(2).position(|pair| pair[1].start_ns < pair[0].finish_ns);
        if let Some(beat) = overlap {
            return Err(Fault::BeatsOverlap { task: task as u64, beat: beat as u64 + 1 });
        }
    }
    Ok(())
}
