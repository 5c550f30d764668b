//! The trials of a run, gathered by cell. Those count that are `ok` and were not timed in a burn-in block.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use protocol::Status;
use results::folder::trials_of;
use results::plan::MAX_CELLS;
use results::roster::Attendance;
use results::trials::{read_parts, read_plan, read_trials};
use results::{Error, FlagRow, Pass, Plan, Presence, Problem, TrialRow};

use crate::added_tasks;
use crate::flags;
use crate::measured_cell::{MeasuredCell, Origin};
use crate::sittings::Sittings;

/// More rows than this would not fit into memory.
const MAX_ROWS: u64 = 10_000_000;

/// What `trials.csv` says.
pub(crate) struct Trials {
    /// The cells with at least one trial that is `ok`: by experiment, in order of first appearance.
    pub cells: Vec<MeasuredCell>,
    /// Every cell that has a row, by experiment and name.
    pub tallies: BTreeMap<Name, Tally>,
    /// Why a cell has no row, where the plan says so.
    pub left_out: HashMap<Name, String>,
    /// Which block belongs to which sitting.
    pub sittings: Sittings,
    /// What disturbed timed trials.
    pub flags: Vec<FlagRow>,
    /// Whole rows in the file.
    pub rows: u64,
    /// Rows that were not written to their end.
    pub torn_rows: u64,
    /// Trials that a trouble of the lab's own spoilt: they count nowhere.
    pub lab_errors: u64,
    /// How many of the trials of its plan the run has.
    pub presence: Presence,
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
    /// How many of these failed, which not everything does that is not `ok`.
    pub failed: u64,
    /// Status and reason of the first that is not.
    pub first: String,
}

/// Reads the plan and the trials of the run in the folder `dir`.
pub(crate) fn read(dir: &Path) -> Result<(Plan, Trials), Error> {
    let plan = read_plan(dir)?;
    let mut gathering = Gathering::of(&plan);
    let attendance = read_parts(dir, &plan, |line, row, part| gathering.add(line, &row, part))?;
    let trials = gathering.trials(&plan, attendance).map_err(|problem| problem.at(&trials_of(dir)))?;
    Ok((plan, trials))
}

/// Notes which cells take part in rankings, where the plan says so.
fn note_ranked(plan: &Plan, cells: &mut [MeasuredCell]) {
    let planned = plan.cells.iter().map(|planned| (&*planned.cell.id, &*planned.cell.runtime));
    let runtimes: HashMap<&str, &str> = planned.collect();
    for cell in cells {
        if let Some(runtime) = runtimes.get(&*cell.identity.cell) {
            cell.is_ranked = plan.description(runtime).is_ranked();
        }
    }
}

/// The trials of the run in the folder `dir` that count, in the order of their rows.
pub fn counting_trials(dir: &Path) -> Result<Vec<TrialRow>, Error> {
    let plan = read_plan(dir)?;
    let mut counting = Vec::new();
    read_trials(dir, &plan, |_, trial| {
        if trial.status == Status::Ok && !is_burn_in(&trial, plan.burn_in_blocks) {
            counting.push(trial);
        }
        Ok(())
    })?;
    Ok(counting)
}

/// Whether the trial only warmed the machine up: it was timed in one of the first blocks.
fn is_burn_in(trial: &TrialRow, burn_in_blocks: u32) -> bool {
    trial.pass == Pass::Timed && trial.block < burn_in_blocks
}

impl Trials {
    /// Why a cell has no trial that is `ok`, given that it has none.
    pub fn why_none(&self, experiment: &str, cell: &str) -> Option<&str> {
        let name = (experiment.to_string(), cell.to_string());
        let first = self.tallies.get(&name).map(|tally| tally.first.as_str());
        first.or_else(|| self.left_out.get(&name).map(String::as_str))
    }
}

impl Tally {
    /// Adds the trials of another run.
    pub fn add(&mut self, other: &Self) {
        if self.not_ok == 0 {
            self.first.clone_from(&other.first);
        }
        self.runtime.clone_from(&other.runtime);
        (self.trials, self.not_ok) = (self.trials + other.trials, self.not_ok + other.not_ok);
        self.failed += other.failed;
    }

