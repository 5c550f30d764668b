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
        for (kind, deviation) in run {
            squares.entry(kind).or_default().push(deviation.powi(2));
        }
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

#[cfg(test)]
mod tests {
    use results::fixture::reference;
    use results::write::{csv_file, json_file};

    use super::*;

    #[test]
    fn runs_of_this_machine_beside_a_new_one_are_read_and_no_others() {
        let parent = tempfile::tempdir().unwrap();
        let any: Vec<VerdictRow> = read::rows(&reference().join(VERDICTS)).unwrap();
        let here = Environment { cpus: 2, ..Environment::default() };
        let run = |name: &str, cpus: u32, between_sittings: Option<f64>| {
            let folder = parent.path().join(name);
            fs::create_dir(&folder).unwrap();
            let row = VerdictRow { between_sittings, ..any[0].clone() };
            let files = [
                (PLAN, b"{}".to_vec()),
                (ENVIRONMENT, json_file(&Environment { cpus, ..here.clone() })),
                (VERDICTS, csv_file(&[row])),
            ];
            for (file, bytes) in files {
                fs::write(folder.join(file), bytes).unwrap();
            }
        };
        let new = parent.path().join("new");
        run("of-another-machine", 4, Some(0.5));
        run("in-a-single-sitting", 2, None);
        assert_eq!(runs_beside(&new, &here), None);
        run("one", 2, Some(0.03));
        run("two", 2, Some(0.04));
        let EarlierRuns { runs, deviations } = runs_beside(&new, &here).unwrap();
        // By hand: √((0.03² + 0.04²) / 2).
        let [(kind, deviation)] = deviations.into_iter().collect::<Vec<_>>().try_into().unwrap();
        assert!(runs == 2 && (deviation - 0.035_355).abs() < 1e-6, "{runs} {deviation}");
        assert!(kind.starts_with(&any[0].experiment), "{kind}");
    }
}
