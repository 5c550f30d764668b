//! The runs of a side, read to be compared with those of another.

use std::path::Path;

use results::folder::{VERDICTS, environment_of};
use results::{Error, Plan, Presence, Verdict, VerdictRow, read};
use serde_json::Value;

use super::pair::Pair;
use crate::measured_cell::MeasuredCell;
use crate::stats::median::{median, sorted};
use crate::trials::{self, Trials};

/// The runs of two sides.
pub(super) struct Sides {
    pub runs: Pair<Vec<Run>>,
    /// Whether a unit is a sitting, and not a run.
    pub by_sitting: bool,
    /// How many units each side has.
    pub units: Pair<usize>,
}

impl Sides {
    pub fn new(runs: Pair<Vec<Run>>) -> Self {
        let by_sitting = runs.a.len() == 1 && runs.b.len() == 1;
        let count = |runs: &Vec<Run>| if by_sitting { runs[0].trials.sittings.count() } else { runs.len() };
        Self { units: runs.each().map(count), runs, by_sitting }
    }
}

/// A run, as far as it is compared.
pub(super) struct Run {
    pub plan: Plan,
    /// All of `environment.json`, where there is one.
    pub environment: Option<Value>,
    /// Its trials, those that were disturbed marked.
    pub trials: Trials,
    /// Its verdicts.
    pub verdicts: Vec<VerdictRow>,
}

impl Run {
    pub fn read(dir: &Path) -> Result<Self, Error> {
        let (plan, trials) = trials::read(dir)?;
        let environment = read::json_if_any(&environment_of(dir))?;
        Ok(Self { plan, environment, trials, verdicts: verdicts_of(dir)? })
    }
}

/// Their trials.
pub(super) fn trials(runs: &[Run]) -> Vec<&Trials> {
    runs.iter().map(|run| &run.trials).collect()
}

/// How many of the trials of its plan each has.
pub(super) fn presences(runs: &[Run]) -> Vec<Presence> {
    runs.iter().map(|run| run.trials.presence).collect()
}

/// The share of timed trials that were disturbed.
pub(super) fn disturbed(runs: &[Run]) -> Option<f64> {
    let counts = runs.iter().flat_map(|run| &run.trials.cells).map(MeasuredCell::disturbed_of_timed);
    let (disturbed, timed) = counts.fold((0, 0), |(a, b), (disturbed, timed)| (a + disturbed, b + timed));
    (timed > 0).then(|| disturbed as f64 / timed as f64)
}

/// The verdicts of a side: of several runs, what all of them say, with the median of what they measured.
pub(super) fn verdicts(runs: &[Run]) -> Vec<VerdictRow> {
    let [first, others @ ..] = runs else { return Vec::new() };
    let mut verdicts = first.verdicts.clone();
    for row in verdicts.iter_mut().filter(|_| !others.is_empty()) {
        let name = |row: &VerdictRow| (row.experiment.clone(), row.claim.clone());
        let same = |run: &Run| run.verdicts.iter().find(|other| name(other) == name(row)).cloned();
        let others: Vec<VerdictRow> = others.iter().filter_map(same).collect();
        let measured = sorted(others.iter().filter_map(|other| other.measured).chain(row.measured));
        row.measured = (!measured.is_empty()).then(|| median(&measured));
        (row.ci_low, row.ci_high) = (None, None);
        if others.iter().any(|other| other.verdict != row.verdict) {
            let words: Vec<&str> = others.iter().map(|other| other.verdict.name()).collect();
            row.reason =
                format!("The runs of this side differ: {}, {}.", row.verdict.name(), words.join(", "));
            row.verdict = Verdict::Inconclusive;
        }
    }
    verdicts
}

/// The verdicts that stand in the folder of a run.
///
/// # Errors
/// When it has none yet, or they cannot be read.
pub fn verdicts_of(dir: &Path) -> Result<Vec<VerdictRow>, Error> {
    read::rows(&dir.join(VERDICTS))
}

#[cfg(test)]
mod tests {
    use results::TrialRow;

    use super::*;
    use crate::fixture::{claim, run, timed, value, write_plan_with};

    #[test]
    fn a_run_that_was_not_summarised_is_refused_with_how_to_fix_it() {
        let dir = run(&[timed("a", 1, 100)]);
        let error = verdicts_of(dir.path()).unwrap_err().to_string();
        let remedy = "has no verdicts.csv; summarise the run first: kilotask aggregate ";
        assert!(error.contains(remedy), "{error}");
        let error = verdicts_of(Path::new("nowhere")).unwrap_err().to_string();
        assert!(error.starts_with("reading nowhere/verdicts.csv: "), "{error}");
    }

    #[test]
    fn verdicts_that_make_no_sense_are_refused_with_their_line() {
        let dir = run(&[timed("a", 1, 100)]);
        write_plan_with(dir.path(), &[claim("c", value("a"), ">= 1s")]);
        crate::aggregate(dir.path()).unwrap();
        assert_eq!(verdicts_of(dir.path()).unwrap().len(), 1);
        let path = dir.path().join(VERDICTS);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("inconclusive", "perhaps")).unwrap();
        let error = verdicts_of(dir.path()).unwrap_err().to_string();
        assert!(error.contains("verdicts.csv:2: reading a claim: "), "{error}");
        assert!(error.contains("kilotask aggregate"), "{error}");
    }

    #[test]
    fn the_share_of_disturbed_trials_is_that_of_all_timed_ones() {
        let disturbed = |trials: &[TrialRow]| {
            let dir = run(trials);
            crate::aggregate(dir.path()).unwrap();
            super::disturbed(&[Run::read(dir.path()).unwrap()])
        };
        let mut trials = [1, 2, 3, 4].map(|block| timed("a", block, 100));
        (trials[3].process_lifetime_ns, trials[3].steal_ns) = (Some(1000), Some(20_000_000));
        assert_eq!(disturbed(&trials), Some(0.25));
        assert_eq!(disturbed(&[timed("a", 0, 100)]), None, "all of it is burn-in");
    }
}
