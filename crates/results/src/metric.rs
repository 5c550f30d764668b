//! The metrics: each with its unit, its pass, and how a trial gives its value.
//!
//! A count *per task* is that of all rounds over tasks × rounds. Memory per task is what the tasks of
//! a `hold` added while all were alive, over their number; it may be negative, since a runtime can
//! give memory back in between.

use crate::rows::{Pass, TrialRow};
use protocol::Workload;
use protocol::workload::DURATION_NS;

/// A property of a trial.
#[derive(Debug)]
pub struct Metric {
    /// Its name in the files.
    pub name: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// The only pass whose trials give it.
    pub pass: Pass,
    /// Its value, where the trial has one.
    pub value: fn(&TrialRow) -> Option<f64>,
}

/// Whether one would rather have less of a metric, or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// A cost: time, memory, calls.
    Less,
    /// A gain.
    More,
    /// It tells how something was done, or around what, and neither is to be had for its own sake.
    Neither,
}

/// All metrics, in the order of `summary.csv`.
#[rustfmt::skip]
pub static METRICS: [Metric; 44] = [
    timed("makespan_ns", "ns", |s| number(s.makespan_ns)),
    timed("steady_ns", "ns", |s| number(s.steady_ns)),
    timed("overhead_per_task_ns", "ns", overhead_per_task),
    timed("operation_ns", "ns", |s| a_operation(s, time_of_operations(s))),
    timed("steady_operation_ns", "ns", |s| a_operation(s, number(s.steady_ns).filter(|_| s.load_ns.is_none()))),
    timed("operations_per_second", "1/s", |s| Some(1e9 / a_operation(s, time_of_operations(s)).filter(|ns| *ns > 0.0)?)),
    timed("cpu_per_operation_ns", "ns", |s| Some(a_operation(s, sum(s.cpu_user_ns, s.cpu_system_ns))? / rounds_with_operations(s)?)),
    timed("startup_ns", "ns", |s| number(s.startup_ns)),
    timed("total_ns", "ns", |s| sum(s.startup_ns, s.makespan_ns)),
    timed("wall_ns", "ns", |s| number(s.wall_ns)),
    timed("observed_ns", "ns", |s| number(s.observed_ns)),
    timed("peak_in_flight", "tasks", |s| number(s.peak_in_flight)),
    timed("latency_p50_ns", "ns", |s| number(s.latency_p50_ns)),
    timed("latency_p90_ns", "ns", |s| number(s.latency_p90_ns)),
    timed("latency_p99_ns", "ns", |s| number(s.latency_p99_ns)),
    timed("latency_p999_ns", "ns", |s| number(s.latency_p999_ns)),
    timed("latency_max_ns", "ns", |s| number(s.latency_max_ns)),
    timed("lateness_p50_ns", "ns", |s| number(s.lateness_p50_ns)),
    timed("lateness_p99_ns", "ns", |s| number(s.lateness_p99_ns)),
    timed("lateness_max_ns", "ns", |s| number(s.lateness_max_ns)),
    timed("finish_spread_ns", "ns", |s| number(s.finish_spread_ns)),
    timed("cpus_busy", "CPUs", cpus_busy),
    timed("cpu_per_task_ns", "ns", |s| per_task(s, sum(s.cpu_user_ns, s.cpu_system_ns))),
    timed("switches_per_task", "switches", |s| per_task(s, sum(s.switches_voluntary, s.switches_involuntary))),
    timed("faults_minor_per_task", "faults", |s| per_task(s, number(s.faults_minor))),
    timed("rss_ready_bytes", "bytes", |s| number(s.rss_ready_bytes)),
    timed("rss_peak_bytes", "bytes", |s| number(s.rss_peak_bytes)),
    timed("virtual_peak_bytes", "bytes", |s| number(s.virtual_peak_bytes)),
    timed("rss_growth_bytes", "bytes", |s| growth(s.rss_ready_bytes, s.rss_holding_bytes)),
    timed("virtual_growth_bytes", "bytes", |s| growth(s.virtual_ready_bytes, s.virtual_holding_bytes)),
    timed("kernel_growth_bytes", "bytes", |s| growth(s.kernel_ready_bytes, s.kernel_holding_bytes)),
    timed("footprint_growth_bytes", "bytes", footprint_growth),
    timed("rss_per_task_bytes", "bytes", |s| a_task(s, growth(s.rss_ready_bytes, s.rss_holding_bytes))),
    timed("virtual_per_task_bytes", "bytes", |s| a_task(s, growth(s.virtual_ready_bytes, s.virtual_holding_bytes))),
    timed("threads_peak", "threads", |s| number(s.threads_peak)),
    counted("allocations_per_task", "calls", |s| per_task(s, number(s.allocations))),
    counted("deallocations_per_task", "calls", |s| per_task(s, number(s.deallocations))),
    counted("reallocations_per_task", "calls", |s| per_task(s, number(s.reallocations))),
    counted("allocated_bytes_per_task", "bytes", |s| per_task(s, number(s.allocated_bytes))),
    timed("steal_ns", "ns", |s| number(s.steal_ns)),
    timed("others_ns", "ns", |s| number(s.others_ns)),
    timed("cpu_khz", "kHz", |s| number(s.cpu_khz)),
    timed("switches_involuntary", "switches", |s| number(s.switches_involuntary)),
    Metric { name: "syscalls_per_task", unit: "calls", pass: Pass::Traced, value: |s| per_task(s, number(s.syscalls)) },
];

