//! A run as the report knows it: the files of its folder, read once.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::panic::resume_unwind;
use std::path::Path;
use std::thread;

use protocol::{Span, Status};
use results::grouping::grouped;
use results::held::{NO_TRACE, left_no_trace};
use results::merged::check_is_one_run;
pub(crate) use results::overview::is_about_the_lab;
use results::read::{json_if_any, rows, rows_where};
use results::trials::{read_plan, read_trials};
use results::{
    CalibrationRow, Cell, Claim, Ending, Environment, FlagRow, Metric, Pass, Plan, Presence, RatioRow,
    ScalingRow, SummaryRow, TrialRow, VerdictRow, folder,
};

use crate::among::{self, Among};
use crate::appearance::Appearances;
use crate::error::Error;
use crate::shown::{Shown, is_break_even};
use crate::spans;

/// The experiment that the lab began with: the claims of the article.
pub(crate) const ARTICLE: &str = "article";

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
    /// Where one of two runtimes begins to cost less than the other.
    pub scaling: Vec<ScalingRow>,
    pub flags: Vec<FlagRow>,
    pub verdicts: Vec<VerdictRow>,
    /// How often the lab itself is wrong, as far as that is known.
    pub calibration: Vec<CalibrationRow>,
    /// The file that says so, seen from the folder of the run.
    pub calibration_file: &'static str,
    pub trials: Vec<Trial>,
    /// How many of the trials of its plan it has.
    pub presence: Presence,
    /// By cell: `spans/CELL.csv`, the tasks of one trial, in the order in which they began.
    pub spans: BTreeMap<String, Vec<Span>>,
    /// How each runtime is drawn.
    pub appearances: Appearances,
    /// Where it is one of the machines of a merged folder: which, and which others there are.
    pub(crate) among: Option<Among>,
    /// By place of the cell in the plan.
    summary_index: HashMap<(usize, Metric), usize>,
    cell_index: HashMap<String, usize>,
    /// By group: the places of its cells.
    group_index: HashMap<String, Vec<usize>>,
    /// The same by label.
    label_index: HashMap<String, Vec<usize>>,
    /// The labels of references and variants.
    unranked: HashSet<String>,
    /// By label: the family of the runtime.
    families: BTreeMap<String, String>,
    /// By cell: what must be said of it that its runner does not say.
    found: HashMap<String, String>,
}

/// What the report says of single trials: a few of the columns of `trials.csv`, as there may be hundreds of thousands.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Trial {
    pub cell: String,
    pub runtime: String,
    pub tasks: u64,
    pub pass: Pass,
    pub block: u32,
    pub process: u32,
    pub status: Status,
    pub reason: String,
    pub makespan_ns: Option<u64>,
    pub started_at: String,
}

impl From<TrialRow> for Trial {
    fn from(row: TrialRow) -> Self {
        let TrialRow {
            cell,
            runtime,
            tasks,
            pass,
            block,
            process,
            status,
            reason,
            makespan_ns,
            started_at,
            ..
        } = row;
        Self { cell, runtime, tasks, pass, block, process, status, reason, makespan_ns, started_at }
    }
}

impl Run {
    /// Reads the folder of a run that was summarised.
    ///
    /// # Errors
    /// A file that is missing or makes no sense, or is of another version; see [`Error`].
    pub fn read(dir: &Path) -> Result<Self, Error> {
        check_is_one_run(dir)?;
        let plan = read_plan(dir)?;
        let (tables, (trials, presence)) = read_halves(dir, &plan)?;
        Self::of(dir, plan, tables, trials, presence)
    }

