//! `rounds.csv`: one row per round of a trial.

use super::trial::{Pass, TrialRow};
use crate::folder;
use crate::table::{at_most, rows};

rows! {
    /// One round of a trial.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub struct RoundRow in folder::ROUNDS;
    row: "round of a trial";
    key: [cell, block, pass, process, round], belongs to TrialRow, checked by check;
    cell: String, [], "the trial, as in trials.csv";
    block: u32, [], "the trial, as in trials.csv";
    pass: Pass, [], "the trial, as in trials.csv";
    process: u32, [else 0], "the trial, as in trials.csv";
    round: u32, [], "number of the round; 0 is the cold one";
    makespan_ns: u64, ["ns"], "as in trials.csv, for this round";
    completed: u64, ["tasks"], "as in trials.csv, for this round";
    peak_in_flight: Option<u64>, ["tasks"; empty when "no spans"],
        "as in trials.csv, for this round";
    latency_p50_ns, latency_p99_ns, latency_max_ns: Option<u64>, ["ns"; empty when "no spans"],
        "as in trials.csv, for this round";
    checksum: Option<u32>, [empty when "as in trials.csv"], "as in trials.csv, for this row";
}

/// Percentiles ascend.
fn check(row: &RoundRow) -> Result<(), String> {
    let p99 = ("latency_p99_ns", row.latency_p99_ns);
    at_most(("latency_p50_ns", row.latency_p50_ns), p99)?;
    at_most(p99, ("latency_max_ns", row.latency_max_ns))
}
