//! A run as the report knows it: the files of its folder, read once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use protocol::{Span, Status};
pub(crate) use results::overview::is_about_the_lab;
use results::read::{Rows, json_if_any, rows};
use results::{
    CalibrationRow, Cell, Claim, Ending, Environment, FlagRow, Metric, Plan, RatioRow, ScalingRow, SpanRow,
    SummaryRow, TrialRow, VerdictRow, folder,
};

use crate::appearance::Appearances;
use crate::error::Error;

/// All files of a run that its report shows: most fields have the name of their file.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Run {
    pub plan: Plan,
    /// Of a folder without one, nothing is known.
    pub environment: Environment,
    /// None where the run has not ended.
    pub ending: Option<Ending>,
    pub summary: Vec<SummaryRow>,
    pub ratios: Vec<RatioRow>,
    pub scaling: Vec<ScalingRow>,
    pub flags: Vec<FlagRow>,
    pub verdicts: Vec<VerdictRow>,
    /// How often the lab itself is wrong, as far as that is known.
    pub calibration: Vec<CalibrationRow>,
    /// The file that says so, seen from the folder of the run.
    pub calibration_file: &'static str,
    pub trials: Vec<TrialRow>,
    /// By cell: `spans/CELL.csv`, the tasks of one trial, in the order in which they began.
    pub spans: BTreeMap<String, Vec<Span>>,
    /// How each runtime is drawn.
    pub appearances: Appearances,
    summary_index: HashMap<(String, Metric), usize>,
    cell_index: HashMap<String, usize>,
    /// The labels of references and variants.
    unranked: HashSet<String>,
    /// By label: the family of the runtime.
    families: BTreeMap<String, String>,
}

impl Run {
    /// Reads the folder of a run that was summarised.
    ///
    /// # Errors
    /// A file that is missing or makes no sense, or is of another version; see [`Error`].
    pub fn read(dir: &Path) -> Result<Self, Error> {
        let plan = Plan::read(&dir.join(folder::PLAN))?;
        let summary: Vec<SummaryRow> = rows(&dir.join(folder::SUMMARY))?;
        let index = |(place, row): (usize, &SummaryRow)| ((row.cell.clone(), row.metric), place);
        let summary_index = summary.iter().enumerate().map(index).collect();
        let cells = || plan.cells.iter().map(|planned| &planned.cell);
        let cell_index = cells().enumerate().map(|(place, cell)| (cell.id.clone(), place)).collect();
        let spans = cells().filter_map(|cell| read_spans(dir, &cell.id)).collect::<Result<_, _>>()?;
        let (calibration, calibration_file) = read_calibration(dir)?;
        let mut trials = Vec::new();
        // As in the summaries, rows that were not written to their end are left out.
        Rows::open(&dir.join(folder::TRIALS))?.each(|trial| trials.push(trial))?;
        let families: BTreeMap<String, String> =
            cells().map(|cell| (cell.label.clone(), plan.family(&cell.runtime))).collect();
        let unranked = cells().filter(|cell| !plan.description(&cell.runtime).is_ranked());
        let unranked: HashSet<String> = unranked.map(|cell| cell.label.clone()).collect();
        let known = families
            .iter()
            .map(|(label, family)| (label.as_str(), (family.as_str(), !unranked.contains(label))));
        let appearances = Appearances::of(&known.collect());
        Ok(Self {
            unranked,
            appearances,
            families,
            environment: json_if_any(&dir.join(folder::ENVIRONMENT))?.unwrap_or_default(),
            ending: json_if_any(&dir.join(folder::ENDING))?,
            ratios: rows(&dir.join(folder::RATIOS))?,
            scaling: rows(&dir.join(folder::SCALING))?,
            flags: rows(&dir.join(folder::FLAGS))?,
            verdicts: rows(&dir.join(folder::VERDICTS))?,
            calibration,
            calibration_file,
            trials,
            spans,
            plan,
            summary,
            summary_index,
            cell_index,
        })
    }

    /// The summary of a metric of a cell.
    pub fn summary_of(&self, cell: &str, metric: Metric) -> Option<&SummaryRow> {
        // A borrowed name cannot look up an owned one in a pair.
        self.summary_index.get(&(cell.into(), metric)).map(|place| &self.summary[*place])
    }

    /// By cell: its first trial, of those cells none of whose trials was `ok`.
    pub fn failures(&self) -> BTreeMap<&str, &TrialRow> {
        let is_ok = |trial: &&TrialRow| trial.status == Status::Ok;
        let good: HashSet<&str> = self.trials.iter().filter(is_ok).map(|trial| &*trial.cell).collect();
        let mut first = BTreeMap::new();
        for trial in self.trials.iter().filter(|trial| !good.contains(&*trial.cell)) {
            first.entry(&*trial.cell).or_insert(trial);
        }
        first
    }

    /// The median of a metric of a cell.
    pub fn median(&self, cell: &str, metric: Metric) -> Option<f64> {
        self.summary_of(cell, metric).map(|row| row.median)
    }

    /// The claim that a verdict is about.
    pub fn claim_of(&self, row: &VerdictRow) -> Option<&Claim> {
        let is_it = |claim: &&Claim| (&claim.experiment, &claim.id) == (&row.experiment, &row.claim);
        self.plan.claims.iter().find(is_it)
    }

    /// Whether the runtime of this label takes part in rankings: it is no reference, and no variant of another.
    pub fn is_ranked(&self, label: &str) -> bool {
        !self.unranked.contains(label)
    }

    /// The labels of the plan with the family of each, in the order of the labels.
    pub fn families(&self) -> impl Iterator<Item = (&str, &str)> {
        self.families.iter().map(|(label, family)| (label.as_str(), family.as_str()))
    }

    /// What must be said wherever a cell is ranked.
    pub fn caveat(&self, cell: &str) -> Option<&str> {
        self.plan.caveat(self.cell(cell)?)
    }

    /// The cells of the plan.
    pub fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.plan.cells.iter().map(|planned| &planned.cell)
    }

    /// Whether a cell is a rung of a ladder: it searches for a ceiling, and its failure is a result.
    pub fn is_rung(&self, cell: &str) -> bool {
        self.cell_index.get(cell).is_some_and(|place| self.plan.cells[*place].ceiling)
    }

    /// The cell of this id.
    pub fn cell(&self, id: &str) -> Option<&Cell> {
        self.cell_index.get(id).map(|place| &self.plan.cells[*place].cell)
    }

    /// The cell of a runtime in a group.
    pub fn cell_of(&self, group: &str, runtime: &str) -> Option<&Cell> {
        self.cells().find(|cell| cell.group == group && cell.label == runtime)
    }
}

/// The spans of a cell, where they were kept.
fn read_spans(dir: &Path, cell: &str) -> Option<Result<(String, Vec<Span>), Error>> {
    let path = folder::spans_of(dir, cell).filter(|path| path.exists())?;
    let read = || {
        let mut spans: Vec<Span> = rows::<SpanRow>(&path)?.into_iter().map(Span::from).collect();
        spans.sort_unstable();
        Ok((cell.to_string(), spans))
    };
    Some(read())
}

/// The first calibration that there is, and its file.
fn read_calibration(dir: &Path) -> Result<(Vec<CalibrationRow>, &'static str), Error> {
    match folder::CALIBRATIONS.into_iter().find(|file| dir.join(file).exists()) {
        Some(file) => Ok((rows(&dir.join(file))?, file)),
        None => Ok((Vec::new(), folder::CALIBRATIONS[0])),
    }
}
