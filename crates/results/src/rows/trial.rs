//! `trials.csv`: one row per trial.
//!
//! Integer nanoseconds and bytes; what was not measured is `None`, an empty field, never 0.

use protocol::Status;
use serde::{Deserialize, Serialize};

use crate::folder;
use crate::table::rows;
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
    }
}

rows! {
    /// One trial.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Sample"))]
    pub struct TrialRow in folder::TRIALS;
    row: "trial";
    key: [cell, block, pass, process];
    experiment: String, [], "the experiment file's name";
    cell: String, [], "experiment, workload, parameters and runtime: unique in a run";
    group: String, [], "the cell without its runtime: cells of one group may be compared";
    block: u32, [], "number of the block, a seeded random order of the cells; 0 is burn-in and in no timing summary";
    position: u32, [], "place of the trial in its block";
    pass: Pass, [], "why it ran: `timed`, `counted`, `traced`";
    process: u32, [else 0], "number of the process, where a cell has several in a block; their median is the block's value";
    runtime: String, [], "the runtime, under the label that the experiment gave it";
    runtime_version: String, [empty when "the runner could not be asked"],
        "the runner's description; Rust runners take it from Cargo.lock";
    language: String, [empty when "the runner could not be asked"], "the runner's description";
    workload: String, [], "what the tasks did; docs/workloads.md has a section on each";
    tasks: u64, ["tasks"], "tasks per round";
    workers: u32, ["threads"], "worker threads asked for";
    rounds: u32, ["rounds"], "rounds asked for; the counted and traced passes run one";
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
        "`smaps_rollup` at `ready` (else `VmRSS`)";
    rss_holding_bytes: Option<u64>, ["bytes"; empty when "workload is not `hold`"],
        "`smaps_rollup` at `holding` (else `VmRSS`)";
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
}
