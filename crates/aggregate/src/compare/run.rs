//! The folder of a run, read to be held against another.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use protocol::Pass;
use serde_json::Value;

use crate::cells::{self, Trials};
use crate::error::{Error, Problem};
use crate::plan::{Plan, read_bounded};
use crate::verdicts::VerdictRow;
use crate::{ENVIRONMENT, PLAN, TRIALS, VERDICTS, flags};

/// No file of verdicts is as large as this, bytes.
const MAX_VERDICTS_BYTES: u64 = 64 << 20;

/// A run, as far as it can be compared.
pub(super) struct Run {
    /// Its seed.
    pub seed: u64,
    /// All of `plan.json`.
    pub plan: Value,
    /// All of `environment.json`, where there is one.
    pub environment: Option<Value>,
    /// Its trials, those that were disturbed marked.
    pub trials: Trials,
    /// Its verdicts.
    pub verdicts: Vec<VerdictRow>,
}

impl Run {
    /// # Errors
    /// As [`super::compare`].
    pub fn read(dir: &Path) -> Result<Self, Error> {
        let known = Plan::read(&dir.join(PLAN))?;
        let mut trials = cells::read(&dir.join(TRIALS), known.burn_in_blocks)?;
        trials.note_left_out(known.left_out);
        flags::flag(&mut trials.cells);
        Ok(Self {
            seed: known.seed,
            plan: json(&dir.join(PLAN))?.unwrap_or_default(),
            environment: json(&dir.join(ENVIRONMENT))?,
            trials,
            verdicts: verdicts_of(dir)?,
        })
    }

    /// The share of timed trials that were disturbed.
    pub fn disturbed(&self) -> Option<f64> {
        let all = self.trials.cells.iter().map(|cell| cell.timed_blocks().count()).sum::<usize>();
        let calm_in = |cell: &cells::Cell| {
            let timed = cell.timed_blocks().count();
            cell.calm(Pass::Timed).take(timed).filter(|calm| *calm).count()
        };
        let calm = self.trials.cells.iter().map(calm_in).sum::<usize>();
        (all > 0).then(|| (all - calm) as f64 / all as f64)
    }
}

/// The verdicts that stand in the folder of a run.
///
/// # Errors
/// When it has none yet, or they cannot be read.
pub fn verdicts_of(dir: &Path) -> Result<Vec<VerdictRow>, Error> {
    let path = dir.join(VERDICTS);
    let file = File::open(&path).map_err(|error| match error.kind() {
        ErrorKind::NotFound if dir.join(PLAN).exists() => Error::NotAggregated { folder: dir.into() },
        _ => Error::Read { path: path.clone(), error },
    })?;
    let rows = csv::Reader::from_reader(file.take(MAX_VERDICTS_BYTES)).into_deserialize();
    rows.collect::<Result<_, csv::Error>>().map_err(|error| {
        let line = error.position().map_or(1, csv::Position::line);
        let mend = format!("write it again: kilotask aggregate {}", dir.display());
        Problem::new(line, format!("reading the verdicts: {error}"), mend).at(&path)
    })
}

/// A JSON file; none where there is no file.
fn json(path: &Path) -> Result<Option<Value>, Error> {
    let text = match read_bounded(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        read => read.map_err(|error| Error::Read { path: path.into(), error })?,
    };
    let value = serde_json::from_slice(&text).map_err(|error| {
        let mend = "take the file that the run wrote; it is not meant to be edited";
        Problem::new(error.line() as u64, format!("reading it: {error}"), mend).at(path)
    })?;
    Ok(Some(value))
}

#[cfg(test)]
mod tests {
    use protocol::Sample;

    use super::*;
    use crate::fixture::{claim, run, timed, write_plan_with};

    #[test]
    fn a_run_that_was_not_summarised_is_refused_with_the_mend() {
        let dir = run(&[timed("a", 1, 100)]);
        let error = verdicts_of(dir.path()).unwrap_err().to_string();
        assert!(
            error.contains("has no verdicts.csv; summarise the run first: kilotask aggregate "),
            "{error}"
        );
        let error = verdicts_of(Path::new("nowhere")).unwrap_err().to_string();
        assert!(error.starts_with("reading nowhere/verdicts.csv: "), "{error}");
    }

    #[test]
    fn verdicts_that_make_no_sense_are_refused_with_their_line() {
        let dir = run(&[timed("a", 1, 100)]);
        write_plan_with(dir.path(), &[claim("c", "a", None, ">= 1s")]);
        crate::aggregate(dir.path()).unwrap();
        assert_eq!(verdicts_of(dir.path()).unwrap().len(), 1);
        let path = dir.path().join(VERDICTS);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("inconclusive", "perhaps")).unwrap();
        let error = verdicts_of(dir.path()).unwrap_err().to_string();
        assert!(error.contains("verdicts.csv:2: reading the verdicts: "), "{error}");
        assert!(error.contains("kilotask aggregate "), "{error}");
    }

    #[test]
    fn the_share_of_disturbed_trials_is_that_of_all_timed_ones() {
        let mut samples: Vec<Sample> =
            (1..=4).map(|block| Sample { wall_ns: Some(1000), ..timed("a", block, 100) }).collect();
        samples[3].steal_ns = Some(500);
        let dir = run(&samples);
        crate::aggregate(dir.path()).unwrap();
        assert_eq!(Run::read(dir.path()).unwrap().disturbed(), Some(0.25));
        let burn_in_alone = run(&[timed("a", 0, 100)]);
        crate::aggregate(burn_in_alone.path()).unwrap();
        assert_eq!(Run::read(burn_in_alone.path()).unwrap().disturbed(), None);
    }
}
