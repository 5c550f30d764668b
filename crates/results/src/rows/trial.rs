//! `trials.csv`: one row per trial.
//!
//! Integer nanoseconds and bytes; what was not measured is `None`, an empty field, never 0.
//!
//! What is true of every trial that counts, by how it was measured or because it had to prove it, is held against each row
//! that is read, whoever wrote it.

use protocol::proof::skynet_nodes;
use protocol::workload::BURNERS;
use protocol::{Params, Status, Workload};
use serde::{Deserialize, Serialize};

use crate::folder;
use crate::table::{at_most, rows};
use crate::value::named;

named! {
    /// Why a trial ran. Only `timed` trials reach a timing summary.
    #[derive(Default)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    pub enum Pass {
        /// Nothing attached.
        #[default]
        Timed = "timed",
        /// `stats_alloc` is the global allocator.
        Counted = "counted",
        /// System calls are counted through a tracepoint.
        Traced = "traced",
        /// Instructions are counted, by the processor or by callgrind.
        Instructions = "instructions",
    }
}

rows! {
    /// One trial.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Sample"))]
    pub struct TrialRow in folder::TRIALS;
    row: "trial";
    key: [cell, block, pass, process], checked by check;
    experiment: String, [], "the experiment file's name";
    cell: String, [], "experiment, workload, parameters and runtime: unique in a run";
    group: String, [], "the cell without its runtime: cells of one group may be compared";
    block: u32, [], "number of the block, a seeded random order of the cells; 0 is burn-in and in no timing summary";
    position: u32, [], "place of the trial in its block";
    pass: Pass, [], "why it ran: `timed`, `counted`, `traced`, `instructions`";
    process: u32, [else 0], "number of the process, where a cell has several in a block; their median is the block's value";
    runtime: String, [], "the runtime, under the label that the experiment gave it";
    runtime_version: String, [empty when "the runner could not be asked"],
        "the runner's description; Rust runners take it from Cargo.lock";
    language: String, [empty when "the runner could not be asked"], "the runner's description";
    workload: String, [], "what the tasks did; docs/workloads.md has a section on each";
    tasks: u64, ["tasks"], "tasks per round";
    workers: u32, ["threads"], "worker threads asked for";
    rounds: u32, ["rounds"], "rounds asked for; passes other than `timed` run one";
    params: String, [empty when "the cell has none"],
        "every parameter, defaults included: `name=value;name=value`";
    status: Status, [],
        "`ok`, `unavailable`, `unsupported`, `wrong`, `crashed`, `timeout`, `protocol-error`; `lab-error` where the lab or the machine stood in its way: it counts nowhere, and `--resume` runs the trial again";
    reason: String, [empty when "status `ok`"], "why the status is not `ok`";
    process_lifetime_ns: Option<u64>, ["ns"; empty when "it did not end by itself"],
        "harness: from before the process starts until it is reaped";
    startup_ns: Option<u64>, ["ns"; empty when "not `ok`"],
        "harness: from before the process starts until `ready`";
    makespan_ns: Option<u64>, ["ns"; empty when "not `ok`"],
        "runner's clock: round 0, the cold one, from before the first task starts until the last is joined; \
         checked against the time that the harness measured";
    go_to_done_ns: Option<u64>, ["ns"; empty when "not `ok`"],
        "harness: from the first `go` until `done`, all rounds and the wire; the \
        calibration compares the makespans with it";
    later_makespan_ns: Option<u64>, ["ns"; empty when "one round"],
        "median makespan of the rounds after round 0";
    completed: Option<u64>, ["tasks"; empty when "not `ok`"],
        "tasks joined in round 0; in `skynet` all nodes, in `mixed` the burners as well";
    operations: Option<u64>, [empty when "not `ok`"],
        "operations per round, the unit of the workload's cost: switches, hops, messages, nodes, turns with \
         the lock, pipes crossed, requests, reads, beats, otherwise tasks. In `echo` the requests answered \
         in round 0, as the load counted them";
    load_duration_ns: Option<u64>, ["ns"; empty when "workload is not `echo`"],
        "harness: how long the load of round 0 lasted, first message to last answer; the makespan includes \
         connecting";
    peak_in_flight: Option<u64>, ["tasks"; empty when "no spans (`spawn`)"],
        "largest number of spans of round 0 that overlap at one instant";
    latency_p50_ns, latency_p90_ns, latency_p99_ns, latency_p999_ns, latency_max_ns: Option<u64>, ["ns"; empty when "no spans"],
        "lengths of the spans of round 0, by nearest rank; in `echo` the harness's own: from \
        when each message was due (open loop) or sent (closed loop) until all of it was back";
    lateness_p50_ns, lateness_p99_ns, lateness_max_ns: Option<u64>, ["ns"; empty when "the workload asks for no time"],
        "span length minus the time asked for (`sleep`, `request`, `mixed`, `blocking`), round 0";
    finish_spread_ns: Option<u64>, ["ns"; empty when "no spans"],
        "from the first task's finish to the last one's, round 0";
    cpu_user_ns, cpu_system_ns: Option<u64>, ["ns"; empty when "the runner does not report it"],
        "`getrusage` in the runner, all rounds, from the first `go` to the last join, including ended \
         threads. The kernel splits user and system time by sampling: trust their sum";
    rss_ready_bytes: Option<u64>, ["bytes"; empty when "not `ok`"],
        "`VmRSS` at `ready` (before Linux 6.17 `smaps_rollup`)";
    rss_holding_bytes: Option<u64>, ["bytes"; empty when "workload is not `hold`"],
        "`VmRSS` at `holding` (before Linux 6.17 `smaps_rollup`)";
    rss_peak_bytes: Option<u64>, ["bytes"; empty when "not `ok`"],
        "`VmHWM` at `done`, or the value at a checkpoint, if larger";
    virtual_ready_bytes: Option<u64>, ["bytes"; empty when "not `ok`"], "`VmSize` at `ready`";
    virtual_holding_bytes: Option<u64>, ["bytes"; empty when "workload is not `hold`"],
        "`VmSize` at `holding`";
    virtual_peak_bytes: Option<u64>, ["bytes"; empty when "not `ok`"], "`VmPeak` at `done`";
    kernel_ready_bytes, kernel_holding_bytes: Option<u64>, ["bytes"; empty when "workload is not `hold`, or the kernel does not report it"],
        "`/proc/meminfo`: `KernelStack` + `PageTables` + `SUnreclaim` of the whole machine at `ready`, at \
         `holding`; only their difference is meaningful";
    threads_peak: Option<u64>, ["threads"; empty when "workload is not `hold`"],
        "threads alive at `holding`, which is the peak";
    switches_voluntary, switches_involuntary: Option<u64>, ["switches"; empty when "the runner does not report it"],
        "`getrusage`, as for CPU time";
    faults_minor, faults_major: Option<u64>, ["faults"; empty when "the runner does not report it"],
        "`getrusage`, as for CPU time";
    syscalls: Option<u64>, ["calls"; empty when "pass is not `traced`"],
        "tracepoint `raw_syscalls:sys_enter` on the process and all it starts, between \
        `ready` and `done`; five to seven of them are the runner's own (reading `go`, two \
        `getrusage`, writing `done`)";
    allocations, deallocations, reallocations: Option<u64>, ["calls"; empty when "pass is not `counted`"],
        "stats_alloc as the global allocator, from the first `go` to the last join";
    allocated_bytes: Option<u64>, ["bytes"; empty when "pass is not `counted`"],
        "stats_alloc: bytes asked for, including growth by reallocation";
    steal_ns: Option<u64>, ["ns"; empty when "the kernel does not report it"],
        "`/proc/stat`, whole machine, while the trial ran; in steps of a clock tick (10 ms)";
    other_processes_cpu_ns: Option<u64>, ["ns"; empty when "the kernel does not report it"],
        "`/proc/stat` minus `/proc/self/stat`: CPU time of all processes except the lab and this trial, \
         while the trial ran; in steps of a clock tick";
    cpu_khz: Option<u64>, ["kHz"; empty when "the machine does not report it, as most virtual machines"],
        "`scaling_cur_freq`: mean of all CPUs right after the trial";
    started_at: String, [time], "the system clock, RFC 3339, UTC";
    later_operations: Option<u64>, [empty when "workload is not `echo`, or one round"],
        "requests answered in all rounds after round 0";
    later_load_duration_ns: Option<u64>, ["ns"; empty when "workload is not `echo`, or one round"],
        "as `load_duration_ns`, the sum of the rounds after round 0";
    later_latency_p99_ns, later_lateness_p99_ns: Option<u64>, ["ns"; empty when "one round, or as for round 0"],
        "as `latency_p99_ns` and `lateness_p99_ns`, the median of the rounds after round 0";
    throttled_periods: Option<u64>, ["periods"; empty when "no control group of the lab counts them"],
        "`nr_throttled` of `cpu.stat`: periods in which the control group, or one above it, had used up its quota of \
         CPU time, while the trial ran";
    instructions: Option<u64>, ["instructions"; empty when "pass is not `instructions`, the machine has no counter of it, or \
        the counter was taken from the trial for a while"],
        "hardware counter of the processor, in user space alone, on the process and all it starts, between `ready` and \
        `done`; about ten thousand of them are the runner's own (reading `go`, the clocks, writing `done`)";
    cycles: Option<u64>, ["cycles"; empty when "as for `instructions`"],
        "as `instructions`: cycles of the processor in user space";
    cache_misses, branch_misses: Option<u64>, ["misses"; empty when "as for `instructions`"],
        "as `instructions`: what the processor's own event of that name counts, in user space; it differs by processor";
    callgrind_instructions: Option<u64>, ["instructions"; empty when "pass is not `instructions`, or the processor counts them"],
        "as `instructions`, but counted by valgrind's callgrind, under which the runner runs about fifty times slower. Never \
        to be compared with `instructions`. What else such a row says of time and memory is that of the emulation";
    checksum: Option<u32>, [empty when "the row is of no run, or of one that is older than checksums"],
        "CRC-32 of the plan's `id`, the names of the columns before this one and the cells before it, a newline after each";
}

