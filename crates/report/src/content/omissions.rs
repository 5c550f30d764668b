//! What was not measured, and what was left out, with the reasons.

use std::collections::BTreeMap;

use protocol::Status;
use results::{LeftOut, human};

use super::ceilings::never_begun;
use crate::format::readable;
use crate::run::Run;
use results::grouping::{distinct, grouped};

/// So begins the reason of a rung above one that failed, which says nothing new.
const NOT_TRIED: &str = "not tried: ";

/// Trials that are not ok, one line for each reason, without those that looked for a ceiling and found one, which have a
/// table.
pub fn not_measured(run: &Run) -> Vec<String> {
    let never_begun = never_begun(run);
    let not_ok = run.trials.iter().filter(|trial| trial.status != Status::Ok);
    let keyed = not_ok
        .filter(|trial| !run.is_rung(&trial.cell) || never_begun.contains(&*trial.cell))
        .filter(|trial| !trial.reason.starts_with(NOT_TRIED))
        .map(|trial| ((trial.status, &*trial.runtime, &*trial.reason), &*trial.cell));
    let reasons: BTreeMap<_, _> = grouped(keyed).into_iter().collect();
    let lines = reasons.into_iter().map(|((status, runtime, reason), cells)| {
        format!("{status}: {}: {}", cells_of(runtime, &distinct(cells)), readable(reason))
    });
    lines.collect()
}

/// The one cell, or how many of its runtime there are.
pub fn cells_of(runtime: &str, cells: &[&str]) -> String {
    if let [cell] = cells { (*cell).into() } else { format!("{} cells of {runtime}", cells.len()) }
}

/// What an experiment asks for and is not run, one line for each workload and reason.
pub fn left_out(left_out: &[LeftOut]) -> Vec<String> {
    let keyed = left_out.iter().map(|one| ((&*one.workload, &*one.reason), one));
    let reasons: BTreeMap<_, _> = grouped(keyed).into_iter().collect();
    let lines = reasons.into_iter().map(|((workload, reason), all)| {
        let sizes = distinct(all.iter().map(|one| human::count(one.tasks)));
        let runtimes = distinct(all.iter().map(|one| one.runtime.as_str()));
        let who =
            if runtimes.len() > 5 { format!("{} runtimes", runtimes.len()) } else { runtimes.join(", ") };
        format!("{workload} {}: {who}: {}", sizes.join(", "), readable(reason))
    });
    lines.collect()
}
