//! All that follows from the trials of a run, written beside them.

use std::path::Path;

use results::folder::trials_of;
use results::{Error, FlagRow, Plan, Presence, Problem, RatioRow, ScalingRow, SummaryRow, VerdictRow, write};

use crate::ratios::{self, Compared, known_rows};
use crate::trials::{self, Trials};
use crate::verdicts::{self, Judgement};
use crate::{scaling, summary};

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
    let derived = Derived::of(&plan, &trials).map_err(|problem| problem.at(&trials_of(dir)))?;
    let Derived { summary, ratios, scaling, judgements } = derived;
    let (ratios, verdicts) = (known_rows(ratios), verdict_rows(judgements));
    // PERF: the trials of a large run are most of the memory, and the files are made in memory, too.
    trials.cells = Vec::new();
    publish(dir, &summary, &ratios, &scaling, &flags, &verdicts)?;
    let Trials { rows, torn_rows, lab_errors, presence, .. } = trials;
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

/// What follows from trials, before it is written.
pub(crate) struct Derived<'a> {
    pub summary: Vec<SummaryRow>,
    pub ratios: Vec<Compared<'a>>,
    pub scaling: Vec<ScalingRow>,
    pub judgements: Vec<Judgement>,
}

impl<'a> Derived<'a> {
    /// All that follows.
    pub fn of(plan: &'a Plan, trials: &'a Trials) -> Result<Self, Problem> {
        let mut summary = summary::summarise(trials);
        ratios::mark_best(trials, &mut summary);
        let ratios = ratios::compare(plan, trials)?;
        let scaling = scaling::scale(&trials.cells);
        let judgements = verdicts::judge(plan, trials);
        Ok(Self { summary, ratios, scaling, judgements })
    }
}

/// The rows of `verdicts.csv`.
pub(crate) fn verdict_rows(judgements: Vec<Judgement>) -> Vec<VerdictRow> {
    judgements.into_iter().map(|judgement| judgement.row).collect()
}

/// Writes all tables into a folder: every one before any takes its name.
pub(crate) fn publish(
    dir: &Path,
    summary: &[SummaryRow],
    ratios: &[RatioRow],
    scaling: &[ScalingRow],
    flags: &[FlagRow],
    verdicts: &[VerdictRow],
) -> Result<(), Error> {
    let files = [
        write::stage(dir, summary)?,
        write::stage(dir, ratios)?,
        write::stage(dir, scaling)?,
        write::stage(dir, flags)?,
        write::stage(dir, verdicts)?,
    ];
    write::publish(files)
}
