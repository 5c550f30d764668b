//! Two sides compared, of one run or several each: two machines, two versions, before and after.
//!
//! A run differs from another in everything at once: the machine, the kernel, the build, the hour. So what is
//! known of that comes first ([`Difference`]), and the numbers after it.
//!
//! 1. The *ratio* is that of the medians over the blocks of all runs of a side, B/A, with the interval of
//!    [`two_medians`](crate::stats::two_medians) on the scale of logarithms, widened by what runs differ by.
//! 2. What is asked *first* is one question for each cell, about the metric by which its workload is compared, and one
//!    for each group of cells, about their geometric mean. Other metrics are asked only of cells whose first one
//!    differs; but what is named is asked first.
//! 3. The *unit* is the run, and where each side has one, its sittings. Three units a side are enough to be
//!    [relabelled](crate::stats::relabelled): p is then exact, whatever units differ by. With fewer, it is that of a
//!    [t test](crate::stats::two_means) over the blocks, with what units differ by, corrected by Holm.
//! 4. A row *changed* where the adjusted p is at most 0.05 **and** the whole interval lies on one side of 1.
//!
//! What this cannot know, and how often it is wrong, is in `docs/statistics.md`.

mod agreement;
mod cell_changes;
mod compared;
mod environment;
mod lost;
mod pair;
mod quantity;
mod rows;
mod run;
mod spread;

use std::path::{Path, PathBuf};

use results::{Error, Metric, Presence};
use serde::Serialize;

pub use self::agreement::{Agreement, ClaimPair, ClaimResult};
pub use self::cell_changes::{CellChange, Fate};
pub use self::compared::Compared;
pub use self::environment::{Difference, Recorded};
pub use self::lost::Lost;
pub use self::pair::Pair;
pub use self::run::verdicts_of;
pub use self::spread::Variation;

use self::run::{Run, Sides};
use crate::stats::relabelled;

/// What two sides have and have not in common.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// What was not the same around the first run of each, or was asked for differently.
    pub environment: Vec<Difference>,
    /// What the first run of each has on record; what is not here may differ all the same.
    pub on_record: Vec<Recorded>,
    /// What was not the same around the runs of one side: the first of the side as `a`, another as `b`.
    pub within: Vec<Difference>,
    /// The share of timed trials that something outside disturbed, by the rule of `flags.csv`; none where
    /// nothing was timed.
    pub disturbed: Pair<Option<f64>>,
    /// How many of the trials of its plan each run has.
    pub trials: Pair<Vec<Presence>>,
    /// Whether the units are sittings, as each side has one run.
    pub by_sitting: bool,
    /// How many units each side has.
    pub units: Pair<usize>,
    /// In how many ways they can be divided into two such sides; none where p is that of t tests, as they are too few.
    pub ways: Option<u64>,
    /// What the units of a side differ by, by metric; of metrics and sides of which nothing is known there is none.
    pub between: Vec<Variation>,
    /// Whether the blocks are enough for any row to change.
    pub can_decide: bool,
    /// Each metric of each cell that all runs have, and each group: those that changed first, the surest change at
    /// the top.
    pub rows: Vec<Compared>,
    /// Cells that only one side has, or that are `ok` in only one.
    pub cells: Vec<CellChange>,
    /// What is asked first and the second side has no number of, or none that can be judged, though the first has.
    pub lost: Vec<Lost>,
    /// The claims of both, in the order of the first; of several runs, what all of them say.
    pub claims: Vec<ClaimPair>,
}

/// Compares the runs in the folders of `b` with those of `a`: by these metrics, or where none is named, by those of
/// `ratios.csv`. Nothing is written.
///
/// # Errors
/// As [`aggregate`](crate::aggregate()); when a run has no `verdicts.csv` yet; and when the runs of a side are not of
/// the same cells.
pub fn compare(folders: Pair<&[PathBuf]>, named: &[Metric]) -> Result<Comparison, Error> {
    let read = |folders: &[PathBuf]| folders.iter().map(|dir| Run::read(dir)).collect::<Result<Vec<_>, _>>();
    let sides = Sides::new(Pair { a: read(folders.a)?, b: read(folders.b)? });
    let (a, b) = (&sides.runs.a, &sides.runs.b);
    let mut within = environment::within(folders.a, a)?;
    within.extend(environment::within(folders.b, b)?);
    let rows::Rows { compared: rows, between, can_decide } = rows::compare(&sides, named);
    Ok(Comparison {
        environment: environment::differences(&a[0], &b[0]),
        on_record: environment::on_record(&a[0], &b[0]),
        within,
        disturbed: Pair { a: run::disturbed(a), b: run::disturbed(b) },
        trials: Pair { a: run::presences(a), b: run::presences(b) },
        by_sitting: sides.by_sitting,
        units: sides.units,
        ways: relabelled::ways(sides.units.a, sides.units.b),
        between,
        can_decide,
        rows,
        lost: lost::lost(&sides, named),
        cells: cell_changes::changes(&run::trials(a), &run::trials(b)),
        claims: agreement::pair(run::verdicts(a), run::verdicts(b)),
    })
}

/// Reads all that a comparison will need of a run, whose other side is still to be measured.
///
/// # Errors
/// As [`compare`].
pub fn check_comparable(folder: &Path) -> Result<Presence, Error> {
    Run::read(folder).map(|run| run.trials.presence)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tempfile::TempDir;

    use super::*;
    use crate::fixture::{claim, run, timed, value, write_plan_with};

    /// An aggregated run of a cell with makespans about this, of which it is claimed that it takes 1 µs.
    fn aggregated(makespan_ns: u64) -> TempDir {
        let samples: Vec<_> =
            (1..=7).map(|block| timed("a", block, makespan_ns + u64::from(block))).collect();
        let dir = run(&samples);
        write_plan_with(dir.path(), &[claim("slow", value("a"), ">= 1us")]);
        crate::aggregate(dir.path()).unwrap();
        dir
    }

    fn compared(a: &[&TempDir], b: &[&TempDir]) -> Result<Comparison, Error> {
        let [a, b] = [a, b].map(|side| side.iter().map(|dir| dir.path().into()).collect::<Vec<_>>());
        compare(Pair { a: &a, b: &b }, &[])
    }

    #[test]
    fn a_comparison_holds_rows_cells_claims_and_what_is_not_known_around_the_runs() {
        let (a, b) = (aggregated(500), aggregated(2000));
        let found = compared(&[&a], &[&b]).unwrap();
        let names: Vec<(Metric, bool)> = found.rows.iter().map(|row| (row.metric, row.changed)).collect();
        assert_eq!(names, [(Metric::Makespan, true)]);
        assert_eq!(found.cells, []);
        assert_eq!(found.claims[0].agreement, Some(Agreement::Disagrees));
        let around: Vec<&str> = found.environment.iter().map(|one| one.what.as_str()).collect();
        assert_eq!(around, [results::folder::ENVIRONMENT], "not to know is no sameness");
    }

    #[test]
    fn two_runs_are_only_read() {
        let (a, b) = (aggregated(500), aggregated(2000));
        let files = |dir: &Path| {
            let mut files: Vec<_> =
                std::fs::read_dir(dir).unwrap().map(|file| file.unwrap().path()).collect();
            files.sort();
            files.into_iter().map(|path| (std::fs::read(&path).unwrap(), path)).collect::<Vec<_>>()
        };
        let before = [files(a.path()), files(b.path())];
        let first = compared(&[&a], &[&b]).unwrap();
        assert_eq!(compared(&[&a], &[&b]).unwrap(), first);
        assert_eq!([files(a.path()), files(b.path())], before);
    }
}
