//! The trials of a run, gathered by cell: of each trial only its block and the values of its metrics
//! are kept, so that a million of them fit.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use protocol::Status;
use results::plan::LeftOut;
use results::read::{Located, Rows};
use results::{Error, Metric, Pass, Problem, TrialRow};

use crate::is_burn_in;

/// More cells than this are not a run.
const MAX_CELLS: usize = 100_000;
/// More trials of one cell in one pass than this are not a run.
const MAX_TRIALS_PER_CELL: usize = 100_000;
/// More rows than this would not fit into memory.
const MAX_ROWS: u64 = 10_000_000;

/// What `trials.csv` says.
pub(crate) struct Trials {
    /// The cells with at least one trial that is `ok`: by experiment, in order of first appearance.
    pub cells: Vec<Cell>,
    /// Every cell that has a row, by experiment and name.
    pub tallies: BTreeMap<Name, Tally>,
    /// Why a cell has no row, where the plan says so.
    pub left_out: HashMap<Name, String>,
    /// Whole rows in the file.
    pub rows: u64,
    /// Rows that were not written to their end.
    pub torn_rows: u64,
}

/// Of a cell: its experiment's name, and its own.
pub(crate) type Name = (String, String);

/// How the trials of a cell ended, those of all passes and of the burn-in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Label of its runtime.
    pub runtime: String,
    /// How many there are.
    pub trials: u64,
    /// How many are not `ok`.
    pub not_ok: u64,
    /// Status and reason of the first that is not.
    pub first: String,
}

impl Trials {
    /// Takes note of what the plan leaves out.
    pub fn note_left_out(&mut self, left_out: Vec<LeftOut>) {
        let named = left_out.into_iter().filter_map(|out| Some(((out.experiment, out.cell?), out.reason)));
        self.left_out = named.collect();
    }

    /// Why a cell has no trial that is `ok`, given that it has none.
    pub fn why_none(&self, experiment: &str, cell: &str) -> Option<&str> {
        let name = (experiment.to_string(), cell.to_string());
        let first = self.tallies.get(&name).map(|tally| tally.first.as_str());
        first.or_else(|| self.left_out.get(&name).map(String::as_str))
    }
}

/// A cell, and its trials that count: status `ok`, and not timed during burn-in.
#[derive(Debug)]
pub(crate) struct Cell {
    pub identity: Identity,
    /// Line of its first `ok` row.
    pub line: u64,
    /// By pass: where each trial stands, in the order of blocks.
    trials: [Vec<Origin>; Pass::ALL.len()],
    /// By metric: the value of each trial of the metric's pass, in the same order, and NaN where it
    /// has none.
    values: [Vec<f64>; Metric::ALL.len()],
    /// Whether each timed trial was undisturbed; empty until flags are known, and then as if all were.
    undisturbed: Vec<bool>,
}

/// What all trials of a cell have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub experiment: String,
    pub cell: String,
    pub group: String,
    pub runtime: String,
    pub runtime_version: String,
    pub language: String,
    pub workload: String,
    pub tasks: u64,
    pub workers: u32,
    pub params: String,
}

/// Where a trial comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Origin {
    pub block: u32,
    /// Line of its row.
    line: u32,
}

/// Reads the file and gathers its trials; timed trials of blocks before `burn_in_blocks` are left out.
pub(crate) fn read(path: &Path, burn_in_blocks: u32) -> Result<Trials, Error> {
    let mut rows = Rows::<TrialRow>::open(path)?;
    let mut gathering = Gathering { burn_in_blocks, ..Gathering::default() };
    while let Some(Located { line, row, .. }) = rows.next_row()? {
        gathering.add(line, &row).map_err(|problem| problem.at(path))?;
    }
    let (count, torn_rows) = (gathering.rows, rows.torn());
    let tallies = gathering.tallies();
    let cells = gathering.finish().map_err(|problem| problem.at(path))?;
    Ok(Trials { cells, tallies, left_out: HashMap::new(), rows: count, torn_rows })
}

/// The largest number of trials that any cell has in any pass.
pub(crate) fn most_trials(cells: &[Cell]) -> usize {
    cells.iter().flat_map(|cell| &cell.trials).map(Vec::len).max().unwrap_or(0)
}

#[derive(Default)]
struct Gathering {
    burn_in_blocks: u32,
    rows: u64,
    /// By experiment and then cell: the place in `cells`.
    places: HashMap<String, HashMap<String, usize>>,
    /// In order of first appearance; `None` while no trial of the cell was `ok`.
    cells: Vec<Option<Cell>>,
    /// In order of first appearance.
    experiments: Vec<String>,
    /// As `cells`.
    tallies: Vec<Tally>,
}

