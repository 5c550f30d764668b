//! Which trials a plan asks for, and which of them a run has: rows that are gone are told, whatever took them.
//!
//! Trials run block by block, so that a run that was broken off lacks only what comes last. A row that is missing before
//! that was there once.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use protocol::Status;
use serde::Serialize;

use crate::ending::{Ending, Stopped};
use crate::error::{Error, Problem};
use crate::folder::{ENDING, ROUNDS, SEALED_IN, TRIALS};
use crate::human::count;
use crate::part::{Part, Share};
use crate::plan::{BURN_IN_BLOCKS, Plan, PlannedCell};
use crate::read::{self, Located, Rows};
use crate::rounds::Rounds;
use crate::rows::{Pass, RoundRow, TrialRow};
use crate::ticks::Ticks;

/// The most that is counted to find out which rows are lost: cells times blocks.
const MOST_COUNTED: u64 = 100_000_000;

/// The trials of a plan, of which those with a row are ticked off.
#[derive(Debug)]
pub struct Roster<'a> {
    plan: &'a Plan,
    /// What of the plan is to be there.
    share: Share<'a>,
    /// How many blocks the plan has up to the first look.
    blocks: u32,
    cells: HashMap<&'a str, usize>,
    /// By cell and pass: a row of it, as far as the plan knows it.
    expected: HashMap<(usize, Pass), TrialRow>,
    /// Those that have a row.
    present: Ticks,
    last_block: Option<u32>,
    /// Blocks with a trial that has to be run again.
    spoilt: BTreeSet<u32>,
    /// Whether it is known which block has which trials. Older versions had other orders, so that of their runs only the
    /// number of trials is known.
    is_exact: bool,
}

/// Reads the trials of the run in a folder, and gives each with its line; each row is held against its plan and its rounds.
///
/// # Errors
/// When a file cannot be read, or a row cannot be true; with its line.
pub fn read_trials(
    dir: &Path,
    plan: &Plan,
    mut with: impl FnMut(u64, TrialRow) -> Result<(), Problem>,
) -> Result<Attendance, Error> {
    let part = Part::read(dir)?;
    let (roster, torn) = Roster::read(dir, plan, part.as_ref(), |Located { line, row, .. }| with(line, row))?;
    let ending: Option<Ending> = read::json_if_any(&dir.join(ENDING))?;
    Ok(Attendance { presence: roster.presence(ending.as_ref()), torn })
}

/// What was found when trials were read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Attendance {
    /// How many of its trials the run has.
    pub presence: Presence,
    /// Rows that were not written to their end, and left out.
    pub torn: u64,
}

/// How many of its trials a run has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Presence {
    /// Trials that have a row, without those that were repeated as they had been disturbed.
    pub trials: u64,
    /// Trials of the plan.
    pub planned: u64,
    /// Trials whose row was there and is not any more.
    pub lost: u64,
    /// Why the run ended, where it did.
    pub stopped: Option<Stopped>,
}

impl<'a> Roster<'a> {
    /// The trials of a plan, or of a part of it; none has a row yet.
    pub fn of(plan: &'a Plan, part: Option<&'a Part>) -> Self {
        let names = plan.cells.iter().enumerate().map(|(place, planned)| (&*planned.cell.id, place));
        Self {
            plan,
            share: Share::of(plan, part),
            blocks: plan.blocks(),
            cells: names.collect(),
            expected: HashMap::new(),
            present: Ticks::default(),
            last_block: None,
            spoilt: BTreeSet::new(),
            is_exact: plan.schema >= SEALED_IN,
        }
    }

    /// Ticks off the trials in a folder, and gives each with its place in the file; and says how many rows were left out as
    /// they were not written to their end.
    ///
    /// # Errors
    /// As [`read_trials`].
    pub fn read(
        dir: &Path,
        plan: &'a Plan,
        part: Option<&'a Part>,
        mut with: impl FnMut(Located<TrialRow>) -> Result<(), Problem>,
    ) -> Result<(Self, u64), Error> {
        let path = dir.join(TRIALS);
        let mut roster = Self::of(plan, part);
        let mut rows = Rows::open(&path, plan.row_key())?;
        // Of a run without that file nothing is known.
        let rounds = Some(dir.join(ROUNDS)).filter(|rounds| rounds.exists());
        let mut rounds = rounds.map(|rounds| Rows::<RoundRow>::open(&rounds, plan.row_key())).transpose()?;
        let (mut known, part) = (Rounds::default(), String::new);
        while let Some(located) = rows.next_row()? {
            roster.tick(&located.row).map_err(|what| rows.problem(located.line, &what))?;
            if let Some(rounds) = &mut rounds {
                let next = || Ok(rounds.next_row()?.map(|round| (part(), round)));
                known.note(dir, ("", located.line, &located.row), next)?;
            }
            with(located).map_err(|problem| problem.at(&path))?;
        }
        if let Some(mut rounds) = rounds {
            known.finish(dir, || Ok(rounds.next_row()?.map(|round| (part(), round))))?;
        }
        Ok((roster, rows.torn()))
    }

