//! Why a cell has no numbers.

use std::collections::{BTreeMap, BTreeSet};

use protocol::Status;

use crate::run::{Run, Trial};

/// By cell: its first trial, of those cells none of whose trials was `ok`.
pub fn failures(run: &Run) -> BTreeMap<&str, &Trial> {
    let good: BTreeSet<&str> = run
        .trials
        .iter()
        .filter(|trial| trial.status == Status::Ok)
        .map(|trial| trial.cell.as_str())
        .collect();
    let mut first = BTreeMap::new();
    for trial in run.trials.iter().filter(|trial| !good.contains(trial.cell.as_str())) {
        first.entry(trial.cell.as_str()).or_insert(trial);
    }
    first
}

/// What became of a trial, in words: `timeout: it was not done within 60 s`.
pub fn told(trial: &Trial) -> String {
    let status = trial.status.name();
    if trial.reason.is_empty() { status.into() } else { format!("{status}: {}", trial.reason) }
}