impl Metric {
    /// Its name in words, without the unit: `overhead per task`.
    pub fn words(&self) -> String {
        let name = ["_ns", "_bytes", "_khz"].iter().find_map(|unit| self.name.strip_suffix(unit));
        name.unwrap_or(self.name).replace('_', " ")
    }

    /// Whether one would rather have less of it, or more.
    pub fn better(&self) -> Better {
        match self.name {
            "operations_per_second" => Better::More,
            "peak_in_flight" | "cpus_busy" | "steal_ns" | "others_ns" | "cpu_khz" => Better::Neither,
            _ => Better::Less,
        }
    }
}

/// The metric of that name.
pub fn find(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}

const fn timed(name: &'static str, unit: &'static str, value: fn(&TrialRow) -> Option<f64>) -> Metric {
    Metric { name, unit, pass: Pass::Timed, value }
}

const fn counted(name: &'static str, unit: &'static str, value: fn(&TrialRow) -> Option<f64>) -> Metric {
    Metric { name, unit, pass: Pass::Counted, value }
}

fn number(count: Option<u64>) -> Option<f64> {
    count.map(|count| count as f64)
}

// Added as floats, so that no input can overflow.
fn sum(a: Option<u64>, b: Option<u64>) -> Option<f64> {
    Some(number(a)? + number(b)?)
}

/// Over the tasks of all rounds; nothing where there were none.
fn per_task(sample: &TrialRow, count: Option<f64>) -> Option<f64> {
    let tasks = sample.tasks as f64 * f64::from(sample.rounds);
    if tasks > 0.0 { Some(count? / tasks) } else { None }
}

/// Over the operations of a round.
fn a_operation(sample: &TrialRow, amount: Option<f64>) -> Option<f64> {
    let operations = number(sample.operations).filter(|operations| *operations > 0.0)?;
    Some(amount? / operations)
}

/// The time into which the operations of round 0 fell: `echo` serves only while there is a load.
fn time_of_operations(sample: &TrialRow) -> Option<f64> {
    number(sample.load_ns.or(sample.makespan_ns))
}

/// Rounds whose operations are known to be as many as those of round 0: in `echo` each round has its
/// own, so that only a trial of one round tells what one costs.
fn rounds_with_operations(sample: &TrialRow) -> Option<f64> {
    if sample.load_ns.is_some() && sample.rounds > 1 { None } else { Some(f64::from(sample.rounds)) }
}

/// CPU time over makespan: how many CPUs really worked at a time. Only of trials of one round, since
/// CPU time is that of all rounds.
fn cpus_busy(sample: &TrialRow) -> Option<f64> {
    let makespan = number(sample.makespan_ns).filter(|ns| *ns > 0.0 && sample.rounds == 1)?;
    Some(sum(sample.cpu_user_ns, sample.cpu_system_ns)? / makespan)
}

/// What was added between `ready` and `holding`.
fn growth(ready: Option<u64>, holding: Option<u64>) -> Option<f64> {
    Some(number(holding)? - number(ready)?)
}

/// What was added to resident memory and to the kernel's.
fn footprint_growth(sample: &TrialRow) -> Option<f64> {
    let resident = growth(sample.rss_ready_bytes, sample.rss_holding_bytes)?;
    Some(resident + growth(sample.kernel_ready_bytes, sample.kernel_holding_bytes)?)
}

/// Over the tasks of one round.
fn a_task(sample: &TrialRow, amount: Option<f64>) -> Option<f64> {
    if sample.tasks > 0 { Some(amount? / sample.tasks as f64) } else { None }
}

