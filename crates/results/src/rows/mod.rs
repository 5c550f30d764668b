//! The rows of `trials.csv` and `rounds.csv`.
//!
//! Integer nanoseconds and bytes; what was not measured is `None`, an empty cell, never 0. The
//! columns and their order are those of the structs; `results/README.md` documents each.

use std::fmt;

use protocol::Status;
use serde::{Deserialize, Serialize};

/// The version of the files of a run: their columns, and what `plan.json` holds.
pub const SCHEMA: u32 = 3;

/// Why a trial ran. Only `timed` trials reach a timing summary.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Pass {
    /// Nothing attached.
    #[default]
    Timed,
    /// `stats_alloc` is the global allocator.
    Counted,
    /// System calls are counted through a tracepoint.
    Traced,
}

impl Pass {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Timed, Self::Counted, Self::Traced];

    /// The name in the files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Timed => "timed",
            Self::Counted => "counted",
            Self::Traced => "traced",
        }
    }
}

impl fmt::Display for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One trial: a row of `trials.csv`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Sample"))]
pub struct TrialRow {
    /// Name of the experiment.
    pub experiment: String,
    /// Name of the cell, unique within a run.
    pub cell: String,
    /// What the cell has in common with the cells it may be compared with: experiment, workload and
    /// parameters, all but the runtime.
    pub group: String,
    /// Which block; 0 is burn-in.
    pub block: u32,
    /// Where in its block, from 0.
    pub position: u32,
    /// Why the trial ran.
    pub pass: Pass,
    /// The runtime, under the label that the experiment gave it.
    pub runtime: String,
    /// The runtime's version.
    pub runtime_version: String,
    /// The language its tasks are written in.
    pub language: String,
    /// The workload.
    pub workload: String,
    /// Tasks a round.
    pub tasks: u64,
    /// Worker threads asked for.
    pub workers: u32,
    /// Rounds asked for.
    pub rounds: u32,
    /// All parameters as `name=value`, joined by `;`, sorted by name.
    pub params: String,
    /// How it ended.
    pub status: Status,
    /// Why, where the status is not `ok`.
    pub reason: String,
    /// Life of the runner process: from before it was started until it was reaped.
    pub wall_ns: Option<u64>,
    /// From before the process was started until `ready`.
    pub startup_ns: Option<u64>,
    /// Makespan of round 0, the cold one.
    pub makespan_ns: Option<u64>,
    /// From the first `go` until `done`, as the harness saw it pass: all rounds, and the wire.
    pub observed_ns: Option<u64>,
    /// Median makespan of the rounds after round 0.
    pub steady_ns: Option<u64>,
    /// Tasks joined in round 0.
    pub completed: Option<u64>,
    /// Operations of a round: what the workload's cost is told by (switches, hops, messages, reads, …);
    /// in `echo`, requests answered in round 0.
    pub operations: Option<u64>,
    /// How long the load of round 0 lasted, workload `echo`: its operations fell into this time, not
    /// into the makespan.
    pub load_ns: Option<u64>,
    /// Most tasks in flight at one instant of round 0, from its spans.
    pub peak_in_flight: Option<u64>,
    /// Percentile of the span lengths of round 0; in `echo`, of the answers to its requests, counted from
    /// when each was to be sent.
    pub latency_p50_ns: Option<u64>,
    /// Percentile of the span lengths of round 0.
    pub latency_p90_ns: Option<u64>,
    /// Percentile of the span lengths of round 0.
    pub latency_p99_ns: Option<u64>,
    /// Percentile of the span lengths of round 0.
    pub latency_p999_ns: Option<u64>,
    /// Longest span of round 0.
    pub latency_max_ns: Option<u64>,
    /// Percentile of span length less the time asked for, round 0, workloads that ask for one.
    pub lateness_p50_ns: Option<u64>,
    /// Percentile of span length less the time asked for, round 0.
    pub lateness_p99_ns: Option<u64>,
    /// The latest of round 0.
    pub lateness_max_ns: Option<u64>,
    /// From the first task's finish to the last one's, round 0.
    pub finish_spread_ns: Option<u64>,
    /// CPU time in user mode, all rounds, from the first `go` to the last join.
    pub cpu_user_ns: Option<u64>,
    /// CPU time in the kernel, all rounds.
    pub cpu_system_ns: Option<u64>,
    /// Resident memory at `ready`.
    pub rss_ready_bytes: Option<u64>,
    /// Resident memory at `holding`, workload `hold`.
    pub rss_holding_bytes: Option<u64>,
    /// Peak resident memory: `VmHWM` at `done`, or what was read at a checkpoint, if more.
    pub rss_peak_bytes: Option<u64>,
    /// Virtual memory at `ready`.
    pub virtual_ready_bytes: Option<u64>,
    /// Virtual memory at `holding`, workload `hold`.
    pub virtual_holding_bytes: Option<u64>,
    /// Peak virtual memory (`VmPeak`) at `done`.
    pub virtual_peak_bytes: Option<u64>,
    /// Memory of the kernel, of the whole machine, at `ready`, workload `hold`.
    pub kernel_ready_bytes: Option<u64>,
    /// The same at `holding`.
    pub kernel_holding_bytes: Option<u64>,
    /// Threads alive at `holding`, workload `hold`: there the peak is known, elsewhere it is not.
    pub threads_peak: Option<u64>,
    /// Voluntary context switches, all rounds.
    pub switches_voluntary: Option<u64>,
    /// Involuntary context switches, all rounds.
    pub switches_involuntary: Option<u64>,
    /// Page faults that needed no I/O, all rounds.
    pub faults_minor: Option<u64>,
    /// Page faults that needed I/O, all rounds.
    pub faults_major: Option<u64>,
    /// System calls between `ready` and `done`, pass `traced`.
    pub syscalls: Option<u64>,
    /// Calls to `alloc`, all rounds, pass `counted`.
    pub allocations: Option<u64>,
    /// Calls to `dealloc`, all rounds, pass `counted`.
    pub deallocations: Option<u64>,
    /// Calls to `realloc`, all rounds, pass `counted`.
    pub reallocations: Option<u64>,
    /// Bytes asked of the allocator, growth by `realloc` included, all rounds, pass `counted`.
    pub allocated_bytes: Option<u64>,
    /// CPU time that the hypervisor took from this machine while the trial ran.
    pub steal_ns: Option<u64>,
    /// CPU time that everything but the lab and this trial used while it ran, whole machine.
    pub others_ns: Option<u64>,
    /// Mean frequency of the CPUs right after the trial.
    pub cpu_khz: Option<u64>,
    /// When the trial began, RFC 3339, UTC.
    pub started_at: String,
}