/// Checks a row. Nothing is asked of a trial that does not count, nor of what was not measured.
fn check(row: &TrialRow) -> Result<(), String> {
    if row.status != Status::Ok {
        return Ok(());
    }
    let pairs = of_times(row).into_iter().chain(of_latencies(row)).chain(of_memory(row));
    for (less, more) in pairs {
        at_most(less, more)?;
    }
    Workload::from_name(&row.workload).map_or(Ok(()), |workload| check_work(row, workload))
}

/// A column and its value.
type Number = (&'static str, Option<u64>);

/// The harness's clock runs from the start of the process until its end; the makespan lies between `go` and `done`.
fn of_times(row: &TrialRow) -> [(Number, Number); 5] {
    let lifetime = ("process_lifetime_ns", row.process_lifetime_ns);
    let seen = ("go_to_done_ns", row.go_to_done_ns);
    [
        (("makespan_ns", row.makespan_ns), seen),
        (("later_makespan_ns", row.later_makespan_ns), seen),
        (("startup_ns", row.startup_ns), lifetime),
        (seen, lifetime),
        (("finish_spread_ns", row.finish_spread_ns), ("makespan_ns", row.makespan_ns)),
    ]
}

/// Percentiles ascend.
fn of_latencies(row: &TrialRow) -> [(Number, Number); 6] {
    let p90 = ("latency_p90_ns", row.latency_p90_ns);
    let p99 = ("latency_p99_ns", row.latency_p99_ns);
    let p999 = ("latency_p999_ns", row.latency_p999_ns);
    let late = ("lateness_p99_ns", row.lateness_p99_ns);
    [
        (("latency_p50_ns", row.latency_p50_ns), p90),
        (p90, p99),
        (p99, p999),
        (p999, ("latency_max_ns", row.latency_max_ns)),
        (("lateness_p50_ns", row.lateness_p50_ns), late),
        (late, ("lateness_max_ns", row.lateness_max_ns)),
    ]
}

/// A peak is at least what was seen at a checkpoint. Of resident memory that is not asked: older versions took the kernel's
/// own mark, which may lie a little below.
fn of_memory(row: &TrialRow) -> [(Number, Number); 2] {
    let addresses = ("virtual_peak_bytes", row.virtual_peak_bytes);
    [
        (("virtual_ready_bytes", row.virtual_ready_bytes), addresses),
        (("virtual_holding_bytes", row.virtual_holding_bytes), addresses),
    ]
}

/// All tasks were joined, and no more operations or overlaps than there were.
fn check_work(row: &TrialRow, workload: Workload) -> Result<(), String> {
    let params = params(row);
    let tasks = match workload {
        Workload::Skynet => skynet_nodes(row.tasks),
        Workload::Mixed => row.tasks.saturating_add(workload.param(&params, BURNERS)),
        _ => row.tasks,
    };
    is("completed", row.completed, Some(tasks))?;
    is("operations", row.operations, workload.operations(row.tasks, &params))?;
    let spans = workload.spans(row.tasks, &params);
    let bound = ("the number of its spans", (spans > 0).then_some(spans));
    at_most(("peak_in_flight", row.peak_in_flight), bound)?;
    if workload.serves() {
        return Ok(()); // Its latencies are those of the load.
    }
    at_most(("latency_max_ns", row.latency_max_ns), ("makespan_ns", row.makespan_ns))
}

fn is(name: &str, value: Option<u64>, expected: Option<u64>) -> Result<(), String> {
    match (value, expected) {
        (Some(value), Some(expected)) if value != expected => {
            Err(format!("column `{name}`: {value}, and a trial that counts has {expected}"))
        }
        _ => Ok(()),
    }
}

/// Its parameters that are numbers.
fn params(row: &TrialRow) -> Params {
    let pairs = row.params.split(';').filter_map(|param| param.split_once('='));
    pairs.filter_map(|(name, value)| Some((name.into(), value.parse().ok()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> TrialRow {
        TrialRow {
            workload: "sleep".into(),
            tasks: 10,
            rounds: 2,
            process_lifetime_ns: Some(900),
            startup_ns: Some(100),
            go_to_done_ns: Some(700),
            makespan_ns: Some(500),
            later_makespan_ns: Some(150),
            finish_spread_ns: Some(20),
            completed: Some(10),
            operations: Some(10),
            peak_in_flight: Some(10),
            latency_p50_ns: Some(300),
            latency_p90_ns: Some(300),
            latency_p99_ns: Some(310),
            latency_p999_ns: Some(320),
            latency_max_ns: Some(320),
            lateness_p50_ns: Some(1),
            lateness_p99_ns: Some(2),
            lateness_max_ns: Some(3),
            rss_ready_bytes: Some(10),
            rss_peak_bytes: Some(20),
            virtual_ready_bytes: Some(30),
            virtual_peak_bytes: Some(30),
            ..TrialRow::default()
        }
    }

    /// A change of a row, and the column that is named.
    type Case = (fn(&mut TrialRow), &'static str);

    #[test]
    fn what_no_trial_that_counts_can_say_is_refused_with_its_column() {
        let cases: [Case; 12] = [
            (|row| row.makespan_ns = Some(5000), "makespan_ns"),
            (|row| row.later_makespan_ns = Some(701), "later_makespan_ns"),
            (|row| row.go_to_done_ns = Some(901), "go_to_done_ns"),
            (|row| row.startup_ns = Some(1000), "startup_ns"),
            (|row| row.finish_spread_ns = Some(501), "finish_spread_ns"),
            (|row| row.completed = Some(5), "completed"),
            (|row| row.operations = Some(11), "operations"),
            (|row| row.peak_in_flight = Some(11), "peak_in_flight"),
            (|row| row.latency_p50_ns = Some(400), "latency_p50_ns"),
            (|row| row.latency_max_ns = Some(501), "latency_max_ns"),
            (|row| row.lateness_p99_ns = Some(4), "lateness_p99_ns"),
            (|row| row.virtual_ready_bytes = Some(31), "virtual_ready_bytes"),
        ];
        assert_eq!(check(&row()), Ok(()));
        for (change, column) in cases {
            let mut row = row();
            change(&mut row);
            let said = check(&row).unwrap_err();
            assert!(said.starts_with(&format!("column `{column}`: ")), "{said}");
            row.status = Status::Crashed;
            assert_eq!(check(&row), Ok(()), "what does not count is only a reason");
        }
    }

    #[test]
    fn tasks_are_those_of_the_workload() {
        let of = |workload: &str, params: &str, completed| {
            let (workload, params) = (workload.into(), params.into());
            let blank = TrialRow { tasks: 10, rounds: 1, status: Status::Ok, ..TrialRow::default() };
            check(&TrialRow { workload, params, completed: Some(completed), ..blank }).is_ok()
        };
        assert!(of("skynet", "", 11) && !of("skynet", "", 10));
        assert!(of("mixed", "burners=3;times=5", 13) && !of("mixed", "burners=3;times=5", 10));
        assert!(of("of-another-version", "", 99));
    }
}