impl Gathering {
    fn add(&mut self, line: u64, sample: &TrialRow) -> Result<(), Problem> {
        self.rows += 1;
        if self.rows > MAX_ROWS {
            let mend = "aggregate its experiments as runs of their own";
            return Err(Problem::new(line, format!("there are more than {MAX_ROWS} trials"), mend));
        }
        let place = self.place(line, sample)?;
        self.tallies[place].count(sample);
        if sample.status != Status::Ok {
            return Ok(());
        }
        let cell = self.cells[place].get_or_insert_with(|| Cell::new(line, sample));
        cell.check(line, sample)?;
        if is_burn_in(sample, self.burn_in_blocks) {
            return Ok(());
        }
        cell.push(line, sample)
    }

    /// Where the cell stands. PERF: the names are copied only when they are new.
    fn place(&mut self, line: u64, sample: &TrialRow) -> Result<usize, Problem> {
        if let Some(place) = self.places.get(&sample.experiment).and_then(|cells| cells.get(&sample.cell)) {
            return Ok(*place);
        }
        if self.cells.len() == MAX_CELLS {
            let mend = "aggregate its experiments as runs of their own";
            return Err(Problem::new(line, format!("there are more than {MAX_CELLS} cells"), mend));
        }
        if !self.places.contains_key(&sample.experiment) {
            self.experiments.push(sample.experiment.clone());
        }
        let place = self.cells.len();
        self.places.entry(sample.experiment.clone()).or_default().insert(sample.cell.clone(), place);
        self.cells.push(None);
        self.tallies.push(Tally { runtime: sample.runtime.clone(), ..Tally::default() });
        Ok(place)
    }

    /// The tallies by the names of their cells.
    fn tallies(&mut self) -> BTreeMap<Name, Tally> {
        let mut tallies = std::mem::take(&mut self.tallies);
        let named = self.places.iter().flat_map(|(experiment, cells)| {
            cells.iter().map(move |(cell, place)| ((experiment.clone(), cell.clone()), *place))
        });
        named.map(|(name, place)| (name, std::mem::take(&mut tallies[place]))).collect()
    }

    fn finish(self) -> Result<Vec<Cell>, Problem> {
        let order: HashMap<String, usize> = self.experiments.into_iter().zip(0..).collect();
        let mut cells: Vec<Cell> = self.cells.into_iter().flatten().collect();
        cells.sort_by_key(|cell| order[&cell.identity.experiment]);
        for cell in &mut cells {
            cell.sort_by_block();
            cell.check_blocks()?;
        }
        Ok(cells)
    }
}

impl Tally {
    fn count(&mut self, sample: &TrialRow) {
        self.trials += 1;
        if sample.status == Status::Ok {
            return;
        }
        if self.not_ok == 0 {
            self.first = format!("{}: {}", sample.status, sample.reason);
        }
        self.not_ok += 1;
    }
}

impl Cell {
    fn new(line: u64, sample: &TrialRow) -> Self {
        let identity = Identity::of(sample);
        Self {
            identity,
            line,
            trials: Default::default(),
            values: [const { Vec::new() }; Metric::ALL.len()],
            undisturbed: vec![],
        }
    }

    fn push(&mut self, line: u64, sample: &TrialRow) -> Result<(), Problem> {
        let trials = &mut self.trials[sample.pass as usize];
        if trials.len() == MAX_TRIALS_PER_CELL {
            let problem = format!("cell `{}` has more than {MAX_TRIALS_PER_CELL} trials", sample.cell);
            return Err(Problem::new(line, problem, "aggregate a run with fewer blocks"));
        }
        trials.push(Origin { block: sample.block, line: u32::try_from(line).unwrap_or(u32::MAX) });
        for (metric, values) in Metric::ALL.into_iter().zip(&mut self.values) {
            if metric.pass() == sample.pass {
                values.push(metric.value(sample).unwrap_or(f64::NAN));
            }
        }
        Ok(())
    }

    /// A cell is one thing: rows that differ in what it is must not be summarised together.
    fn check(&self, line: u64, sample: &TrialRow) -> Result<(), Problem> {
        let Some(column) = self.identity.difference(sample) else { return Ok(()) };
        let problem = format!(
            "cell `{}` has another {column} here than in line {}, so that its trials are not of one thing",
            sample.cell, self.line
        );
        Err(Problem::new(line, problem, "run again into a new folder, and do not join runs by hand"))
    }

    /// Two timed trials of one block would leave open which of them is compared.
    fn check_blocks(&self) -> Result<(), Problem> {
        let timed = &self.trials[Pass::Timed as usize];
        let Some(pair) = timed.windows(2).find(|pair| pair[0].block == pair[1].block) else {
            return Ok(());
        };
        let problem = format!(
            "block {} has a second timed trial of cell `{}` with status ok; the first is in line {}",
            pair[1].block, self.identity.cell, pair[0].line
        );
        Err(Problem::new(pair[1].line.into(), problem, "remove one of the two rows"))
    }

