//! A run as the report knows it: the files of its folder, read once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

use aggregate::files::{json, json_if_any, rows};
use aggregate::{CalibrationRow, FlagRow, RatioRow, ScalingRow, SummaryRow, VerdictRow};
use protocol::{Span, Status};
use results::Claim;
use results::TrialRow;
use serde::Deserialize;

use crate::appearance::Appearances;
use crate::error::Error;

/// Where the lab's own errors stand: in the folder of a calibration, in that of a run with one in
/// it, or in the newest calibration beside a run.
const CALIBRATIONS: [&str; 3] =
    ["calibration.csv", "calibration/calibration.csv", "../calibration/calibration.csv"];

/// The experiment in which the lab measures itself: its runtimes, whose truth is known, do not
/// compete.
pub(crate) const CALIBRATION: &str = "calibration";

/// All files of a run that its report shows.
#[derive(Debug)]
pub struct Run {
    /// `plan.json`.
    pub plan: Plan,
    /// `environment.json`; of a folder without one, nothing is known.
    pub environment: Environment,
    /// `ending.json`; none where the run has not ended.
    pub ending: Option<Ending>,
    /// `summary.csv`.
    pub summary: Vec<SummaryRow>,
    /// `ratios.csv`.
    pub ratios: Vec<RatioRow>,
    /// `scaling.csv`.
    pub scaling: Vec<ScalingRow>,
    /// `flags.csv`.
    pub flags: Vec<FlagRow>,
    /// `verdicts.csv`.
    pub verdicts: Vec<VerdictRow>,
    /// How often the lab itself is wrong, as far as that is known.
    pub calibration: Vec<CalibrationRow>,
    /// The file that says so, seen from the folder of the run.
    pub calibration_file: &'static str,
    /// `trials.csv`.
    pub trials: Vec<TrialRow>,
    /// By cell: `spans/CELL.csv`, the tasks of one trial, in the order in which they began.
    pub spans: BTreeMap<String, Vec<Span>>,
    /// How each runtime is drawn.
    pub appearances: Appearances,
    summary_index: HashMap<(String, String), usize>,
    cell_index: HashMap<String, usize>,
}

/// `plan.json`, as far as it is told.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct Plan {
    pub kilotask: String,
    pub preset: String,
    pub seed: u64,
    pub burn_in_blocks: u32,
    #[serde(default)]
    pub cores: u32,
    pub experiments: Vec<Experiment>,
    pub cells: Vec<Cell>,
    pub left_out: Vec<LeftOut>,
    #[serde(default)]
    pub claims: Vec<Claim>,
    #[serde(default)]
    pub claims_sha256: String,
}

/// An experiment of the plan.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct Experiment {
    pub name: String,
    pub question: String,
    pub file: String,
}

/// A cell of the plan.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct Cell {
    pub id: String,
    pub experiment: String,
    pub group: String,
    pub label: String,
    pub workload: String,
    pub tasks: u64,
    pub workers: u32,
    #[serde(default)]
    pub params: BTreeMap<String, u64>,
    /// Whether it is a rung of a ladder: how it fails is the result.
    #[serde(default)]
    pub ceiling: bool,
}

/// Something that was asked for and is not run.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct LeftOut {
    pub experiment: String,
    pub workload: String,
    pub tasks: u64,
    pub runtime: String,
    pub reason: String,
}

/// `environment.json`, as far as it is told; what the machine does not tell is `None`.
#[derive(Debug, Default, Deserialize)]
#[allow(missing_docs)]
pub struct Environment {
    pub kilotask: String,
    pub commit: Option<String>,
    pub toolchain: Option<String>,
    pub kernel: String,
    pub cpu_model: Option<String>,
    pub cpus: u32,
    pub memory_bytes: Option<u64>,
    pub virtualisation: Option<String>,
    pub clock_source: Option<String>,
    pub governor: Option<String>,
    pub transparent_huge_pages: Option<String>,
    #[serde(default)]
    pub limits: BTreeMap<String, Option<u64>>,
    #[serde(default)]
    pub instruments: BTreeMap<String, String>,
    #[serde(default)]
    pub runtimes: Vec<Runtime>,
}

/// A runtime, and whether it works here.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct Runtime {
    pub name: String,
    pub version: String,
    #[serde(default)]
    pub language: String,
    #[serde(default)]
    pub model: String,
    pub status: Status,
    #[serde(default)]
    pub reason: String,
}

/// `ending.json`.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct Ending {
    pub stopped: String,
    pub blocks: u32,
    pub of: u32,
    pub ended_at: String,
}

impl Cell {
    /// Its group without the experiment, which the group's name begins with: `sleep-1000-1ms`.
    pub fn short_group(&self) -> &str {
        self.group.strip_prefix(&self.experiment).map_or(&*self.group, |rest| rest.trim_start_matches('_'))
    }

    /// The worker threads that the experiment asks for; `None` where it leaves them to the runtime.
    pub fn workers_asked(&self) -> Option<WorkersAsked> {
        self.short_group().split('-').find_map(|part| match part {
            "wall" => Some(WorkersAsked::All),
            part => part.strip_prefix('w')?.parse().ok().map(WorkersAsked::Count),
        })
    }
}