    fn count(&mut self, row: &TrialRow) {
        self.trials += 1;
        if row.status == Status::Ok {
            return;
        }
        if self.not_ok == 0 {
            self.first = format!("{}: {}", row.status, row.reason);
        }
        self.not_ok += 1;
        self.failed += u64::from(row.status.is_failure());
    }
}

/// Trials that are being read, row by row.
#[derive(Default)]
pub(crate) struct Gathering {
    burn_in_blocks: u32,
    rows: u64,
    lab_errors: u64,
    /// The parts that were merged, in the order of their first rows; a run is one without a name.
    parts: Vec<String>,
    /// The blocks after the burn-in, with the places of their parts: one, or of each hand one where the plan was dealt by
    /// groups.
    blocks: BTreeMap<u32, BTreeSet<usize>>,
    /// The block and the part of the last row.
    last: Option<(u32, usize)>,
    /// By experiment and then cell: the place in `found`.
    places: HashMap<String, HashMap<String, usize>>,
    /// In order of first appearance; no cell while none of its trials was `ok`.
    found: Vec<Found>,
    /// In order of first appearance.
    experiments: Vec<String>,
}

/// What is known of a cell.
#[derive(Default)]
struct Found {
    tally: Tally,
    cell: Option<MeasuredCell>,
    /// The timed trials after the burn-in that failed.
    failed: Vec<Origin>,
}

impl Gathering {
    /// Of a plan, before its first row.
    pub fn of(plan: &Plan) -> Self {
        Self { burn_in_blocks: plan.burn_in_blocks, ..Self::default() }
    }

    /// Adds the row in a line, which was in this part.
    pub fn add(&mut self, line: u64, row: &TrialRow, part: &str) -> Result<(), Problem> {
        self.rows += 1;
        if row.status == Status::LabError {
            self.lab_errors += 1;
            return Ok(());
        }
        self.note_block(row.block, part);
        if self.rows > MAX_ROWS {
            return Err(too_many(line, &format!("{MAX_ROWS} trials")));
        }
        let place = self.place(line, row)?;
        let found = &mut self.found[place];
        found.tally.count(row);
        let is_burn_in = is_burn_in(row, self.burn_in_blocks);
        if row.status != Status::Ok {
            if row.status.is_failure() && row.pass == Pass::Timed && !is_burn_in {
                found.failed.push(Origin::of(line, row));
            }
            return Ok(());
        }
        let cell = found.cell.get_or_insert_with(|| MeasuredCell::new(line, row));
        cell.check(line, row)?;
        if is_burn_in { Ok(()) } else { cell.push(line, row) }
    }

    fn note_block(&mut self, block: u32, part: &str) {
        let is_of_last = |(last, place): (u32, usize)| last == block && self.parts[place] == part;
        if block < self.burn_in_blocks || self.last.is_some_and(is_of_last) {
            return;
        }
        let known = self.parts.iter().position(|known| known == part);
        let place = known.unwrap_or_else(|| {
            self.parts.push(part.into());
            self.parts.len() - 1
        });
        self.blocks.entry(block).or_default().insert(place);
        self.last = Some((block, place));
    }

    /// The blocks with the place of their parts among those that any has.
    fn places_of_parts(&self) -> BTreeMap<u32, usize> {
        let distinct: BTreeSet<&BTreeSet<usize>> = self.blocks.values().collect();
        let places: BTreeMap<&BTreeSet<usize>, usize> = distinct.into_iter().zip(0..).collect();
        self.blocks.iter().map(|(block, parts)| (*block, places[parts])).collect()
    }

    /// All that the rows say, given how many of the plan's there are.
    pub fn trials(self, plan: &Plan, attendance: Attendance) -> Result<Trials, Problem> {
        let Attendance { presence, torn: torn_rows } = attendance;
        let left_out = plan.left_out.iter().cloned();
        let left_out = left_out.filter_map(|out| Some(((out.experiment, out.cell?), out.reason))).collect();
        let (rows, lab_errors) = (self.rows, self.lab_errors);
        let sittings = Sittings::of(plan, &self.places_of_parts());
        let (mut cells, tallies) = self.finish()?;
        note_ranked(plan, &mut cells);
        let flags = flags::flag_and_reduce(&mut cells);
        added_tasks::fill_in(&mut cells);
        Ok(Trials { cells, tallies, left_out, sittings, flags, rows, torn_rows, lab_errors, presence })
    }

