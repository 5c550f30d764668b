//! What disturbs a trial, of all that is seen around it.

use crate::metric::Metric;
use crate::rows::TrialRow;

/// Share of the wall time that may be stolen, and what ticks make uncertain, nanoseconds.
const STEAL_SHARE: f64 = 0.02;
const STEAL_SLACK_NS: f64 = 10e6;
/// Share of the wall time that others may use, and what ticks make uncertain, nanoseconds.
const OTHERS_SHARE: f64 = 0.10;
const OTHERS_SLACK_NS: f64 = 20e6;

/// How much of a signal may be seen around a trial of this wall time, nanoseconds, before it counts as disturbed; `None`
/// where the signal says nothing by itself. The kernel shows these clocks in whole ticks of 10 ms, so that the
/// difference of two readings may be a tick too large. Stolen time is one such difference: without this slack, a trial of
/// 0.3 s is flagged for a tick that was nearly full before it began. The time of others is the difference of two: hence
/// 20 ms. A single period in which nothing could run is as long as many a trial.
pub fn limit(signal: Metric, wall_ns: f64) -> Option<f64> {
    match signal {
        Metric::Steal => Some(STEAL_SHARE * wall_ns + STEAL_SLACK_NS),
        Metric::OtherProcessesCpu => Some(OTHERS_SHARE * wall_ns + OTHERS_SLACK_NS),
        Metric::Throttled => Some(0.0),
        _ => None,
    }
}

/// Whether something outside disturbed a trial, as far as it can be said without others of its cell.
pub fn is_disturbed(trial: &TrialRow) -> bool {
    let wall = Metric::ProcessLifetime.value(trial);
    [Metric::Steal, Metric::OtherProcessesCpu, Metric::Throttled].into_iter().any(|signal| {
        let seen = signal.value(trial).zip(wall.and_then(|wall| limit(signal, wall)));
        seen.is_some_and(|(seen, limit)| seen > limit)
    })
}
