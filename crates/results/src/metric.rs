//! The metrics: each with its unit, its pass, and how a trial gives its value.
//!
//! A count *per task* is that of all rounds over tasks × rounds. Memory per task is what the tasks of
//! a `hold` added while all were alive, over their number; it may be negative, since a runtime can
//! give memory back in between.

use protocol::Workload;
use protocol::workload::DURATION_NS;

use crate::rows::trial::{Pass, TrialRow};
use crate::value::named;

/// [`Metric::MemoryPerAddedTask`] subtracts from a cell of `hold` one with so many times fewer tasks.
pub const ADDED_TASKS_FACTOR: u64 = 10;

/// Makes [`Metric`] of a table: `Variant: "name in files", "name in words", "unit", Pass, value of a trial;`. Where a
/// metric had another name once, that of older plans is its `alias`; see [`name_now`](crate::folder::name_now).
macro_rules! metrics {
    ($($(#[$alias:meta])? $variant:ident: $name:literal, $words:literal, $unit:literal, $pass:ident, $value:expr;)+) => {
        named! {
            /// A property of a trial, in the order of `summary.csv`.
            #[allow(missing_docs)]
            pub enum Metric { $($(#[$alias])? $variant = $name,)+ }
        }

        impl Metric {
            /// Its name in words, without the unit: `resident memory per task`, `makespan in later rounds`.
            pub fn words(self) -> String {
                match self { $(Self::$variant => $words,)+ }.into()
            }

            /// Its unit.
            pub fn unit(self) -> &'static str {
                match self { $(Self::$variant => $unit,)+ }
            }

            /// The only pass whose trials give it.
            pub fn pass(self) -> Pass {
                match self { $(Self::$variant => Pass::$pass,)+ }
            }

            /// Its value, where the trial has one.
            pub fn value(self, trial: &TrialRow) -> Option<f64> {
                let value: fn(&TrialRow) -> Option<f64> = match self { $(Self::$variant => $value,)+ };
                value(trial)
            }
        }
    };
}

#[rustfmt::skip]
metrics! {
    Makespan: "makespan_ns", "makespan", "ns", Timed, |s| number(s.makespan_ns);
    #[serde(alias = "steady_makespan_ns")]
    LaterMakespan: "later_makespan_ns", "makespan in later rounds", "ns", Timed, |s| number(s.later_makespan_ns);
    OverheadPerTask: "overhead_per_task_ns", "overhead per task", "ns", Timed, overhead_per_task;
    Operation: "operation_ns", "time per operation", "ns", Timed, |s| a_operation(s, time_of_operations(s));
    #[serde(alias = "steady_operation_ns")]
    LaterOperation: "later_operation_ns", "time per operation in later rounds", "ns", Timed, later_operation;
    OperationsPerSecond: "operations_per_second", "operations per second", "1/s", Timed, |s| Some(1e9 / a_operation(s, time_of_operations(s)).filter(|ns| *ns > 0.0)?);
    LaterOperationsPerSecond: "later_operations_per_second", "operations per second in later rounds", "1/s", Timed, |s| Some(1e9 / later_operation(s).filter(|ns| *ns > 0.0)?);
    CpuPerOperation: "cpu_per_operation_ns", "CPU time per operation", "ns", Timed, |s| Some(a_operation(s, sum(s.cpu_user_ns, s.cpu_system_ns))? / rounds_with_operations(s)?);
    Startup: "startup_ns", "start-up time", "ns", Timed, |s| number(s.startup_ns);
    Total: "total_ns", "total time", "ns", Timed, |s| sum(s.startup_ns, s.makespan_ns);
    ProcessLifetime: "process_lifetime_ns", "process lifetime", "ns", Timed, |s| number(s.process_lifetime_ns);
    GoToDone: "go_to_done_ns", "time from go to done", "ns", Timed, |s| number(s.go_to_done_ns);
    PeakInFlight: "peak_in_flight", "peak tasks in flight", "tasks", Timed, |s| number(s.peak_in_flight);
    LatencyP50: "latency_p50_ns", "p50 latency", "ns", Timed, |s| number(s.latency_p50_ns);
    LatencyP90: "latency_p90_ns", "p90 latency", "ns", Timed, |s| number(s.latency_p90_ns);
    LatencyP99: "latency_p99_ns", "p99 latency", "ns", Timed, |s| number(s.latency_p99_ns);
    LaterLatencyP99: "later_latency_p99_ns", "p99 latency in later rounds", "ns", Timed, |s| number(s.later_latency_p99_ns);
    LatencyP999: "latency_p999_ns", "p99.9 latency", "ns", Timed, |s| number(s.latency_p999_ns);
    LatencyMax: "latency_max_ns", "maximum latency", "ns", Timed, |s| number(s.latency_max_ns);
    LatenessP50: "lateness_p50_ns", "p50 lateness", "ns", Timed, |s| number(s.lateness_p50_ns);
    LatenessP99: "lateness_p99_ns", "p99 lateness", "ns", Timed, |s| number(s.lateness_p99_ns);
    LaterLatenessP99: "later_lateness_p99_ns", "p99 lateness in later rounds", "ns", Timed, |s| number(s.later_lateness_p99_ns);
    LatenessMax: "lateness_max_ns", "maximum lateness", "ns", Timed, |s| number(s.lateness_max_ns);
    FinishSpread: "finish_spread_ns", "spread of finish times", "ns", Timed, |s| number(s.finish_spread_ns);
    CpusBusy: "cpus_busy", "busy CPUs", "CPUs", Timed, cpus_busy;
    CpuPerTask: "cpu_per_task_ns", "CPU time per task", "ns", Timed, |s| per_task(s, sum(s.cpu_user_ns, s.cpu_system_ns));
    SwitchesPerTask: "switches_per_task", "context switches per task", "switches", Timed, |s| per_task(s, sum(s.switches_voluntary, s.switches_involuntary));
    FaultsMinorPerTask: "faults_minor_per_task", "minor page faults per task", "faults", Timed, |s| per_task(s, number(s.faults_minor));
    RssReady: "rss_ready_bytes", "resident memory when ready", "bytes", Timed, |s| number(s.rss_ready_bytes);
    RssPeak: "rss_peak_bytes", "peak resident memory", "bytes", Timed, |s| number(s.rss_peak_bytes);
    VirtualPeak: "virtual_peak_bytes", "peak virtual memory", "bytes", Timed, |s| number(s.virtual_peak_bytes);
    RssGrowth: "rss_growth_bytes", "resident memory growth", "bytes", Timed, |s| growth(s.rss_ready_bytes, s.rss_holding_bytes);
    VirtualGrowth: "virtual_growth_bytes", "virtual memory growth", "bytes", Timed, |s| growth(s.virtual_ready_bytes, s.virtual_holding_bytes);
    KernelGrowth: "kernel_growth_bytes", "kernel memory growth", "bytes", Timed, |s| growth(s.kernel_ready_bytes, s.kernel_holding_bytes);
    FootprintGrowth: "footprint_growth_bytes", "resident plus kernel memory growth", "bytes", Timed, footprint_growth;
    RssPerTask: "rss_per_task_bytes", "resident memory per task", "bytes", Timed, |s| a_task(s, growth(s.rss_ready_bytes, s.rss_holding_bytes));
    VirtualPerTask: "virtual_per_task_bytes", "virtual memory per task", "bytes", Timed, |s| a_task(s, growth(s.virtual_ready_bytes, s.virtual_holding_bytes));
    MemoryPerAddedTask: "memory_per_added_task_bytes", "memory per added task", "bytes", Timed, |_| None; // Of two cells: see `aggregate`.
    ThreadsPeak: "threads_peak", "peak threads", "threads", Timed, |s| number(s.threads_peak);
    AllocationsPerTask: "allocations_per_task", "allocations per task", "calls", Counted, |s| per_task(s, number(s.allocations));
    DeallocationsPerTask: "deallocations_per_task", "deallocations per task", "calls", Counted, |s| per_task(s, number(s.deallocations));
    ReallocationsPerTask: "reallocations_per_task", "reallocations per task", "calls", Counted, |s| per_task(s, number(s.reallocations));
    AllocatedBytesPerTask: "allocated_bytes_per_task", "allocated bytes per task", "bytes", Counted, |s| per_task(s, number(s.allocated_bytes));
    Steal: "steal_ns", "CPU time stolen by the hypervisor", "ns", Timed, |s| number(s.steal_ns);
    OtherProcessesCpu: "other_processes_cpu_ns", "CPU time of other processes", "ns", Timed, |s| number(s.other_processes_cpu_ns);
    CpuKhz: "cpu_khz", "CPU frequency", "kHz", Timed, |s| number(s.cpu_khz);
    Throttled: "throttled_periods", "periods without CPU quota left", "periods", Timed, |s| number(s.throttled_periods);
    SwitchesInvoluntary: "switches_involuntary", "involuntary context switches", "switches", Timed, |s| number(s.switches_involuntary);
    SyscallsPerTask: "syscalls_per_task", "system calls per task", "calls", Traced, |s| per_task(s, number(s.syscalls));
    InstructionsPerTask: "instructions_per_task", "instructions per task", "instructions", Instructions, |s| per_task(s, number(s.instructions));
    CyclesPerTask: "cycles_per_task", "cycles per task", "cycles", Instructions, |s| per_task(s, number(s.cycles));
    CacheMissesPerTask: "cache_misses_per_task", "cache misses per task", "misses", Instructions, |s| per_task(s, number(s.cache_misses));
    BranchMissesPerTask: "branch_misses_per_task", "branch misses per task", "misses", Instructions, |s| per_task(s, number(s.branch_misses));
    // A metric of its own, so that it is never compared with what a processor has counted.
    CallgrindInstructionsPerTask: "callgrind_instructions_per_task", "callgrind instructions per task", "instructions", Instructions, |s| per_task(s, number(s.callgrind_instructions));
}

/// Whether one would rather have less of a metric, or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// A cost: time, memory, calls.
    Less,
    /// A gain.
    More,
    /// Neither: it describes how something was done, or the circumstances.
    Neither,
}

impl Metric {
    /// The metric of that name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.name() == name)
    }

    /// Whether it is about the rounds after the first alone.
    pub fn is_of_later_rounds(self) -> bool {
        self.name().starts_with("later_")
    }

    /// Whether one would rather have less of it, or more.
    pub fn better(self) -> Better {
        match self {
            Self::OperationsPerSecond | Self::LaterOperationsPerSecond => Better::More,
            Self::PeakInFlight
            | Self::CpusBusy
            | Self::Steal
            | Self::OtherProcessesCpu
            | Self::CpuKhz
            | Self::Throttled => Better::Neither,
            _ => Better::Less,
        }
    }
}

impl Metric {
    /// Whether it is the runner's own word, given the workload: nobody else saw it. [`Workload::could_be_made_up`] says how
    /// far that goes.
    pub fn is_own_word(self, workload: Workload) -> bool {
        match self {
            // The lab's clock, `/proc` while the runner stands still, a tracepoint, the processor, and callgrind.
            Self::Startup
            | Self::ProcessLifetime
            | Self::GoToDone
            | Self::RssReady
            | Self::RssPeak
            | Self::VirtualPeak
            | Self::RssGrowth
            | Self::VirtualGrowth
            | Self::KernelGrowth
            | Self::FootprintGrowth
            | Self::RssPerTask
            | Self::VirtualPerTask
            | Self::MemoryPerAddedTask
            | Self::ThreadsPeak
            | Self::Steal
            | Self::OtherProcessesCpu
            | Self::CpuKhz
            | Self::Throttled
            | Self::SyscallsPerTask
            | Self::InstructionsPerTask
            | Self::CyclesPerTask
            | Self::CacheMissesPerTask
            | Self::BranchMissesPerTask
            | Self::CallgrindInstructionsPerTask => false,
            // Of `echo`, the load's.
            Self::Operation
            | Self::LaterOperation
            | Self::OperationsPerSecond
            | Self::LaterOperationsPerSecond
            | Self::LatencyP50
            | Self::LatencyP90
            | Self::LatencyP99
            | Self::LaterLatencyP99
            | Self::LatencyP999
            | Self::LatencyMax
            | Self::LatenessP50
            | Self::LatenessP99
            | Self::LaterLatenessP99
            | Self::LatenessMax => !workload.serves(),
            _ => true,
        }
    }
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

/// An operation in the rounds after round 0; of `echo` while there was a load.
fn later_operation(sample: &TrialRow) -> Option<f64> {
    if sample.load_duration_ns.is_none() {
        return a_operation(sample, number(sample.later_makespan_ns));
    }
    let operations = number(sample.later_operations).filter(|operations| *operations > 0.0)?;
    Some(number(sample.later_load_duration_ns)? / operations)
}

/// The time into which the operations of round 0 fell: `echo` serves only while there is a load.
fn time_of_operations(sample: &TrialRow) -> Option<f64> {
    number(sample.load_duration_ns.or(sample.makespan_ns))
}

/// Rounds whose operations are known to be as many as those of round 0: in `echo` each round has its
/// own, so that only a trial of one round shows what one costs. A row of a stranger may have none.
fn rounds_with_operations(sample: &TrialRow) -> Option<f64> {
    let is_known = sample.rounds == 1 || (sample.rounds > 1 && sample.load_duration_ns.is_none());
    is_known.then_some(f64::from(sample.rounds))
}

/// CPU time over the time in which it was used: how many CPUs really worked at a time. CPU time is that of all rounds;
/// of several only the harness knows how long they took together.
fn cpus_busy(sample: &TrialRow) -> Option<f64> {
    let time = if sample.rounds == 1 { sample.makespan_ns } else { sample.go_to_done_ns };
    Some(sum(sample.cpu_user_ns, sample.cpu_system_ns)? / number(time).filter(|ns| *ns > 0.0)?)
}

/// What was added between `ready` and `holding`.
fn growth(ready: Option<u64>, holding: Option<u64>) -> Option<f64> {
    Some(number(holding)? - number(ready)?)
}

/// What was added to resident memory and to the kernel's. The kernel's is known for the whole machine alone: where it fell,
/// others have given some back, and the tasks took none that can be seen.
fn footprint_growth(sample: &TrialRow) -> Option<f64> {
    let resident = growth(sample.rss_ready_bytes, sample.rss_holding_bytes)?;
    let kernel = growth(sample.kernel_ready_bytes, sample.kernel_holding_bytes)?;
    Some(resident + kernel.max(0.0))
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

    #[test]
    fn no_two_metrics_share_a_name() {
        let names: std::collections::HashSet<_> = Metric::NAMES.into();
        assert_eq!(names.len(), Metric::ALL.len());
        let words: std::collections::HashSet<_> = Metric::ALL.map(Metric::words).into();
        assert_eq!(words.len(), Metric::ALL.len());
    }

    #[test]
    fn a_metric_in_words_lacks_its_unit_and_is_that_of_later_rounds_where_its_name_says_so() {
        for metric in Metric::ALL {
            let (name, words) = (metric.name(), metric.words());
            assert!(!words.contains('_') && !words.ends_with(" ns"), "{name}: {words}");
            assert_eq!(name.starts_with("later_"), words.ends_with(" in later rounds"), "{name}: {words}");
            assert_eq!(name.contains("_per_task"), words.ends_with(" per task"), "{name}: {words}");
        }
        assert_eq!(Metric::RssPerTask.words(), "resident memory per task");
        assert_eq!(Metric::LaterMakespan.words(), "makespan in later rounds");
    }

    #[test]
    fn a_metric_is_a_cost_unless_it_is_known_to_be_something_else() {
        assert_eq!(Metric::Makespan.better(), Better::Less);
        assert_eq!(Metric::OperationsPerSecond.better(), Better::More);
        for neither in ["peak_in_flight", "cpus_busy", "steal_ns", "other_processes_cpu_ns", "cpu_khz"] {
            assert_eq!(Metric::find(neither).unwrap().better(), Better::Neither, "{neither}");
        }
    }

    #[test]
    fn memory_that_others_give_back_to_the_kernel_is_not_taken_off_the_tasks() {
        let of = |kernel_holding| TrialRow {
            rss_ready_bytes: Some(100),
            rss_holding_bytes: Some(400),
            kernel_ready_bytes: Some(1000),
            kernel_holding_bytes: kernel_holding,
            ..sample()
        };
        let values = [Some(1020), Some(200), None].map(|kernel| Metric::FootprintGrowth.value(&of(kernel)));
        assert_eq!(values, [Some(320.0), Some(300.0), None]);
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
            instructions: Some(8000),
            callgrind_instructions: Some(8400),
            ..sample()
        };
        assert_eq!(Metric::CpuPerTask.value(&sample), Some(2.0));
        assert_eq!(Metric::SwitchesPerTask.value(&sample), Some(3.0));
        assert_eq!(Metric::FaultsMinorPerTask.value(&sample), Some(0.75));
        assert_eq!(Metric::AllocationsPerTask.value(&sample), Some(1.25));
        assert_eq!(Metric::SyscallsPerTask.value(&sample), Some(2.25));
        assert_eq!(Metric::InstructionsPerTask.value(&sample), Some(200.0));
        assert_eq!(Metric::CallgrindInstructionsPerTask.value(&sample), Some(210.0));
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
        assert_eq!(Metric::RssPerTask.value(&sample), Some(-10.0));
        assert_eq!(Metric::VirtualPerTask.value(&sample), Some(500.0));
    }

    #[test]
    fn overhead_is_what_a_round_takes_beyond_the_one_wait_that_was_asked_for() {
        let slept = TrialRow { makespan_ns: Some(1_500_000), ..sample() };
        assert_eq!(Metric::OverheadPerTask.value(&slept), Some(50_000.0));
        let computed = TrialRow { workload: "cpu".into(), ..slept };
        assert_eq!(Metric::OverheadPerTask.value(&computed), None);
    }

    #[test]
    fn the_total_is_startup_and_makespan() {
        let sample = TrialRow { startup_ns: Some(5), makespan_ns: Some(7), ..sample() };
        assert_eq!(Metric::Total.value(&sample), Some(12.0));
    }

    #[test]
    fn what_was_not_measured_has_no_value() {
        let empty = TrialRow { makespan_ns: None, ..sample() };
        assert!(Metric::ALL.iter().all(|metric| metric.value(&empty).is_none()));
    }

    #[test]
    fn no_input_overflows_or_divides_by_zero() {
        let all = Some(u64::MAX);
        let huge = TrialRow { startup_ns: all, makespan_ns: all, cpu_user_ns: all, ..sample() };
        assert_eq!(Metric::Total.value(&huge), Some(2.0 * u64::MAX as f64));
        let none = TrialRow { tasks: 0, cpu_system_ns: all, ..huge };
        assert_eq!(Metric::CpuPerTask.value(&none), None);
    }
}