    /// Where the cell stands. PERF: the names are copied only when they are new.
    fn place(&mut self, line: u64, row: &TrialRow) -> Result<usize, Problem> {
        if let Some(place) = self.places.get(&row.experiment).and_then(|cells| cells.get(&row.cell)) {
            return Ok(*place);
        }
        let place = self.found.len();
        if place == MAX_CELLS {
            return Err(too_many(line, &format!("{MAX_CELLS} cells")));
        }
        if !self.places.contains_key(&row.experiment) {
            self.experiments.push(row.experiment.clone());
        }
        self.places.entry(row.experiment.clone()).or_default().insert(row.cell.clone(), place);
        let tally = Tally { runtime: row.runtime.clone(), ..Tally::default() };
        self.found.push(Found { tally, ..Found::default() });
        Ok(place)
    }

    fn finish(mut self) -> Result<(Vec<MeasuredCell>, BTreeMap<Name, Tally>), Problem> {
        let mut tallies = BTreeMap::new();
        for (experiment, cells) in self.places {
            for (cell, place) in cells {
                tallies.insert((experiment.clone(), cell), std::mem::take(&mut self.found[place].tally));
            }
        }
        let order: HashMap<String, usize> = self.experiments.into_iter().zip(0..).collect();
        let mut cells = Vec::new();
        for Found { cell, failed, .. } in self.found {
            if let Some(mut cell) = cell {
                cell.sort_by_block()?;
                cell.set_failed(failed);
                cells.push(cell);
            }
        }
        cells.sort_by_key(|cell| order[&cell.identity.experiment]);
        Ok((cells, tallies))
    }
}

fn too_many(line: u64, what: &str) -> Problem {
    Problem::new(
        line,
        format!("there are more than {what}"),
        "aggregate its experiments as runs of their own",
    )
}

#[cfg(test)]
mod tests {
    use results::{LeftOut, Metric, PresetName};

    use super::*;
    use crate::fixture::{run, run_of, sample, timed};

    fn gather(samples: &[TrialRow]) -> Result<Vec<MeasuredCell>, String> {
        read(run(samples).path()).map(|(_, trials)| trials.cells).map_err(|error| error.to_string())
    }

    fn makespans(cell: &MeasuredCell) -> Vec<(u32, f64)> {
        cell.values_by_block(Metric::Makespan).filter(|(_, value)| !value.is_infinite()).collect()
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
        let mut samples = [Status::Wrong, Status::Crashed, Status::Timeout, Status::ProtocolError]
            .map(|status| TrialRow { status, ..timed("a", 1, 999) })
            .to_vec();
        assert!(gather(&samples).unwrap().is_empty(), "a cell that was never ok is no cell");
        samples.push(timed("a", 2, 100));
        assert_eq!(makespans(&gather(&samples).unwrap()[0]), [(2, 100.0)]);
    }

    #[test]
    fn a_trial_that_the_lab_spoilt_is_in_no_figure_and_no_failure_and_is_counted() {
        let spoilt = TrialRow { status: Status::LabError, ..timed("a", 2, 999) };
        let (_, trials) = read(run(&[timed("a", 1, 100), spoilt.clone()]).path()).unwrap();
        let cell = &trials.cells[0];
        assert_eq!((makespans(cell), cell.failed().count()), (vec![(1, 100.0)], 0));
        let tally = &trials.tallies[&("e".to_string(), "a".to_string())];
        assert_eq!((tally.trials, tally.not_ok, trials.lab_errors), (1, 0, 1));
        // It may stand beside the one that was run in its place.
        assert!(gather(&[timed("a", 2, 100), spoilt]).is_ok());
    }