    /// Ticks off the trial of a row. Of a plan without cells nothing is known, and little of one of an older version.
    ///
    /// # Errors
    /// When the row is of none of the trials of the plan; with the column.
    pub fn tick(&mut self, row: &TrialRow) -> Result<(), String> {
        let plan = self.plan;
        let Some(&place) = self.cells.get(&*row.cell) else {
            let is_free = self.cells.is_empty() || !self.is_exact;
            return if is_free { Ok(()) } else { Err("column `cell`: the plan has no such cell".into()) };
        };
        if !self.share.has(row.block) {
            return Err(format!(
                "column `block`: block {} is not one of this part, as part.json has them",
                row.block
            ));
        }
        let planned = &plan.cells[place];
        if !self.share.has_cell(planned) {
            return Err(format!(
                "column `group`: {:?} is not one of the groups of this part, as part.json has them",
                planned.cell.group
            ));
        }
        if self.is_exact {
            let blank = || planned.cell.blank_row(0, 0, row.pass);
            is_of_cell(row, self.expected.entry((place, row.pass)).or_insert_with(blank))?;
        }
        let due = match row.pass {
            Pass::Timed if !self.is_exact => planned.processes,
            pass => plan.trials_in(planned, pass, row.block, self.blocks),
        };
        if row.process < due {
            self.present.add(place, planned, row.pass, row.block, row.process);
        } else if self.is_exact && !is_repetition(planned, row, due) {
            return Err(format!(
                "column `block`: the plan has no {} trial of this cell in block {} with `process` {}",
                row.pass, row.block, row.process
            ));
        }
        self.last_block = self.last_block.max(Some(row.block));
        if row.status == Status::LabError {
            self.spoilt.insert(row.block);
        }
        Ok(())
    }

    /// How many trials have a row, given how the run ended, if it did.
    pub fn presence(&self, ending: Option<&Ending>) -> Presence {
        Presence {
            trials: self.present.count(),
            planned: self.share.trials(),
            lost: if self.is_exact { self.lost(ending) } else { 0 },
            stopped: ending.map(|ending| ending.stopped),
        }
    }

    /// The trials of blocks that were done which have no row.
    fn lost(&self, ending: Option<&Ending>) -> u64 {
        let all = self.plan.stages().last().map_or(0, |blocks| blocks.end);
        let done = match ending {
            None => self.last_block.unwrap_or(0),
            Some(Ending { stopped: Stopped::Plan, .. }) => all,
            Some(ending) => ending.blocks,
        };
        let blocks = 0..done.min(all);
        let own = || self.share.within(blocks.clone());
        if u64::from(blocks.end).saturating_mul(self.cells.len() as u64) > MOST_COUNTED {
            return 0;
        }
        let due: u64 = own().map(|block| self.due_in(block)).sum();
        due - self.present.blocks(&self.plan.cells).filter(|block| blocks.contains(block)).count() as u64
    }

    /// How many trials are to be there of a block.
    fn due_in(&self, block: u32) -> u64 {
        let of_cell = |planned: &PlannedCell| -> u64 {
            let of_pass = |pass| u64::from(self.plan.trials_in(planned, pass, block, self.blocks));
            Pass::ALL.into_iter().map(of_pass).sum()
        };
        self.plan.cells.iter().filter(|planned| self.share.has_cell(planned)).map(of_cell).sum()
    }

    /// The blocks of which every trial has a row that counts, or says why it does not.
    pub fn whole_blocks(&self) -> BTreeSet<u32> {
        let mut present: HashMap<u32, u64> = HashMap::new();
        for block in self.present.blocks(&self.plan.cells) {
            *present.entry(block).or_default() += 1;
        }
        let is_whole = |block: u32, count: u64| !self.spoilt.contains(&block) && count == self.due_in(block);
        present
            .into_iter()
            .filter(|(block, count)| is_whole(*block, *count))
            .map(|(block, _)| block)
            .collect()
    }
}