/// How many worker threads an experiment asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WorkersAsked {
    /// So many.
    Count(u32),
    /// One for each CPU.
    All,
}

impl Run {
    /// Reads the folder of a run that was summarised.
    ///
    /// # Errors
    ///
    /// A file that is missing or makes no sense, or is of another version; see [`Error`].
    pub fn read(dir: &Path) -> Result<Self, Error> {
        aggregate::check(dir)?;
        let plan: Plan = json(&dir.join(aggregate::PLAN))?;
        let summary: Vec<SummaryRow> = rows(&dir.join(aggregate::SUMMARY))?;
        let index = |(place, row): (usize, &SummaryRow)| ((row.cell.clone(), row.metric.clone()), place);
        let summary_index = summary.iter().enumerate().map(index).collect();
        let cell_index = |(place, cell): (usize, &Cell)| (cell.id.clone(), place);
        let cell_index = plan.cells.iter().enumerate().map(cell_index).collect();
        let spans =
            plan.cells.iter().filter_map(|cell| read_spans(dir, &cell.id)).collect::<Result<_, _>>()?;
        let (calibration, calibration_file) = read_calibration(dir)?;
        let mut trials = Vec::new();
        // As in the summaries, a last row that was cut off is left out.
        aggregate::each_trial(&dir.join(aggregate::TRIALS), |trial| trials.push(trial))?;
        let planned = plan.cells.iter().map(|cell| cell.label.as_str());
        let labels: BTreeSet<&str> = planned.chain(summary.iter().map(|row| row.runtime.as_str())).collect();
        Ok(Self {
            appearances: Appearances::of(&labels),
            environment: json_if_any(&dir.join(aggregate::ENVIRONMENT))?.unwrap_or_default(),
            ending: json_if_any(&dir.join("ending.json"))?,
            ratios: rows(&dir.join(aggregate::RATIOS))?,
            scaling: rows(&dir.join(aggregate::SCALING))?,
            flags: rows(&dir.join(aggregate::FLAGS))?,
            verdicts: rows(&dir.join(aggregate::VERDICTS))?,
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
    pub fn summary_of(&self, cell: &str, metric: &str) -> Option<&SummaryRow> {
        // A pair of borrowed strings cannot look up a pair of owned ones.
        self.summary_index.get(&(cell.into(), metric.into())).map(|place| &self.summary[*place])
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
    pub fn median(&self, cell: &str, metric: &str) -> Option<f64> {
        self.summary_of(cell, metric).map(|row| row.median)
    }

    /// The claim that a verdict is about.
    pub fn claim_of(&self, row: &VerdictRow) -> Option<&Claim> {
        let is_it = |claim: &&Claim| (&claim.experiment, &claim.id) == (&row.experiment, &row.claim);
        self.plan.claims.iter().find(is_it)
    }

    /// The cells of the plan.
    pub fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.plan.cells.iter()
    }

    /// Whether a cell is a rung of a ladder: it looks for a ceiling, and how it fails is a result.
    pub fn is_rung(&self, cell: &str) -> bool {
        self.cell(cell).is_some_and(|cell| cell.ceiling)
    }

    /// The cell of this id.
    pub fn cell(&self, id: &str) -> Option<&Cell> {
        self.cell_index.get(id).map(|place| &self.plan.cells[*place])
    }

    /// The cell of a runtime in a group.
    pub fn cell_of(&self, group: &str, runtime: &str) -> Option<&Cell> {
        self.cells().find(|cell| cell.group == group && cell.label == runtime)
    }
}

/// The spans of a cell, where they were kept. A plan from a stranger names cells as it likes, and
/// none of them may lead out of the folder.
fn read_spans(dir: &Path, cell: &str) -> Option<Result<(String, Vec<Span>), Error>> {
    let path = dir.join("spans").join(format!("{cell}.csv"));
    (!cell.contains(['/', '\\']) && path.exists()).then(|| {
        let mut spans: Vec<Span> = rows::<results::SpanRow>(&path)?.into_iter().map(Span::from).collect();
        spans.sort_unstable();
        Ok((cell.to_string(), spans))
    })
}

/// The first calibration that there is, and its file.
fn read_calibration(dir: &Path) -> Result<(Vec<CalibrationRow>, &'static str), Error> {
    match CALIBRATIONS.into_iter().find(|file| dir.join(file).exists()) {
        Some(file) => Ok((rows(&dir.join(file))?, file)),
        None => Ok((Vec::new(), CALIBRATIONS[0])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::fixture;

    #[test]
    fn the_name_of_a_group_says_which_workers_were_asked_for() {
        let workers = |group: &str| {
            let mut run = fixture::read_reference();
            let cell = &mut run.plan.cells[0];
            (cell.experiment, cell.group) = ("w9-wall".into(), format!("w9-wall_{group}"));
            cell.workers_asked()
        };
        assert_eq!(workers("yield-10-w1-times1000"), Some(WorkersAsked::Count(1)));
        assert_eq!(workers("yield-10-w2"), Some(WorkersAsked::Count(2)));
        assert_eq!(workers("echo-10-200ms-wall-message-bytes100"), Some(WorkersAsked::All));
        assert_eq!(workers("sleep-10-1ms"), None);
    }
}
