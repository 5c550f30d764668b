//! CSV in, CSV out: what a run measured, as summaries and ratios with their intervals.
//!
//! [`aggregate`] reads `plan.json` and `trials.csv` in the folder of a run and writes `summary.csv`
//! ([`SummaryRow`]) and `ratios.csv` ([`RatioRow`]) beside them. It is pure: the same input gives the
//! same bytes, whatever the number of threads.
//!
//! - [`metrics`] is the table of what is summarised, with the pass each metric belongs to;
//! - [`stats`] holds the statistics, one a module, each with its source and its formula.
//!
//! The process is the sample: each trial gives one value of each metric. Only trials with status
//! `ok` count, and timed trials of the burn-in blocks count nowhere.

// Tests state exactly what they expect.
#![cfg_attr(test, allow(clippy::float_cmp))]

mod cells;
mod error;
#[cfg(test)]
#[path = "../tests/support/mod.rs"]
mod fixture;
pub mod metrics;
mod number;
mod plan;
mod ratios;
mod rows;
pub mod stats;
mod summary;
mod write;

use std::path::Path;

pub use error::Error;
pub use ratios::{Against, FLOOR, RatioRow};
pub use summary::SummaryRow;

use plan::Plan;
use stats::Bootstrap;

/// The plan of the run: its seed, and how many blocks are burn-in.
pub const PLAN: &str = "plan.json";
/// The raw samples, one row a trial.
pub const TRIALS: &str = "trials.csv";
/// The summaries, one row per cell and metric.
pub const SUMMARY: &str = "summary.csv";
/// The ratios, one row per pair of runtimes and metric.
pub const RATIOS: &str = "ratios.csv";

/// What [`aggregate`] found; the rows are also in the files.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregation {
    /// The rows of `summary.csv`.
    pub summary: Vec<SummaryRow>,
    /// The rows of `ratios.csv`.
    pub ratios: Vec<RatioRow>,
    /// Whole rows read from `trials.csv`, whatever their status.
    pub trials: u64,
    /// Last rows that were cut off before their end, and left out: 0 or 1.
    pub torn_rows: u64,
}

/// Summarises the run in the folder `dir`, and writes `summary.csv` and `ratios.csv` there.
///
/// # Errors
///
/// A file that cannot be read or written, or a row that cannot be true; see [`Error`]. The earlier
/// `summary.csv` and `ratios.csv`, if any, then stand as they were.
pub fn aggregate(dir: &Path) -> Result<Aggregation, Error> {
    let plan = Plan::read(&dir.join(PLAN))?;
    let trials = cells::read(&dir.join(TRIALS), plan.burn_in_blocks)?;
    let bootstrap = Bootstrap::new(plan.seed, cells::most_trials(&trials.cells));

    let summary = summary::summarise(&trials.cells, &bootstrap);
    let ratios =
        ratios::compare(&trials.cells, &bootstrap).map_err(|problem| problem.at(&dir.join(TRIALS)))?;

    let summary_file = write::stage(dir, SUMMARY, &summary::COLUMNS, &summary)?;
    let ratios_file = write::stage(dir, RATIOS, &ratios::COLUMNS, &ratios)?;
    summary_file.publish()?;
    ratios_file.publish()?;
    Ok(Aggregation { summary, ratios, trials: trials.rows, torn_rows: trials.torn_rows })
}
