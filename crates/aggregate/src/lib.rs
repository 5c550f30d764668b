//! CSV in, CSV out: what a run measured, as summaries, ratios, cost models and verdicts with intervals.
//!
//! [`aggregate`] reads `plan.json` and `trials.csv` in the folder of a run and writes `summary.csv`
//! ([`SummaryRow`]), `ratios.csv` ([`RatioRow`]), `scaling.csv` ([`ScalingRow`]), `flags.csv`
//! ([`FlagRow`]) and `verdicts.csv` ([`VerdictRow`]) beside them. It is pure: the same input gives the
//! same bytes, whatever the number of threads.
//!
//! [`compare()`] holds two such folders against each other, and writes nothing.
//!
//! - [`results::metric`] is the table of what is summarised, with the pass each metric belongs to;
//! - [`stats`] holds the statistics, one a module, each with its source and its formula.
//!
//! The process is the sample: each trial gives one value of each metric. Only trials with status
//! `ok` count, and timed trials of the burn-in blocks count nowhere.

// Tests state exactly what they expect.
#![cfg_attr(test, allow(clippy::float_cmp))]

mod calibration;
mod cells;
mod compare;
#[cfg(test)]
#[path = "../tests/support/mod.rs"]
mod fixture;
mod flags;
mod precision;
mod ratios;
mod scaling;
pub mod stats;
mod summary;
mod verdicts;

use std::collections::HashMap;
use std::path::Path;

pub use calibration::{BLOCKS, calibrate};
pub use compare::{
    Agreement, CellChange, ClaimPair, ClaimResult, Compared, Comparison, Difference, Fate, Pair, compare,
    verdicts_of,
};
pub use precision::half_width;
pub use ratios::{COMPARED, FLOOR};
pub use scaling::series_name;
pub use verdicts::NEVER;

// Until report and export name them where they stand.
pub use results::folder::*;
pub use results::read as files;
pub use results::write::whole as write_whole;
pub use results::{
    Against, CalibrationRow, Error, Fitted, FlagRow, RatioRow, ScalingRow, SummaryRow, Verdict, VerdictRow,
};

use protocol::Status;
use results::read::Rows;
use results::{Pass, Plan, TrialRow, write};
use stats::Bootstrap;

/// What [`aggregate`] found; the rows are also in the files.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregation {
    /// The rows of `summary.csv`.
    pub summary: Vec<SummaryRow>,
    /// The rows of `ratios.csv`.
    pub ratios: Vec<RatioRow>,
    /// The rows of `scaling.csv`.
    pub scaling: Vec<ScalingRow>,
    /// The rows of `flags.csv`.
    pub flags: Vec<FlagRow>,
    /// The rows of `verdicts.csv`.
    pub verdicts: Vec<VerdictRow>,
    /// Whole rows read from `trials.csv`, whatever their status.
    pub trials: u64,
    /// Rows that were not written to their end, and left out.
    pub torn_rows: u64,
}

/// Summarises the run in the folder `dir`, judges its claims, and writes what it found there.
///
/// # Errors
///
/// A file that cannot be read or written, a row that cannot be true, or claims that are not those of
/// the plan's hash; see [`Error`]. The earlier results, if any, then stand as they were.
pub fn aggregate(dir: &Path) -> Result<Aggregation, Error> {
    let plan = Plan::read(&dir.join(PLAN))?;
    let mut trials = cells::read(&dir.join(TRIALS), plan.burn_in_blocks)?;
    trials.note_left_out(plan.left_out);
    let bootstrap = Bootstrap::new(plan.seed, cells::most_trials(&trials.cells));

    let flags = flags::flag(&mut trials.cells);
    let summary = summary::summarise(&trials.cells, &bootstrap);
    let ratios =
        ratios::compare(&trials.cells, &bootstrap).map_err(|problem| problem.at(&dir.join(TRIALS)))?;
    let scaling = scaling::scale(&trials.cells, &bootstrap);
    let verdicts = verdicts::judge(&plan.claims, &trials, &bootstrap);

    // All are written before any takes its name.
    let files = [
        write::stage(dir, &summary)?,
        write::stage(dir, &ratios)?,
        write::stage(dir, &scaling)?,
        write::stage(dir, &flags)?,
        write::stage(dir, &verdicts)?,
    ];
    write::publish(files)?;
    let (rows, torn_rows) = (trials.rows, trials.torn_rows);
    Ok(Aggregation { summary, ratios, scaling, flags, verdicts, trials: rows, torn_rows })
}

/// See [`Plan::read`].
///
/// # Errors
/// As it.
pub fn check(dir: &Path) -> Result<(), Error> {
    Plan::read(&dir.join(PLAN)).map(drop)
}

/// See [`Rows::each`].
///
/// # Errors
/// As it.
pub fn each_trial(path: &Path, with: impl FnMut(TrialRow)) -> Result<(), Error> {
    Rows::<TrialRow>::open(path)?.each(with).map(drop)
}

/// The trials of the run in the folder `dir` that count, in the order of their rows: status `ok`, and not
/// timed in a burn-in block.
///
/// # Errors
///
/// As [`aggregate`]; nothing is written.
pub fn counting_trials(dir: &Path) -> Result<Vec<TrialRow>, Error> {
    let plan = Plan::read(&dir.join(PLAN))?;
    let mut counting = Vec::new();
    Rows::<TrialRow>::open(&dir.join(TRIALS))?.each(|trial| {
        if trial.status == Status::Ok && !is_burn_in(&trial, plan.burn_in_blocks) {
            counting.push(trial);
        }
    })?;
    Ok(counting)
}

/// Whether the trial only warmed the machine up: it was timed in one of the first blocks.
fn is_burn_in(trial: &TrialRow, burn_in_blocks: u32) -> bool {
    trial.pass == Pass::Timed && trial.block < burn_in_blocks
}

/// How precisely each cell's makespan is known so far, by the cell's name: the half-width of its 95 %
/// interval as a share of it. Cells of fewer than [`stats::FEWEST_FOR_MEDIAN`] blocks are not known at all.
///
/// # Errors
///
/// As [`aggregate`]; nothing is written.
pub fn half_widths(dir: &Path) -> Result<HashMap<String, f64>, Error> {
    let plan = Plan::read(&dir.join(PLAN))?;
    let trials = cells::read(&dir.join(TRIALS), plan.burn_in_blocks)?;
    Ok(precision::half_widths(&trials.cells))
}
