//! `flags.csv`: timed trials that something outside disturbed.

use crate::folder;
use crate::table::rows;

rows! {
    /// A signal that flags a trial.
    #[derive(Debug, Clone, PartialEq)]
    pub struct FlagRow in folder::FLAGS;
    row: "disturbed trial × signal";
    key: [cell, block, process, signal];
    experiment, cell: String, [], "the trial, as in trials.csv";
    block: u32, [], "the trial, as in trials.csv";
    process: u32, [else 0], "the trial, as in trials.csv";
    signal: String, [], "the column of trials.csv that shows the disturbance; `value` and `limit` have its unit";
    value: f64, ["as in `signal`"], "the trial's value";
    limit: f64, ["as in `signal`"], "the limit from which the rule flags a trial";
}
