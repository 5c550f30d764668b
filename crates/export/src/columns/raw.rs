//! What is measured: `trials.csv`, `rounds.csv` and `spans/`.

use super::{BelongsTo, Column, Kind, PASSES, Table};

const NOT_OK: &str = "not `ok`";
const NO_SPANS: &str = "no spans";
const NOT_ASKED: &str = "the runner could not be asked";
const NOT_SAID: &str = "the runner does not say";
const NOT_HOLD: &str = "workload is not `hold`";
const NO_TIME: &str = "no time is asked for";
const NOT_COUNTED: &str = "pass is not `counted`";
const KERNEL_SILENT: &str = "the kernel does not say";
const NO_KERNEL_MEMORY: &str = "workload is not `hold`, or the kernel does not say";

const LATENCY: &str = "lengths of the spans of round 0, by nearest rank; in `echo` the harness's own: from \
    when each message was due (open loop) or sent (closed loop) until all of it was back";
const LATENESS: &str =
    "span length less the time that was asked for (`sleep`, `request`, `mixed`, `blocking`), round 0";
const CPU: &str = "`getrusage` in the runner, all rounds, from the first `go` to the last join, ended \
    threads included. The kernel splits user from system by sampling: trust their sum";
const AS_CPU: &str = "`getrusage`, as for CPU time";
const KERNEL: &str = "`/proc/meminfo`: `KernelStack` + `PageTables` + `SUnreclaim` of the whole machine at \
    `ready`, at `holding`; only their difference tells anything";
const CALLS: &str = "stats_alloc as the global allocator, from the first `go` to the last join";

pub const TRIALS: Table = Table {
    file: "trials.csv",
    row: "trial",
    primary_key: &["cell", "block", "pass"],
    belongs_to: None,
    columns: &[
        Column::text("experiment", "the experiment file's name"),
        Column::text("cell", "experiment, workload, parameters and runtime: unique in a run"),
        Column::text("group", "the cell less its runtime: cells of one group may be compared"),
        Column::count("block", "", "which seeded permutation; 0 is burn-in and reaches no timing summary"),
        Column::count("position", "", "where in its block"),
        Column::word("pass", PASSES, "why it ran: `timed`, `counted`, `traced`"),
        Column::text("runtime", "the runtime, under the label that the experiment gave it"),
        Column::text("runtime_version", "the runner's description; Rust runners take it from Cargo.lock")
            .empty_when(NOT_ASKED),
        Column::text("language", "the runner's description").empty_when(NOT_ASKED),
        Column::text("workload", "what the tasks did; METHODOLOGY.md has a page on each"),
        Column::count("tasks", "tasks", "tasks a round"),
        Column::count("workers", "threads", "worker threads asked for"),
        Column::count("rounds", "rounds", "rounds asked for; the counted and the traced pass run one"),
        Column::text("params", "every parameter, defaults included: `name=value;name=value`")
            .empty_when("the cell has none"),
        Column::word(
            "status",
            &["ok", "unavailable", "unsupported", "wrong", "crashed", "timeout", "protocol-error"],
            "`ok`, `unavailable`, `unsupported`, `wrong`, `crashed`, `timeout`, `protocol-error`",
        ),
        Column::text("reason", "why the status is not `ok`").empty_when("status `ok`"),
        Column::count("wall_ns", "ns", "harness: from before the process starts until it is reaped")
            .empty_when("it did not end by itself"),
        Column::count("startup_ns", "ns", "harness: from before the process starts until `ready`")
            .empty_when(NOT_OK),
        Column::count(
            "makespan_ns",
            "ns",
            "runner's clock: round 0, the cold one, from before the first task starts until the last is \
             joined; checked against what the harness saw pass",
        )
        .empty_when(NOT_OK),
        Column::count(
            "observed_ns",
            "ns",
            "harness: from the first `go` until `done`, all rounds and the wire; by it the calibration \
             tells the bias of the makespans",
        )
        .empty_when(NOT_OK),
        Column::count("steady_ns", "ns", "median makespan of the rounds after round 0")
            .empty_when("one round"),
        Column::count(
            "completed",
            "tasks",
            "tasks joined in round 0; in `skynet` all nodes, in `mixed` the burners as well",
        )
        .empty_when(NOT_OK),
        Column::count(
            "operations",
            "",
            "operations of a round, by which the workload's cost is told: switches, hops, messages, nodes, \
             turns with the lock, pipes crossed, requests, reads, beats, else tasks. In `echo` the \
             requests answered in round 0, as the load counted them",
        )
        .empty_when(NOT_OK),
        Column::count(
            "load_ns",
            "ns",
            "harness: how long the load of round 0 lasted, first message to last answer; the makespan \
             holds the connecting as well",
        )
        .empty_when("workload is not `echo`"),
        Column::count("peak_in_flight", "tasks", "most spans of round 0 that overlap at one instant")
            .empty_when("no spans (`spawn`)"),
        Column::count("latency_p50_ns", "ns", LATENCY).empty_when(NO_SPANS),
        Column::count("latency_p90_ns", "ns", LATENCY).empty_when(NO_SPANS),
        Column::count("latency_p99_ns", "ns", LATENCY).empty_when(NO_SPANS),
        Column::count("latency_p999_ns", "ns", LATENCY).empty_when(NO_SPANS),
        Column::count("latency_max_ns", "ns", LATENCY).empty_when(NO_SPANS),
        Column::count("lateness_p50_ns", "ns", LATENESS).empty_when(NO_TIME),
        Column::count("lateness_p99_ns", "ns", LATENESS).empty_when(NO_TIME),
        Column::count("lateness_max_ns", "ns", LATENESS).empty_when(NO_TIME),
        Column::count("finish_spread_ns", "ns", "from the first task's finish to the last one's, round 0")
            .empty_when(NO_SPANS),
        Column::count("cpu_user_ns", "ns", CPU).empty_when(NOT_SAID),
        Column::count("cpu_system_ns", "ns", CPU).empty_when(NOT_SAID),
        Column::count("rss_ready_bytes", "bytes", "`smaps_rollup` at `ready` (else `VmRSS`)")
            .empty_when(NOT_OK),
        Column::count("rss_holding_bytes", "bytes", "`smaps_rollup` at `holding` (else `VmRSS`)")
            .empty_when(NOT_HOLD),
        Column::count(
            "rss_peak_bytes",
            "bytes",
            "`VmHWM` at `done`, or what was read at a checkpoint, if more",
        )
        .empty_when(NOT_OK),
        Column::count("virtual_ready_bytes", "bytes", "`VmSize` at `ready`").empty_when(NOT_OK),
        Column::count("virtual_holding_bytes", "bytes", "`VmSize` at `holding`").empty_when(NOT_HOLD),
        Column::count("virtual_peak_bytes", "bytes", "`VmPeak` at `done`").empty_when(NOT_OK),
        Column::count("kernel_ready_bytes", "bytes", KERNEL).empty_when(NO_KERNEL_MEMORY),
        Column::count("kernel_holding_bytes", "bytes", KERNEL).empty_when(NO_KERNEL_MEMORY),
        Column::count("threads_peak", "threads", "threads alive at `holding`, where the peak is known to be")
            .empty_when(NOT_HOLD),
        Column::count("switches_voluntary", "switches", AS_CPU).empty_when(NOT_SAID),
        Column::count("switches_involuntary", "switches", AS_CPU).empty_when(NOT_SAID),
        Column::count("faults_minor", "faults", AS_CPU).empty_when(NOT_SAID),
        Column::count("faults_major", "faults", AS_CPU).empty_when(NOT_SAID),
        Column::count(
            "syscalls",
            "calls",
            "tracepoint `raw_syscalls:sys_enter` on the process and all it starts, between `ready` and \
             `done`; five to seven of them are the runner's own (reading `go`, two `getrusage`, writing \
             `done`)",
        )
        .empty_when("pass is not `traced`"),
        Column::count("allocations", "calls", CALLS).empty_when(NOT_COUNTED),
        Column::count("deallocations", "calls", CALLS).empty_when(NOT_COUNTED),
        Column::count("reallocations", "calls", CALLS).empty_when(NOT_COUNTED),
        Column::count(
            "allocated_bytes",
            "bytes",
            "stats_alloc: bytes asked for, growth by reallocation included",
        )
        .empty_when(NOT_COUNTED),
        Column::count(
            "steal_ns",
            "ns",
            "`/proc/stat`, whole machine, while the trial ran; in steps of a clock tick (10 ms)",
        )
        .empty_when(KERNEL_SILENT),
        Column::count(
            "others_ns",
            "ns",
            "`/proc/stat` less `/proc/self/stat`: CPU time of everything but the lab and this trial \
             meanwhile; in steps of a clock tick",
        )
        .empty_when(KERNEL_SILENT),
        Column::count("cpu_khz", "kHz", "`scaling_cur_freq`: mean of all CPUs right after the trial")
            .empty_when("the machine does not say, as most virtual ones"),
        Column::new("started_at", Kind::Time, "the system clock, RFC 3339, UTC"),
    ],
};