impl Presence {
    /// What is to be said of it; nothing where all of the plan is there.
    pub fn sentence(&self) -> Option<String> {
        let Self { trials, planned, lost, stopped } = *self;
        if trials == planned {
            return None;
        }
        let why = match stopped {
            _ if lost > 0 => {
                format!("{} rows of trials that have run are missing from trials.csv", count(lost))
            }
            Some(Stopped::Budget) => "the run stopped when its time was up".into(),
            Some(Stopped::Precision) => "the run stopped when it was precise enough".into(),
            Some(Stopped::Plan) => "rows are missing from trials.csv".into(),
            None => "the run has not ended".into(),
        };
        Some(format!("{} of {} trials: {why}", count(trials), count(planned)))
    }

    /// Whether `kilotask run --resume` would run what is missing.
    pub fn can_go_on(&self) -> bool {
        self.trials < self.planned && (self.lost > 0 || self.stopped.is_none_or(|why| why == Stopped::Plan))
    }
}

/// Whether a row stands for a trial of a cell that was disturbed, beside those that the plan has in its block.
fn is_repetition(planned: &PlannedCell, row: &TrialRow, due: u32) -> bool {
    row.pass == Pass::Timed
        && row.block >= BURN_IN_BLOCKS
        && due > 0
        && row.process == due
        && !planned.ceiling
}