    #[test]
    fn trials_that_are_not_ok_are_counted_with_the_reason_of_the_first() {
        let failed = |status, reason: &str| TrialRow { status, reason: reason.into(), ..sample("a", 1) };
        let (one, two) = (failed(Status::Crashed, "one"), failed(Status::Timeout, "two"));
        let samples = [timed("a", 0, 1), one, two, timed("b", 1, 1)];
        let (_, trials) = read(run(&samples).path()).unwrap();
        let tally = |cell: &str| trials.tallies[&("e".to_string(), cell.to_string())].clone();
        let first = "crashed: one".into();
        let expected = Tally { runtime: "a".into(), trials: 3, not_ok: 2, failed: 2, first };
        assert_eq!(tally("a"), expected);
        assert_eq!((tally("b").trials, tally("b").not_ok), (1, 0));
    }

    #[test]
    fn what_the_plan_leaves_out_is_known_by_the_name_of_its_cell() {
        let left_out = LeftOut {
            experiment: "e".into(),
            workload: "sleep".into(),
            tasks: 1,
            runtime: "a".into(),
            reason: "it is not here".into(),
            cell: Some("a".into()),
        };
        let unnamed = LeftOut { cell: None, ..left_out.clone() };
        let plan = Plan { left_out: vec![unnamed, left_out], ..Plan::empty(PresetName::Quick, 7) };
        let (_, trials) = read(run_of(&plan, &[]).path()).unwrap();
        assert_eq!(trials.left_out.len(), 1);
        assert_eq!(trials.why_none("e", "a"), Some("it is not here"));
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
        assert!(makespans(&cells[0]).into_iter().map(|(block, _)| block).eq([1, 2, 3]));
        assert_eq!(cells[0].sorted_values(Metric::Makespan), [100.0, 300.0]);
    }

    #[test]
    fn two_timed_trials_of_a_cell_in_one_block_are_refused_with_both_lines() {
        let error = gather(&[timed("a", 1, 1), timed("b", 1, 1), timed("a", 1, 2)]).unwrap_err();
        assert!(error.contains("trials.csv:4: block 1 has a second timed trial of cell `a`"), "{error}");
        assert!(error.contains("the first is in line 2; remove one"), "{error}");
    }

    #[test]
    fn the_processes_of_a_block_give_one_value_with_those_that_were_disturbed_and_without() {
        let process = |process, ns| TrialRow {
            process,
            process_lifetime_ns: Some(1000),
            steal_ns: Some(if ns > 500 { 20_000_000 } else { 0 }),
            ..timed("a", 1, ns)
        };
        let crashed = TrialRow { status: Status::Crashed, process: 4, ..timed("a", 1, 1) };
        let alone = TrialRow { block: 2, ..process(0, 700) };
        let cells = gather(&[process(2, 900), process(0, 100), process(1, 300), crashed, alone]).unwrap();
        let cell = &cells[0];
        // Of 100, 300, 900 and a failure; without 900, of 100, 300 and a failure.
        assert_eq!(cell.outcomes(Metric::Makespan), [(1, 600.0), (2, 700.0)]);
        assert_eq!(cell.undisturbed_outcomes(Metric::Makespan), [(1, 300.0)]);
        assert_eq!((cell.disturbed_of_timed(), cell.failed().collect::<Vec<_>>()), ((2, 4), vec![1]));
    }

    #[test]
    fn several_counted_trials_in_one_block_all_count() {
        let counted = |n| TrialRow { pass: Pass::Counted, allocations: Some(n), ..sample("a", 1) };
        let cells = gather(&[counted(10), counted(20)]).unwrap();
        assert_eq!(cells[0].sorted_values(Metric::AllocationsPerTask).len(), 2);
    }

    #[test]
    fn rows_of_a_cell_that_are_not_of_one_thing_are_refused() {
        let newer = TrialRow { runtime_version: "1.1".into(), ..timed("a", 2, 1) };
        let error = gather(&[timed("a", 1, 1), newer]).unwrap_err();
        assert!(error.contains("trials.csv:3: cell `a` has another runtime_version here"), "{error}");
        assert!(error.contains("than in line 2"), "{error}");
    }
}