    fn sort_by_block(&mut self) {
        for pass in Pass::ALL {
            let trials = &mut self.trials[pass as usize];
            if trials.is_sorted() {
                continue;
            }
            let mut order: Vec<usize> = (0..trials.len()).collect();
            order.sort_by_key(|trial| trials[*trial]);
            *trials = order.iter().map(|trial| trials[*trial]).collect();
            for (metric, values) in Metric::ALL.into_iter().zip(&mut self.values) {
                if metric.pass() == pass {
                    *values = order.iter().map(|trial| values[*trial]).collect();
                }
            }
        }
    }

    /// The values of a metric in the order of blocks, NaN where a trial has none.
    pub fn values(&self, metric: Metric) -> &[f64] {
        &self.values[metric as usize]
    }

    /// The blocks of the timed trials, ascending.
    pub fn timed_blocks(&self) -> impl Iterator<Item = u32> {
        self.trials[Pass::Timed as usize].iter().map(|trial| trial.block)
    }

    /// Says of each timed trial whether nothing outside disturbed it.
    pub fn set_undisturbed(&mut self, undisturbed: Vec<bool>) {
        self.undisturbed = undisturbed;
    }

    /// Whether each trial of a pass was undisturbed; only timed ones can have been disturbed.
    pub fn undisturbed(&self, pass: Pass) -> impl Iterator<Item = bool> {
        let known = if pass == Pass::Timed { self.undisturbed.as_slice() } else { &[] };
        known.iter().copied().chain(std::iter::repeat(true))
    }

    /// Whether any trial of the metric's pass was disturbed.
    pub fn has_flags(&self, metric: Metric) -> bool {
        metric.pass() == Pass::Timed && self.undisturbed.contains(&false)
    }

    /// As [`sorted_values`](Self::sorted_values), of the undisturbed trials alone.
    pub fn sorted_undisturbed_values(&self, metric: Metric) -> Vec<f64> {
        let all = self.values[metric as usize].iter().copied().zip(self.undisturbed(metric.pass()));
        let mut values: Vec<f64> =
            all.filter(|(x, undisturbed)| *undisturbed && !x.is_nan()).map(|(x, _)| x).collect();
        values.sort_unstable_by(f64::total_cmp);
        values
    }

    /// The values of a metric in ascending order, trials without one left out.
    pub fn sorted_values(&self, metric: Metric) -> Vec<f64> {
        let mut values: Vec<f64> =
            self.values[metric as usize].iter().copied().filter(|x| !x.is_nan()).collect();
        values.sort_unstable_by(f64::total_cmp);
        values
    }

    /// The values of a metric with the block of each, in ascending order of blocks.
    pub fn values_by_block(&self, metric: Metric) -> impl Iterator<Item = (u32, f64)> {
        let trials = &self.trials[metric.pass() as usize];
        trials.iter().map(|trial| trial.block).zip(self.values[metric as usize].iter().copied())
    }
}

impl Identity {
    fn of(sample: &TrialRow) -> Self {
        Self {
            experiment: sample.experiment.clone(),
            cell: sample.cell.clone(),
            group: sample.group.clone(),
            runtime: sample.runtime.clone(),
            runtime_version: sample.runtime_version.clone(),
            language: sample.language.clone(),
            workload: sample.workload.clone(),
            tasks: sample.tasks,
            workers: sample.workers,
            params: sample.params.clone(),
        }
    }