/// What round 0 took beyond the one wait that its tasks were to do side by side, over the tasks.
fn overhead_per_task(sample: &TrialRow) -> Option<f64> {
    if ![Workload::Sleep.name(), Workload::Request.name()].contains(&sample.workload.as_str()) {
        return None;
    }
    let asked = sample.params.split(';').find_map(|param| param.strip_prefix(DURATION_NS)?.strip_prefix('='));
    let asked: f64 = asked?.parse().ok()?;
    a_task(sample, Some(number(sample.makespan_ns)? - asked))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A trial of ten tasks in which nothing was measured.
    fn sample() -> TrialRow {
        TrialRow {
            workload: "sleep".into(),
            params: "duration_ns=1000000;jitter_ns=0".into(),
            tasks: 10,
            rounds: 1,
            ..TrialRow::default()
        }
    }

    fn value(name: &str, sample: &TrialRow) -> Option<f64> {
        (find(name).unwrap().value)(sample)
    }

    #[test]
    fn no_two_metrics_share_a_name() {
        let names: std::collections::HashSet<_> = METRICS.iter().map(|metric| metric.name).collect();
        assert_eq!(names.len(), METRICS.len());
    }

    #[test]
    fn a_metric_is_told_in_words_without_its_unit() {
        let words = |name| find(name).unwrap().words();
        assert_eq!(words("overhead_per_task_ns"), "overhead per task");
        assert_eq!(words("rss_growth_bytes"), "rss growth");
        assert_eq!(words("peak_in_flight"), "peak in flight");
    }

    #[test]
    fn a_metric_is_a_cost_unless_it_is_known_to_be_something_else() {
        let better = |name| find(name).unwrap().better();
        assert_eq!(better("makespan_ns"), Better::Less);
        assert_eq!(better("operations_per_second"), Better::More);
        for name in ["peak_in_flight", "cpus_busy", "steal_ns", "others_ns", "cpu_khz"] {
            assert_eq!(better(name), Better::Neither, "{name}");
        }
    }

    #[test]
    fn counts_per_task_are_over_the_tasks_of_all_rounds() {
        let sample = TrialRow {
            tasks: 10,
            rounds: 4,
            cpu_user_ns: Some(60),
            cpu_system_ns: Some(20),
            switches_voluntary: Some(100),
            switches_involuntary: Some(20),
            faults_minor: Some(30),
            allocations: Some(50),
            syscalls: Some(90),
            ..sample()
        };
        assert_eq!(value("cpu_per_task_ns", &sample), Some(2.0));
        assert_eq!(value("switches_per_task", &sample), Some(3.0));
        assert_eq!(value("faults_minor_per_task", &sample), Some(0.75));
        assert_eq!(value("allocations_per_task", &sample), Some(1.25));
        assert_eq!(value("syscalls_per_task", &sample), Some(2.25));
    }

    #[test]
    fn memory_per_task_is_over_the_tasks_of_one_round_and_may_be_negative() {
        let sample = TrialRow {
            tasks: 10,
            rounds: 4,
            rss_ready_bytes: Some(1000),
            rss_holding_bytes: Some(900),
            virtual_ready_bytes: Some(0),
            virtual_holding_bytes: Some(5000),
            ..sample()
        };
        assert_eq!(value("rss_per_task_bytes", &sample), Some(-10.0));
        assert_eq!(value("virtual_per_task_bytes", &sample), Some(500.0));
    }

    #[test]
    fn overhead_is_what_a_round_takes_beyond_the_one_wait_that_was_asked_for() {
        let slept = TrialRow { makespan_ns: Some(1_500_000), ..sample() };
        assert_eq!(value("overhead_per_task_ns", &slept), Some(50_000.0));
        let computed = TrialRow { workload: "cpu".into(), ..slept };
        assert_eq!(value("overhead_per_task_ns", &computed), None);
    }

    #[test]
    fn the_total_is_startup_and_makespan() {
        let sample = TrialRow { startup_ns: Some(5), makespan_ns: Some(7), ..sample() };
        assert_eq!(value("total_ns", &sample), Some(12.0));
    }

    #[test]
    fn what_was_not_measured_has_no_value() {
        let empty = TrialRow { makespan_ns: None, ..sample() };
        assert!(METRICS.iter().all(|metric| (metric.value)(&empty).is_none()));
    }

    #[test]
    fn no_input_overflows_or_divides_by_zero() {
        let all = Some(u64::MAX);
        let huge = TrialRow { startup_ns: all, makespan_ns: all, cpu_user_ns: all, ..sample() };
        assert_eq!(value("total_ns", &huge), Some(2.0 * u64::MAX as f64));
        let none = TrialRow { tasks: 0, cpu_system_ns: all, ..huge };
        assert_eq!(value("cpu_per_task_ns", &none), None);
    }
}
