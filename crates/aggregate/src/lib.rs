//! CSV in, CSV out: what a run measured, as summaries, ratios, cost models and verdicts with intervals.
//!
//! [`aggregate`] reads `plan.json` and `trials.csv` in the folder of a run and writes `summary.csv`
//! ([`SummaryRow`]), `ratios.csv` ([`RatioRow`]), `scaling.csv` ([`ScalingRow`]), `flags.csv`
//! ([`FlagRow`]) and `verdicts.csv` ([`VerdictRow`]) beside them. It is pure: the same input gives the
//! same bytes, whatever the number of threads.
//!
//! [`compare()`] holds two such folders against each other, and writes nothing.
//!
//! - [`results::metrics`] is the table of what is summarised, with the pass each metric belongs to;
//! - [`stats`] holds the statistics, one a module, each with its source and its formula.
//!
//! The process is the sample: each trial gives one value of each metric. Only trials with status
//! `ok` count, and timed trials of the burn-in blocks count nowhere.

// Tests state exactly what they expect.
#![cfg_attr(test, allow(clippy::float_cmp))]

mod calibration;
mod cells;
mod compare;
mod error;
pub mod files;
#[cfg(test)]
#[path = "../tests/support/mod.rs"]
mod fixture;
mod flags;
mod number;
mod plan;
mod precision;
mod ratios;
mod rows;
mod scaling;
pub mod stats;
mod summary;
mod verdicts;
mod write;

use std::collections::HashMap;
use std::path::Path;

pub use calibration::{BLOCKS, CalibrationRow, calibrate};
pub use compare::{
    Agreement, CellChange, ClaimPair, Compared, Comparison, Difference, Fate, Pair, Told, compare,
    usual_metrics, verdicts_of,
};
pub use error::Error;
pub use flags::FlagRow;
pub use precision::half_width;
pub use ratios::{Against, FLOOR, RatioRow};
pub use scaling::{Fitted, ScalingRow, series_name};
pub use summary::SummaryRow;
pub use verdicts::{NEVER, Verdict, VerdictRow};
pub use write::write_whole;

use plan::Plan;
use protocol::Status;
use results::TrialRow;
use stats::Bootstrap;

/// The plan of the run: its seed, and how many blocks are burn-in.
pub const PLAN: &str = "plan.json";
/// The raw samples, one row a trial.
pub const TRIALS: &str = "trials.csv";
/// The summaries, one row per cell and metric.
pub const SUMMARY: &str = "summary.csv";
/// The ratios, one row per pair of runtimes and metric.
pub const RATIOS: &str = "ratios.csv";

/// Fixed costs, costs per task and crossovers, one row each.
pub const SCALING: &str = "scaling.csv";
/// Trials that something outside disturbed, one row per trial and signal.
pub const FLAGS: &str = "flags.csv";
/// What the run says of each claim of its plan.
pub const VERDICTS: &str = "verdicts.csv";

/// The trials by which the lab tells what its order of trials is good for.
pub const ORDERS: &str = "orders.csv";
/// How often the lab itself is wrong, one row a figure.
pub const CALIBRATION: &str = "calibration.csv";

/// The machine and the build.
pub const ENVIRONMENT: &str = "environment.json";

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
    /// Last rows that were cut off before their end, and left out: 0 or 1.
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
        write::stage(dir, SUMMARY, &summary::COLUMNS, &summary)?,
        write::stage(dir, RATIOS, &ratios::COLUMNS, &ratios)?,
        write::stage(dir, SCALING, &scaling::COLUMNS, &scaling)?,
        write::stage(dir, FLAGS, &flags::COLUMNS, &flags)?,
        write::stage(dir, VERDICTS, &verdicts::COLUMNS, &verdicts)?,
    ];
    files.into_iter().try_for_each(write::Staged::publish)?;
    let (rows, torn_rows) = (trials.rows, trials.torn_rows);
    Ok(Aggregation { summary, ratios, scaling, flags, verdicts, trials: rows, torn_rows })
}

/// Hands out the trials of a file one after the other, whatever their status, so that memory does not grow
/// with it. A last row that was cut off before its end is left out.
///
/// # Errors
///
/// A file that cannot be read, or a row that cannot be true.
pub fn each_trial(path: &Path, mut with: impl FnMut(TrialRow)) -> Result<(), Error> {
    let mut rows = rows::Rows::open(path)?;
    while let Some((_, sample)) = rows.next().map_err(|problem| problem.at(path))? {
        with(sample);
    }
    Ok(())
}

/// Checks that the folder `dir` holds the plan of a run, and that its files are of the version read here.
///
/// # Errors
///
/// When it does not.
pub fn check(dir: &Path) -> Result<(), Error> {
    Plan::read(&dir.join(PLAN)).map(drop)
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
    each_trial(&dir.join(TRIALS), |sample| {
        if sample.status == Status::Ok && !rows::is_burn_in(&sample, plan.burn_in_blocks) {
            counting.push(sample);
        }
    })?;
    Ok(counting)
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
    let makespan = results::METRICS.iter().position(|metric| metric.name == "makespan_ns");
    Ok(makespan.map_or_else(HashMap::new, |makespan| precision::half_widths(&trials.cells, makespan)))
}
