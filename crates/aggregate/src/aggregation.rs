//! All that follows from the trials of a run, written beside them.

use std::path::Path;

use results::folder::TRIALS;
use results::{Error, FlagRow, Presence, RatioRow, ScalingRow, SummaryRow, VerdictRow, write};

use crate::{ratios, scaling, summary, trials, verdicts};

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
    /// Trials that a trouble of the lab's own spoilt, which count nowhere.
    pub lab_errors: u64,
    /// How many of the trials of its plan the run has.
    pub presence: Presence,
}

/// Summarises the run in the folder `dir`, judges its claims, and writes what it found there.
///
/// # Errors
/// A file that cannot be read or written, a row that cannot be true, or claims that are not those of
/// the plan's hash; see [`Error`]. The earlier results, if any, then stand as they were.
pub fn aggregate(dir: &Path) -> Result<Aggregation, Error> {
    let (plan, mut trials) = trials::read(dir)?;
    let flags = std::mem::take(&mut trials.flags);
    let mut summary = summary::summarise(&trials);
    ratios::mark_best(&trials, &mut summary);
    let ratios = ratios::compare(&plan, &trials);
    let ratios = ratios.map_err(|problem| problem.at(&dir.join(TRIALS)))?;
    let scaling = scaling::scale(&trials.cells);
    let verdicts = verdicts::judge(&plan, &trials);

    // All are written before any takes its name.
    let files = [
        write::stage(dir, &summary)?,
        write::stage(dir, &ratios)?,
        write::stage(dir, &scaling)?,
        write::stage(dir, &flags)?,
        write::stage(dir, &verdicts)?,
    ];
    write::publish(files)?;
    let trials::Trials { rows, torn_rows, lab_errors, presence, .. } = trials;
    Ok(Aggregation {
        summary,
        ratios,
        scaling,
        flags,
        verdicts,
        trials: rows,
        torn_rows,
        lab_errors,
        presence,
    })
}
