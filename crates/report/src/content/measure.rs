//! The measure by which runtimes are compared on a workload.

use protocol::workload::RATE_PER_SECOND;
use protocol::{Params, Workload};
use results::human;

/// A measure: its metrics, its name, and how it is shown.
#[derive(Debug, Clone, Copy)]
pub struct Measure {
    /// Metrics of `summary.csv` that give it, the first that was measured.
    pub summary: &'static [&'static str],
    /// Metrics of `ratios.csv` that give it. All are costs, so that in every ratio more is worse.
    pub ratios: &'static [&'static str],
    /// What it is, for a title.
    pub name: &'static str,
    /// Shows a value to people.
    pub show: fn(f64) -> String,
    /// Whether a higher value is better.
    pub more_is_better: bool,
    /// Whether the harness takes part in it, so that the harness may be the limit.
    pub with_harness: bool,
}

const MAKESPAN: Measure = Measure {
    summary: &["makespan_ns"],
    ratios: &["makespan_ns"],
    name: "makespan",
    show: human::duration,
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
            Workload::Yield => Self::operation("time a switch"),
            Workload::PingPong | Workload::Brigade => Self::operation("time a hop"),
            Workload::FanIn => Self::operation("time a message"),
            Workload::Skynet => Self::operation("time a task"),
            Workload::Mutex => Self::operation("time a turn with the lock"),
            Workload::Echo if has_fixed_rate => {
                Self::percentile(&["latency_p99_ns"], "latency p99 at a given rate")
            }
            Workload::Echo => Self { with_harness: true, ..Self::rate("requests a second") },
            Workload::FileRead => Self::rate("reads a second"),
            Workload::Mixed => Self::percentile(&["lateness_p99_ns"], "lateness of heartbeats, p99"),
        }
    }

    fn operation(name: &'static str) -> Self {
        let (summary, ratios) = (&["steady_operation_ns", "operation_ns"], &["steady_ns", "operation_ns"]);
        Self { summary, ratios, name, ..MAKESPAN }
    }

    fn rate(name: &'static str) -> Self {
        let (summary, ratios) = (&["operations_per_second"], &["operation_ns"]);
        Self { summary, ratios, name, show: human::number, more_is_better: true, ..MAKESPAN }
    }

    fn percentile(metric: &'static [&'static str], name: &'static str) -> Self {
        Self { summary: metric, ratios: metric, name, ..MAKESPAN }
    }
}
