//! A run, read to be compared with another.

use std::path::Path;

use results::folder::{ENVIRONMENT, VERDICTS};
use results::{Error, Plan, VerdictRow, read};
use serde_json::Value;

use crate::trials::{self, Trials};

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
        let environment = read::json_if_any(&dir.join(ENVIRONMENT))?;
        Ok(Self { plan, environment, trials, verdicts: verdicts_of(dir)? })
    }

    /// The share of timed trials that were disturbed.
    pub fn disturbed(&self) -> Option<f64> {
        let counts = self.trials.cells.iter().map(|cell| cell.disturbed_of_timed());
        let (disturbed, timed) = counts.fold((0, 0), |(a, b), (disturbed, timed)| (a + disturbed, b + timed));
        (timed > 0).then(|| disturbed as f64 / timed as f64)
    }
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
            Run::read(dir.path()).unwrap().disturbed()
        };
        let mut trials = [1, 2, 3, 4].map(|block| timed("a", block, 100));
        (trials[3].process_lifetime_ns, trials[3].steal_ns) = (Some(1000), Some(500));
        assert_eq!(disturbed(&trials), Some(0.25));
        assert_eq!(disturbed(&[timed("a", 0, 100)]), None, "all of it is burn-in");
    }
}
