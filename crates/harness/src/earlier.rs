//! What earlier runs on this machine showed of what sittings differ by.
//!
//! Three sittings say little about it, and claims share cells, so that the deviation of one run jumps. Runs that lie beside
//! the new one are read for it, before its first trial, and what they say is part of its plan.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use results::folder::{ENVIRONMENT, PLAN, VERDICTS};
use results::plan::{EarlierRuns, kind_of_claim};
use results::{Environment, VerdictRow, read};

/// The most runs that are read, the newest ones.
const MOST_RUNS: usize = 9;
/// The most folders that are looked into.
const MOST_FOLDERS: usize = 200;

/// What the runs beside this folder say that were made on this machine; `None` where there is none that knows.
pub(crate) fn runs_beside(folder: &Path, here: &Environment) -> Option<EarlierRuns> {
    let mut squares: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let known = folders_beside(folder).into_iter().filter_map(|run| deviations(&run, here));
    let mut runs = 0;
    for run in known.take(MOST_RUNS) {
        runs += 1;
        run.into_iter()
            .for_each(|(kind, deviation)| squares.entry(kind).or_default().push(deviation.powi(2)));
    }
    let root_mean = |squares: Vec<f64>| (squares.iter().sum::<f64>() / squares.len() as f64).sqrt();
    let deviations = squares.into_iter().map(|(kind, squares)| (kind, root_mean(squares))).collect();
    (runs > 0).then_some(EarlierRuns { runs, deviations })
}

/// The folders of runs beside this one, newest first; links are to such folders, and passed over.
fn folders_beside(folder: &Path) -> Vec<PathBuf> {
    let Some(Ok(entries)) = folder.parent().map(fs::read_dir) else { return Vec::new() };
    let mut found: Vec<_> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter_map(|entry| {
            Some((fs::metadata(entry.path().join(PLAN)).ok()?.modified().ok()?, entry.path()))
        })
        .take(MOST_FOLDERS)
        .collect();
    found.sort();
    found.into_iter().rev().map(|(_, path)| path).collect()
}

/// By kind of claim: what the sittings of a run differ by. What cannot be read is no run of ours to complain about.
fn deviations(run: &Path, here: &Environment) -> Option<BTreeMap<String, f64>> {
    let there: Environment = serde_json::from_value(read::json_if_any(&run.join(ENVIRONMENT)).ok()??).ok()?;
    let machine =
        |one: &Environment| (one.cpu_model.clone(), one.cpus, one.memory_bytes, one.virtualisation.clone());
    if machine(&there) != machine(here) {
        return None;
    }
    let rows: Vec<VerdictRow> = read::rows(&run.join(VERDICTS)).ok()?;
    let known: BTreeMap<String, f64> = rows
        .into_iter()
        .filter_map(|row| {
            let kind = kind_of_claim(&row.experiment, row.metric.unit(), !row.baseline.is_empty());
            Some((kind, row.between_sittings?))
        })
        .collect();
    (!known.is_empty()).then_some(known)
}