    /// The first column in which the row is of another cell than this.
    fn difference(&self, sample: &TrialRow) -> Option<&'static str> {
        let same = [
            ("group", self.group == sample.group),
            ("runtime", self.runtime == sample.runtime),
            ("runtime_version", self.runtime_version == sample.runtime_version),
            ("workload", self.workload == sample.workload),
            ("tasks", self.tasks == sample.tasks),
            ("workers", self.workers == sample.workers),
            ("params", self.params == sample.params),
        ];
        same.into_iter().find(|(_, same)| !same).map(|(column, _)| column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{run, sample, timed};

    fn gather(samples: &[TrialRow]) -> Result<Vec<Cell>, String> {
        let dir = run(samples);
        read(&dir.path().join("trials.csv"), 1).map(|trials| trials.cells).map_err(|error| error.to_string())
    }

    fn makespans(cell: &Cell) -> Vec<(u32, f64)> {
        cell.values_by_block(Metric::Makespan).collect()
    }

    #[test]
    fn timed_trials_of_burn_in_blocks_are_left_out_and_counted_ones_are_not() {
        let counted = TrialRow { pass: Pass::Counted, allocations: Some(50), ..sample("a", 0) };
        let cells = gather(&[timed("a", 0, 999), counted, timed("a", 1, 100)]).unwrap();
        assert_eq!(makespans(&cells[0]), [(1, 100.0)]);
        assert_eq!(cells[0].sorted_values(Metric::AllocationsPerTask), [5.0]);
    }

    #[test]
    fn only_trials_that_are_ok_count() {
        let failed = [Status::Wrong, Status::Crashed, Status::Timeout, Status::ProtocolError]
            .map(|status| TrialRow { status, ..timed("a", 1, 999) });
        let mut samples = failed.to_vec();
        samples.push(timed("a", 2, 100));
        assert_eq!(makespans(&gather(&samples).unwrap()[0]), [(2, 100.0)]);
    }

    #[test]
    fn a_cell_that_was_never_ok_is_no_cell() {
        let unavailable = TrialRow { status: Status::Unavailable, ..sample("a", 1) };
        assert!(gather(&[unavailable]).unwrap().is_empty());
    }

    #[test]
    fn trials_that_are_not_ok_are_counted_with_the_reason_of_the_first() {
        let failed = |status, reason: &str| TrialRow { status, reason: reason.into(), ..sample("a", 1) };
        let samples = [
            timed("a", 0, 1),
            failed(Status::Crashed, "one"),
            failed(Status::Timeout, "two"),
            timed("b", 1, 1),
        ];
        let dir = run(&samples);
        let trials = read(&dir.path().join("trials.csv"), 1).unwrap();
        let tally = |cell: &str| trials.tallies[&("e".to_string(), cell.to_string())].clone();
        let expected = Tally { runtime: "a".into(), trials: 3, not_ok: 2, first: "crashed: one".into() };
        assert_eq!(tally("a"), expected);
        assert_eq!((tally("b").trials, tally("b").not_ok), (1, 0));
    }

    #[test]
    fn a_failed_trial_says_nothing_about_what_its_cell_is() {
        let crashed = TrialRow { status: Status::Crashed, runtime_version: String::new(), ..sample("a", 1) };
        let cells = gather(&[crashed, timed("a", 2, 100)]).unwrap();
        assert_eq!(cells[0].identity.runtime_version, "1.0");
    }

    #[test]
    fn cells_are_ordered_by_experiment_and_then_by_first_appearance_whatever_its_status() {
        let other = TrialRow { experiment: "f".into(), ..timed("x", 1, 1) };
        let failed = TrialRow { status: Status::Timeout, ..sample("b", 1) };
        let cells = gather(&[failed, other, timed("a", 1, 1), timed("b", 2, 1), timed("c", 1, 1)]).unwrap();
        let names: Vec<&str> = cells.iter().map(|cell| cell.identity.cell.as_str()).collect();
        assert_eq!(names, ["b", "a", "c", "x"]);
    }

    #[test]
    fn trials_are_brought_into_the_order_of_blocks() {
        let without = TrialRow { makespan_ns: None, ..timed("a", 2, 0) };
        let cells = gather(&[timed("a", 3, 300), without, timed("a", 1, 100)]).unwrap();
        let blocks: Vec<u32> = cells[0].values_by_block(Metric::Makespan).map(|(block, _)| block).collect();
        assert_eq!(blocks, [1, 2, 3]);
        assert_eq!(cells[0].sorted_values(Metric::Makespan), [100.0, 300.0]);
    }

    #[test]
    fn two_timed_trials_of_a_cell_in_one_block_are_refused_with_both_lines() {
        let error = gather(&[timed("a", 1, 1), timed("b", 1, 1), timed("a", 1, 2)]).unwrap_err();
        assert!(error.contains("trials.csv:4: block 1 has a second timed trial of cell `a`"), "{error}");
        assert!(error.contains("the first is in line 2; remove one"), "{error}");
    }

    #[test]
    fn several_counted_trials_in_one_block_all_count() {
        let counted = |n| TrialRow { pass: Pass::Counted, allocations: Some(n), ..sample("a", 1) };
        let cells = gather(&[counted(10), counted(20)]).unwrap();
        assert_eq!(most_trials(&cells), 2);
    }

    #[test]
    fn rows_of_a_cell_that_are_not_of_one_thing_are_refused() {
        let newer = TrialRow { runtime_version: "1.1".into(), ..timed("a", 2, 1) };
        let error = gather(&[timed("a", 1, 1), newer]).unwrap_err();
        assert!(error.contains("trials.csv:3: cell `a` has another runtime_version here"), "{error}");
        assert!(error.contains("than in line 2"), "{error}");
    }
}