    /// The same without its trials, of which there may be many: for figures that need none.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub(crate) fn read_without_trials(dir: &Path) -> Result<Self, Error> {
        let plan = read_plan(dir)?;
        let tables = Tables::read(dir, &plan)?;
        Self::of(dir, plan, tables, Vec::new(), Presence::default())
    }

    fn of(
        dir: &Path,
        plan: Plan,
        tables: Tables,
        trials: Vec<Trial>,
        presence: Presence,
    ) -> Result<Self, Error> {
        let Tables { summary, ratios, scaling, flags, verdicts, calibration, calibration_file } = tables;
        let cells = || plan.cells.iter().map(|planned| &planned.cell);
        let cell_index: HashMap<String, usize> =
            cells().enumerate().map(|(place, cell)| (cell.id.clone(), place)).collect();
        let index =
            |(place, row): (usize, &SummaryRow)| Some(((*cell_index.get(&row.cell)?, row.metric), place));
        let summary_index = summary.iter().enumerate().filter_map(index).collect();
        let places_by = |name: fn(&Cell) -> &String| -> HashMap<String, Vec<usize>> {
            grouped(cells().enumerate().map(|(place, cell)| (name(cell).clone(), place)))
                .into_iter()
                .collect()
        };
        let (group_index, label_index) = (places_by(|cell| &cell.group), places_by(|cell| &cell.label));
        let spans = spans::read(dir, &plan)?;
        let families: BTreeMap<String, String> =
            cells().map(|cell| (cell.label.clone(), plan.family(&cell.runtime))).collect();
        let unranked = cells().filter(|cell| !plan.description(&cell.runtime).is_ranked());
        let unranked: HashSet<String> = unranked.map(|cell| cell.label.clone()).collect();
        let known = families
            .iter()
            .map(|(label, family)| (label.as_str(), (family.as_str(), !unranked.contains(label))));
        let appearances = Appearances::of(&known.collect());
        let run = Self {
            unranked,
            appearances,
            families,
            environment: json_if_any(&folder::environment_of(dir))?.unwrap_or_default(),
            ending: json_if_any(&dir.join(folder::ENDING))?,
            ratios,
            scaling,
            flags,
            verdicts,
            calibration,
            calibration_file,
            presence,
            trials,
            spans,
            among: Among::read(dir)?,
            plan,
            summary,
            summary_index,
            cell_index,
            group_index,
            label_index,
            found: HashMap::new(),
        };
        Ok(Self { found: run.without_trace(), ..run })
    }

    /// The cells whose tasks left no trace, with what is said of them.
    fn without_trace(&self) -> HashMap<String, String> {
        let left_none =
            |cell: &&Cell| left_no_trace(&cell.workload, cell.tasks, |metric| self.median(&cell.id, metric));
        let said = |cell: &Cell| {
            let own = self.plan.caveat(cell).map(|own| format!("{}; ", own.trim_end_matches('.')));
            (cell.id.clone(), own.unwrap_or_default() + NO_TRACE)
        };
        self.cells().filter(left_none).map(said).collect()
    }

    /// Where a file that it has from the beginning stands, seen from its page.
    pub(crate) fn given(&self, file: &str) -> String {
        among::given(self.among.as_ref(), file)
    }

    /// The way to the checkout from the page of a run that stands in its `results/`.
    pub(crate) fn checkout(&self) -> &'static str {
        if self.among.is_some() { "../../../../" } else { "../../" }
    }

    /// The summary of a metric of a cell.
    pub fn summary_of(&self, cell: &str, metric: Metric) -> Option<&SummaryRow> {
        let place = self.summary_index.get(&(*self.cell_index.get(cell)?, metric))?;
        Some(&self.summary[*place])
    }

    /// By cell: its first trial, of those cells none of whose trials was `ok`.
    pub fn failures(&self) -> BTreeMap<&str, &Trial> {
        let is_ok = |trial: &&Trial| trial.status == Status::Ok;
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
        let found = self.found.get(cell).map(String::as_str);
        found.or_else(|| self.plan.caveat(self.cell(cell)?))
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

    /// The cells of a runtime, in the order of the plan.
    pub fn cells_of(&self, runtime: &str) -> impl Iterator<Item = &Cell> {
        let places = self.label_index.get(runtime).into_iter().flatten();
        places.map(|place| &self.plan.cells[*place].cell)
    }

    /// The place in the plan of the first cell of a group.
    pub fn place_of(&self, group: &str) -> Option<usize> {
        self.group_index.get(group)?.first().copied()
    }

    /// The cell of a runtime in a group.
    pub fn cell_of(&self, group: &str, runtime: &str) -> Option<&Cell> {
        let mut cells = self.group_index.get(group)?.iter().map(|place| &self.plan.cells[*place].cell);
        cells.find(|cell| cell.label == runtime)
    }
}

/// Trials of more bytes than this are read before the tables, not at the same time: to check them takes as much memory as
/// all that is kept.
const LARGE: u64 = 32 << 20;

