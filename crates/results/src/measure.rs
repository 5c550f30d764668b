//! The measure by which runtimes are compared on a workload.

use protocol::workload::RATE_PER_SECOND;
use protocol::{Params, Workload};

use crate::metric::Metric;

/// A measure: its metrics and its name.
#[derive(Debug, Clone, Copy)]
pub struct Measure {
    /// Metrics of `summary.csv` that give it, the first that was measured.
    pub summary: &'static [Metric],
    /// Metrics of `ratios.csv` that give it. All are costs, so that in every ratio more is worse.
    pub ratios: &'static [Metric],
    /// What it is, for a title.
    pub name: &'static str,
    /// Whether a higher value is better.
    pub more_is_better: bool,
    /// Whether the harness takes part in it, so that the harness may be the limit.
    pub with_harness: bool,
}

const MAKESPAN: Measure = Measure {
    summary: &[Metric::Makespan],
    ratios: &[Metric::Makespan],
    name: "makespan",
    more_is_better: false,
    with_harness: false,
};

impl Measure {
    /// The measure of a workload with these parameters.
    pub fn of(workload: Workload, params: &Params) -> Self {
        let has_fixed_rate = workload.param(params, RATE_PER_SECOND) > 0;
        match workload {
            Workload::Sleep | Workload::Spawn | Workload::Hold | Workload::Cpu | Workload::Blocking => {
                MAKESPAN
            }
            Workload::Request => Self { with_harness: true, ..MAKESPAN },
            Workload::Yield => Self::operation("time per switch"),
            Workload::PingPong | Workload::Brigade => Self::operation("time per hop"),
            Workload::FanIn => Self::operation("time per message"),
            Workload::Skynet => Self::operation("time per task"),
            Workload::Mutex => Self::operation("time per turn with the lock"),
            Workload::Echo if has_fixed_rate => Self::percentile(
                &[Metric::LaterLatencyP99, Metric::LatencyP99],
                "p99 latency at a given rate",
            ),
            Workload::Echo => Self { with_harness: true, ..Self::rate("requests per second") },
            Workload::FileRead => Self::rate("reads per second"),
            Workload::Mixed => Self::percentile(
                &[Metric::LaterLatenessP99, Metric::LatenessP99],
                "p99 lateness of heartbeats",
            ),
        }
    }

    /// The metric that gives it in the cold round, and the one that gives it in the later rounds.
    pub fn cold_and_later(&self) -> [Metric; 2] {
        match *self.summary {
            [later, cold] => [cold, later],
            _ => [Metric::Makespan, Metric::LaterMakespan],
        }
    }

    fn operation(name: &'static str) -> Self {
        let (summary, ratios) =
            (&[Metric::LaterOperation, Metric::Operation], &[Metric::LaterMakespan, Metric::Operation]);
        Self { summary, ratios, name, ..MAKESPAN }
    }

    fn rate(name: &'static str) -> Self {
        let (summary, ratios) = (
            &[Metric::LaterOperationsPerSecond, Metric::OperationsPerSecond],
            &[Metric::LaterOperation, Metric::LaterMakespan, Metric::Operation],
        );
        Self { summary, ratios, name, more_is_better: true, ..MAKESPAN }
    }

    fn percentile(metric: &'static [Metric], name: &'static str) -> Self {
        Self { summary: metric, ratios: metric, name, ..MAKESPAN }
    }
}