/// One round of a trial: a row of `rounds.csv`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundRow {
    /// Name of the cell.
    pub cell: String,
    /// Which block.
    pub block: u32,
    /// Why the trial ran.
    pub pass: Pass,
    /// Which round; 0 is the cold one.
    pub round: u32,
    /// From before the first task was started until the last one was joined.
    pub makespan_ns: u64,
    /// Tasks joined.
    pub completed: u64,
    /// Most tasks in flight at one instant, from the spans.
    pub peak_in_flight: Option<u64>,
    /// Median of the span lengths.
    pub latency_p50_ns: Option<u64>,
    /// Percentile of the span lengths.
    pub latency_p99_ns: Option<u64>,
    /// Longest span.
    pub latency_max_ns: Option<u64>,
}

/// In which order trials ran, where the lab measures what its own order is good for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Interleaved in random blocks.
    #[default]
    Blocks,
    /// All of one runtime, then all of the other.
    InTurn,
}

/// A trial of one order: a row of `orders.csv`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRow {
    /// Which repetition of the comparison.
    pub repetition: u32,
    /// In which order its trials ran.
    pub order: Order,
    /// The runtime.
    pub runtime: String,
    /// Which of its trials in this comparison.
    pub trial: u32,
    /// Makespan; empty where the trial was not `ok`.
    pub makespan_ns: Option<u64>,
}