/// What `aggregate` wrote, and the trials: two halves of what there is to read.
fn read_halves(dir: &Path, plan: &Plan) -> Result<(Tables, (Vec<Trial>, Presence)), Error> {
    let trials = || read_counting_trials(dir, plan);
    if dir.join(folder::TRIALS).metadata().is_ok_and(|file| file.len() > LARGE) {
        let trials = trials()?;
        return Ok((Tables::read(dir, plan)?, trials));
    }
    thread::scope(|scope| {
        let trials = scope.spawn(trials);
        let tables = Tables::read(dir, plan);
        let trials = trials.join().unwrap_or_else(|panic| resume_unwind(panic));
        Ok((tables?, trials?))
    })
}

/// What `aggregate` wrote, as far as the report shows it.
struct Tables {
    summary: Vec<SummaryRow>,
    ratios: Vec<RatioRow>,
    scaling: Vec<ScalingRow>,
    flags: Vec<FlagRow>,
    verdicts: Vec<VerdictRow>,
    calibration: Vec<CalibrationRow>,
    calibration_file: &'static str,
}

impl Tables {
    fn read(dir: &Path, plan: &Plan) -> Result<Self, Error> {
        let (calibration, calibration_file) = read_calibration(dir)?;
        let (shown, breaks) = (Shown::of(plan), RefCell::new(HashSet::new()));
        Ok(Self {
            summary: rows_where(&dir.join(folder::SUMMARY), |row| shown.has(row))?,
            ratios: rows_where(&dir.join(folder::RATIOS), |row| shown.has_ratio(row))?,
            // Of the first experiment that says so: there may be hundreds of thousands.
            scaling: rows_where(&dir.join(folder::SCALING), |row: &ScalingRow| {
                let key = || (row.workload.clone(), row.metric, row.runtime.clone(), row.against.clone());
                is_break_even(row) && breaks.borrow_mut().insert(key())
            })?,
            flags: rows(&dir.join(folder::FLAGS))?,
            verdicts: rows(&dir.join(folder::VERDICTS))?,
            calibration,
            calibration_file,
        })
    }
}

/// The trials, and how many of its plan there are. As in the summaries, rows that were not written to their end are left
/// out.
fn read_counting_trials(dir: &Path, plan: &Plan) -> Result<(Vec<Trial>, Presence), Error> {
    let mut trials = Vec::new();
    let attendance = read_trials(dir, plan, |_, trial| {
        // What the lab itself spoilt is in no figure either.
        if trial.status != Status::LabError {
            trials.push(trial.into());
        }
        Ok(())
    })?;
    Ok((trials, attendance.presence))
}

/// The first calibration that there is, and its file.
fn read_calibration(dir: &Path) -> Result<(Vec<CalibrationRow>, &'static str), Error> {
    match folder::CALIBRATIONS.into_iter().find(|file| dir.join(file).exists()) {
        Some(file) => Ok((rows(&dir.join(file))?, file)),
        None => Ok((Vec::new(), folder::CALIBRATIONS[0])),
    }
}

#[cfg(test)]
mod tests {
    use crate::figures::fixture::{read_reference, reference};

    use super::*;

    #[test]
    fn a_hold_that_left_no_trace_has_that_for_a_caveat_wherever_it_is_ranked() {
        assert_eq!(reference().found, HashMap::new(), "each runtime of the reference holds something");
        let mut run = read_reference();
        let is_it = |cell: &&Cell| cell.workload == "hold" && cell.label == "tokio" && cell.tasks == 10_000;
        let cell = run.cells().find(is_it).unwrap().id.clone();
        assert_eq!(run.caveat(&cell), None);
        for metric in [Metric::RssGrowth, Metric::KernelGrowth] {
            let place = run.summary_index[&(run.cell_index[&cell], metric)];
            run.summary[place].median = 4096.0;
        }
        run.found = run.without_trace();
        assert_eq!(run.caveat(&cell), Some(NO_TRACE));
        let own = [("hold".to_string(), "it is cold.".to_string())];
        run.plan.described.get_mut("tokio").unwrap().caveats = own.into();
        run.found = run.without_trace();
        assert_eq!(run.caveat(&cell), Some(&*format!("it is cold; {NO_TRACE}")));
    }
}
