//! Two runs compared: two machines, two versions, before and after.
//!
//! A run differs from another in everything at once: the machine, the kernel, the build, the hour. So what is
//! known of that comes first ([`Difference`]), and the numbers after it. Two runs have no blocks in common, so
//! that the blocks of each are an independent sample:
//!
//! 1. The *ratio* is that of the medians, B/A, with the interval of [`two_medians`](crate::stats::two_medians)
//!    on the scale of logarithms.
//! 2. p is the larger one of [Welch's t test](crate::stats::welch) of the logarithms and of that with
//!    [pooled variances](crate::stats::pooled), after Holm's correction over all rows of the comparison.
//! 3. A row *changed* where the adjusted p is at most 0.05 **and** the whole interval lies on one side of 1:
//!    one is of the mean, the other of the median.
//!
//! What this cannot know, and how often it is wrong, is in `docs/statistics.md`.

mod agreement;
mod cell_changes;
mod environment;
mod pair;
mod rows;
mod run;

use std::path::Path;

use results::{Error, Metric};
use serde::Serialize;

pub use self::agreement::{Agreement, ClaimPair, ClaimResult};
pub use self::cell_changes::{CellChange, Fate};
pub use self::environment::Difference;
pub use self::pair::Pair;
pub use self::rows::Compared;
pub use self::run::verdicts_of;

use self::run::Run;

/// What two runs have and have not in common.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// What was not the same around them, or was asked for differently.
    pub environment: Vec<Difference>,
    /// The share of timed trials that something outside disturbed, by the rule of `flags.csv`; none where
    /// nothing was timed.
    pub disturbed: Pair<Option<f64>>,
    /// Each metric of each cell that both have: those that changed first, the surest change at the top.
    pub rows: Vec<Compared>,
    /// Cells that only one of them has, or that are `ok` in only one.
    pub cells: Vec<CellChange>,
    /// The claims of both, in the order of the first.
    pub claims: Vec<ClaimPair>,
}

/// Compares the run in the folder `b` with that in the folder `a`, by these metrics. Nothing is written.
///
/// # Errors
/// As [`aggregate`](crate::aggregate()); and when a run has no `verdicts.csv` yet.
pub fn compare(a: &Path, b: &Path, metrics: &[Metric]) -> Result<Comparison, Error> {
    let (a, b) = (Run::read(a)?, Run::read(b)?);
    Ok(Comparison {
        environment: environment::differences(&a, &b),
        disturbed: Pair { a: a.disturbed(), b: b.disturbed() },
        rows: rows::compare(&a.trials.cells, &b.trials.cells, metrics),
        cells: cell_changes::changes(&a.trials, &b.trials),
        claims: agreement::pair(a.verdicts, b.verdicts),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{claim, run, timed, value, write_plan_with};
    use crate::ratios::COMPARED;

    /// An aggregated run of a cell with makespans about this, of which it is claimed that it takes 1 µs.
    fn aggregated(makespan_ns: u64) -> tempfile::TempDir {
        let samples: Vec<_> =
            (1..=7).map(|block| timed("a", block, makespan_ns + u64::from(block))).collect();
        let dir = run(&samples);
        write_plan_with(dir.path(), &[claim("slow", value("a"), ">= 1us")]);
        crate::aggregate(dir.path()).unwrap();
        dir
    }

    #[test]
    fn a_comparison_holds_rows_cells_claims_and_what_is_not_known_around_the_runs() {
        let (a, b) = (aggregated(500), aggregated(2000));
        let found = compare(a.path(), b.path(), &COMPARED).unwrap();
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
        let first = compare(a.path(), b.path(), &COMPARED).unwrap();
        assert_eq!(compare(a.path(), b.path(), &COMPARED).unwrap(), first);
        assert_eq!([files(a.path()), files(b.path())], before);
    }
}