/// A row says of its cell what the plan says.
fn is_of_cell(row: &TrialRow, expected: &TrialRow) -> Result<(), String> {
    let texts = [
        ("experiment", &row.experiment, &expected.experiment),
        ("group", &row.group, &expected.group),
        ("runtime", &row.runtime, &expected.runtime),
        ("workload", &row.workload, &expected.workload),
        ("params", &row.params, &expected.params),
    ];
    if let Some((name, value, planned)) = texts.into_iter().find(|(_, value, planned)| value != planned) {
        return Err(format!("column `{name}`: {value:?}, and the plan's cell has {planned:?}"));
    }
    let numbers = [
        ("tasks", row.tasks, expected.tasks),
        ("workers", row.workers.into(), expected.workers.into()),
        ("rounds", row.rounds.into(), expected.rounds.into()),
    ];
    match numbers.into_iter().find(|(_, value, planned)| value != planned) {
        Some((name, value, planned)) => {
            Err(format!("column `{name}`: {value}, and the plan's cell has {planned}"))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::planned;
    use crate::{Deal, PresetName};

    use super::*;

    /// Two cells of three blocks, of which `b` has two processes and a counted trial.
    fn plan() -> Plan {
        let several = PlannedCell { processes: 2, counted: 1, ..planned("b", 3) };
        Plan { cells: vec![planned("a", 3), several], ..Plan::empty(PresetName::Quick, 7) }
    }

    /// The rows of all trials of a plan, in the order of blocks.
    fn rows(plan: &Plan) -> Vec<TrialRow> {
        let mut rows = Vec::new();
        for block in 0..plan.blocks() {
            for planned in &plan.cells {
                for pass in Pass::ALL {
                    let processes = 0..plan.trials_in(planned, pass, block, plan.blocks());
                    let row = |process| TrialRow { process, ..planned.cell.blank_row(block, 0, pass) };
                    rows.extend(processes.map(row));
                }
            }
        }
        rows
    }

    fn presence(rows: &[TrialRow], stopped: Option<(Stopped, u32)>) -> Presence {
        let plan = plan();
        let mut roster = Roster::of(&plan, None);
        for row in rows {
            roster.tick(row).unwrap();
        }
        let ending = |(stopped, blocks)| Ending { stopped, blocks, of: 3, ended_at: String::new() };
        roster.presence(stopped.map(ending).as_ref())
    }

    #[test]
    fn a_run_that_has_all_says_nothing_and_one_that_lacks_any_says_how_many_and_why() {
        let all = rows(&plan());
        let plan_done = Some((Stopped::Plan, 3));
        assert_eq!(all.len(), 3 + 1 + 2 * 2 + 1);
        assert_eq!(presence(&all, plan_done).sentence(), None);
        for gone in 0..all.len() {
            let mut rows = all.clone();
            rows.remove(gone);
            let said = presence(&rows, plan_done).sentence().unwrap();
            assert_eq!(said, "8 of 9 trials: 1 rows of trials that have run are missing from trials.csv");
        }
        let said = |count: usize, stopped| presence(&all[..count], stopped).sentence().unwrap();
        assert_eq!(said(7, None), "7 of 9 trials: the run has not ended");
        assert_eq!(said(0, None), "0 of 9 trials: the run has not ended");
        assert_eq!(
            said(6, Some((Stopped::Budget, 2))),
            "6 of 9 trials: the run stopped when its time was up"
        );
        assert!(said(6, Some((Stopped::Precision, 2))).ends_with("precise enough"));
        assert!(said(5, Some((Stopped::Budget, 2))).contains("1 rows of trials that have run are missing"));
    }

    #[test]
    fn a_row_that_is_there_twice_or_was_repeated_counts_once() {
        let mut all = rows(&plan());
        all.push(all[4].clone());
        all.push(TrialRow { process: 2, ..plan().cells[1].cell.blank_row(1, 0, Pass::Timed) });
        assert_eq!(presence(&all, None), Presence { trials: 9, planned: 9, lost: 0, stopped: None });
    }

    #[test]
    fn of_a_part_only_its_own_blocks_are_asked_for_and_whole_are_those_with_every_trial() {
        let plan = plan();
        let part = Part { blocks: [2].into(), ..Part::whole(&plan, "0/2".parse().unwrap(), Deal::Blocks) };
        let all = rows(&plan);
        let own = || all.iter().filter(|row| part.has(row.block));
        let roster = |rows: &[TrialRow]| {
            let mut roster = Roster::of(&plan, Some(&part));
            for row in rows {
                roster.tick(row).unwrap();
            }
            (roster.presence(None).sentence(), roster.whole_blocks())
        };
        let rows: Vec<TrialRow> = own().cloned().collect();
        assert_eq!(roster(&rows), (None, [0, 2].into()));
        let short = roster(&rows[..rows.len() - 1]);
        assert_eq!(short, (Some("4 of 5 trials: the run has not ended".into()), [0].into()));
        let mut spoilt = rows.clone();
        spoilt[2].status = Status::LabError;
        assert_eq!(roster(&spoilt).1, [0].into());
        let foreign = all.iter().find(|row| row.block == 1).unwrap();
        let said = Roster::of(&plan, Some(&part)).tick(foreign).unwrap_err();
        assert!(said.contains("block 1 is not one of this part"), "{said}");
    }

    #[test]
    fn of_a_part_of_some_groups_only_their_cells_are_asked_for() {
        let mut plan = plan();
        plan.cells[1].cell.group = "y".into();
        plan.cells[1].cell.tasks = 2;
        let part = Part::whole(&plan, "1/2".parse().unwrap(), Deal::Groups);
        let all = rows(&plan);
        let mut roster = Roster::of(&plan, Some(&part));
        let (own, others): (Vec<_>, Vec<_>) = all.iter().partition(|row| row.group == "x");
        for row in own {
            roster.tick(row).unwrap();
        }
        assert_eq!((roster.presence(None).sentence(), roster.whole_blocks()), (None, [0, 1, 2].into()));
        let said = roster.tick(others[0]).unwrap_err();
        assert!(said.contains("\"y\" is not one of the groups of this part"), "{said}");
    }

    /// A change of a row, and what is said of it.
    type Case = (fn(&mut TrialRow), &'static str);

    #[test]
    fn a_row_that_is_none_of_the_plan_is_refused_with_its_column() {
        let cases: [Case; 6] = [
            (|row| row.cell = "c".into(), "column `cell`: the plan has no such cell"),
            (|row| row.block = 31, "column `block`: the plan has no timed trial of this cell in block 31"),
            (|row| row.process = 7, "with `process` 7"),
            (|row| row.tasks = 11, "column `tasks`: 11, and the plan's cell has 1"),
            (|row| row.runtime = "b".into(), "column `runtime`: \"b\", and the plan's cell has \"a\""),
            (|row| row.pass = Pass::Traced, "no traced trial of this cell in block 0"),
        ];
        let plan = plan();
        for (change, words) in cases {
            let mut row = rows(&plan).swap_remove(0);
            change(&mut row);
            let said = Roster::of(&plan, None).tick(&row).unwrap_err();
            assert!(said.contains(words), "{said}, not {words}");
        }
    }
}