const OF_THE_TRIAL: &str = "the trial, as in trials.csv";
const OF_THE_ROUND: &str = "as in trials.csv, for this round";

pub const ROUNDS: Table = Table {
    file: "rounds.csv",
    row: "round of a trial",
    primary_key: &["cell", "block", "pass", "round"],
    belongs_to: Some(BelongsTo { file: TRIALS.file, columns: TRIALS.primary_key }),
    columns: &[
        Column::text("cell", OF_THE_TRIAL),
        Column::count("block", "", OF_THE_TRIAL),
        Column::word("pass", PASSES, OF_THE_TRIAL),
        Column::count("round", "", "0 is the cold one"),
        Column::count("makespan_ns", "ns", OF_THE_ROUND),
        Column::count("completed", "tasks", OF_THE_ROUND),
        Column::count("peak_in_flight", "tasks", OF_THE_ROUND).empty_when(NO_SPANS),
        Column::count("latency_p50_ns", "ns", OF_THE_ROUND).empty_when(NO_SPANS),
        Column::count("latency_p99_ns", "ns", OF_THE_ROUND).empty_when(NO_SPANS),
        Column::count("latency_max_ns", "ns", OF_THE_ROUND).empty_when(NO_SPANS),
    ],
};

pub const SPANS: Table = Table {
    file: "spans/CELL.csv",
    row: "task of round 0 of one trial, in the order of the tasks' numbers",
    // Two tasks may begin and finish at the same nanoseconds.
    primary_key: &[],
    belongs_to: None,
    columns: &[
        Column::count(
            "start_ns",
            "ns",
            "since round 0 began, measured inside the task: just before it begins to wait",
        ),
        Column::count(
            "finish_ns",
            "ns",
            "since round 0 began, measured inside the task: just after its wait",
        ),
    ],
};
