//! CSV in, CSV out: what a run measured, as summaries, ratios, cost models and verdicts with intervals.
//!
//! [`aggregate`] reads `plan.json` and `trials.csv` in the folder of a run and writes `summary.csv`
//! ([`SummaryRow`](results::SummaryRow)), `ratios.csv` ([`RatioRow`](results::RatioRow)), `scaling.csv`
//! ([`ScalingRow`](results::ScalingRow)), `flags.csv` ([`FlagRow`](results::FlagRow)) and `verdicts.csv`
//! ([`VerdictRow`](results::VerdictRow)) beside them. It is pure: the same input gives the same bytes,
//! whatever the number of threads.
//!
//! [`aggregate_merged`] does the same for each machine of a folder into which the parts of several were merged, and
//! writes what they say together: `across.csv` ([`AcrossRow`](results::AcrossRow)) and `verdicts-across.csv`
//! ([`AcrossVerdictRow`](results::AcrossVerdictRow)).
//!
//! [`compare()`] compares two such folders, and writes nothing.
//!
//! - [`results::metric`] is the table of what is summarised, with the pass each metric belongs to;
//! - [`stats`] holds the statistics, one a module, each with its source and its formula.
//!
//! The process is the sample: each trial gives one value of each metric. Only trials with status
//! `ok` count, and timed trials of the burn-in blocks count nowhere.

// Tests state exactly what they expect.
#![cfg_attr(test, allow(clippy::float_cmp))]

mod across;
mod added_tasks;
mod aggregation;
mod calibration;
mod compare;
#[cfg(test)]
mod fixture;
mod flags;
mod measured_cell;
mod precision;
mod ratios;
mod scaling;
pub mod sensitivity;
mod sittings;
pub mod stats;
mod summary;
mod trials;
mod verdicts;

pub use across::{Merged, aggregate_merged};
pub use aggregation::{Aggregation, aggregate};
pub use calibration::{BLOCKS, calibrate};
pub use compare::{
    Agreement, CellChange, ClaimPair, ClaimResult, Compared, Comparison, Difference, Fate, Lost, Pair,
    Recorded, Variation, check_comparable, compare, verdicts_of,
};
pub use precision::{half_width, half_widths};
pub use ratios::{COMPARED, FLOOR};
pub use scaling::series_name;
pub use trials::counting_trials;
pub use verdicts::undecided_cells;
