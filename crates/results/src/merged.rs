//! The folder into which the parts of several machines were merged: its machines, and its trials machine by machine.
//!
//! Its `trials.csv` and `rounds.csv` have two more columns than those of a run, `machine` and `part`. All rows of one
//! machine stand together, in both files in the same order of machines, so that no more than one machine has to fit into
//! memory. Each row is held against the plan and against its rounds, as those of a run are.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::checksum::RowKey;
use crate::error::{Error, Problem};
use crate::folder::{MACHINES, MERGE, PLAN, ROUNDS, TRIALS, is_merged, spans_of};
use crate::names::is_file_name;
use crate::part::Shard;
use crate::plan::Plan;
use crate::read::{self, Located, Rows};
use crate::roster::{Attendance, Presence, Roster};
use crate::rounds::{OfPart, Rounds};
use crate::rows::{MachineRow, RoundRow, TrialRow};
use crate::table::Row;

/// The column that says which machine a row is of.
pub const MACHINE: &str = "machine";
/// The column that says in which part a row was.
pub const PART: &str = "part";

/// How to fix a merged folder that makes no sense.
const REMEDY: &str = "merge the parts again into a new folder";

/// More machines than this are not merged.
const MOST_MACHINES: usize = 10_000;

/// The machines of a merged folder.
///
/// # Errors
/// When the file cannot be read, has no machine or too many, or one whose name is no name of a folder or is there twice.
pub fn machines(dir: &Path) -> Result<Vec<MachineRow>, Error> {
    let path = dir.join(MACHINES);
    let machines: Vec<MachineRow> = read::rows(&path)?;
    let problem = |place: usize, what: String| Problem::new(place as u64 + 2, what, REMEDY).at(&path);
    if machines.is_empty() || machines.len() > MOST_MACHINES {
        return Err(problem(
            0,
            format!("it has {} machines; 1 to {MOST_MACHINES} are possible", machines.len()),
        ));
    }
    let mut names = HashSet::new();
    for (place, row) in machines.iter().enumerate() {
        if !is_file_name(&row.machine) || !names.insert(&row.machine) {
            return Err(problem(
                place,
                format!("column `machine`: {:?} is no name, or there twice", row.machine),
            ));
        }
        shards(row).map_err(|what| problem(place, what))?;
    }
    Ok(machines)
}

/// The shards whose groups a machine was dealt; none where it was dealt whole blocks.
fn shards(row: &MachineRow) -> Result<Vec<Shard>, String> {
    let shards = row.dealt.as_deref().unwrap_or_default().split_whitespace();
    shards.map(|text| text.parse().map_err(|why| format!("column `dealt`: {text:?}: {why}"))).collect()
}

/// What of a plan a machine was dealt: all of it, where it was dealt whole blocks.
pub fn plan_on(plan: &Plan, machine: &MachineRow) -> Plan {
    // They were read without an error when the row was.
    match shards(machine).unwrap_or_default() {
        none if none.is_empty() => plan.clone(),
        shards => plan.of_groups(&shards.into_iter().flat_map(|shard| shard.groups(plan)).collect()),
    }
}

/// Where the spans of a cell of a merged folder come from: as all of a group, from one part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct SpansOf {
    pub machine: String,
    pub part: String,
}

/// Of which machine and part the spans are that a merged folder has, by cell: as `merge.json` says.
///
/// # Errors
/// When that file cannot be read, or makes no sense.
pub fn origins_of_spans(dir: &Path) -> Result<BTreeMap<String, SpansOf>, Error> {
    #[derive(Deserialize)]
    struct Merge {
        #[serde(default)]
        spans: BTreeMap<String, SpansOf>,
    }
    let merge: Option<Merge> = read::json_if_any(&dir.join(MERGE))?;
    Ok(merge.map_or_else(BTreeMap::new, |merge| merge.spans))
}

/// The files of the spans of a machine of a merged folder, by cell.
///
/// # Errors
/// As [`origins_of_spans`].
pub fn spans_of_machine(dir: &Path, machine: &str) -> Result<BTreeMap<String, PathBuf>, Error> {
    let own = origins_of_spans(dir)?.into_iter().filter(|(_, origin)| origin.machine == machine);
    Ok(own.filter_map(|(cell, _)| spans_of(dir, &cell).map(|path| (cell, path))).collect())
}

/// Refuses a merged folder where one run is asked for.
///
/// # Errors
/// When it is one.
pub fn check_is_one_run(dir: &Path) -> Result<(), Error> {
    if is_merged(dir) { Err(Error::Merged { folder: dir.into() }) } else { Ok(()) }
}

/// The machines of each kind together: those with the same processor, CPUs, memory, kernel and virtualisation.
pub fn kinds(machines: &[MachineRow]) -> Vec<Vec<&MachineRow>> {
    let mut kinds: Vec<Vec<&MachineRow>> = Vec::new();
    for machine in machines {
        match kinds.iter_mut().find(|kind| kind[0].kind().is_same(&machine.kind())) {
            Some(kind) => kind.push(machine),
            None => kinds.push(vec![machine]),
        }
    }
    kinds
}

/// The trials of a merged folder.
#[derive(Debug)]
pub struct MergedTrials<'a> {
    dir: PathBuf,
    trials: ByMachine<TrialRow>,
    rounds: Option<ByMachine<RoundRow>>,
    roster: Roster<'a>,
    /// The machines whose rows are still to come.
    expected: BTreeSet<String>,
}

impl<'a> MergedTrials<'a> {
    /// Opens the files of a merged folder, given its machines.
    ///
    /// # Errors
    /// When one cannot be read, or lacks a column.
    pub fn open(dir: &Path, plan: &'a Plan, machines: &[MachineRow]) -> Result<Self, Error> {
        let rounds = dir.join(ROUNDS);
        Ok(Self {
            dir: dir.into(),
            trials: ByMachine::open(&dir.join(TRIALS), plan.row_key())?,
            rounds: rounds.exists().then(|| ByMachine::open(&rounds, plan.row_key())).transpose()?,
            roster: Roster::of(plan, None),
            expected: machines.iter().map(|row| row.machine.clone()).collect(),
        })
    }

    /// Gives each row of the next machine to `with`, with its line and its part; says which machine it is, and `None` after
    /// the last one.
    ///
    /// # Errors
    /// When a row cannot be true, with its line; or when a machine is not in `machines.csv`, or its rows are in two places.
    pub fn next_machine(
        &mut self,
        mut with: impl FnMut(u64, TrialRow, &str) -> Result<(), Problem>,
    ) -> Result<Option<String>, Error> {
        let Some((machine, line)) = self.trials.next()? else { return Ok(None) };
        if !self.expected.remove(&machine) {
            let what =
                format!("its machine, {machine:?}, is not in {MACHINES}, or its rows are in two places");
            return Err(Problem::new(line, what, REMEDY).at(&self.trials.path));
        }
        let mut known = Rounds::default();
        while let Some(Of { part, located: Located { line, row, .. }, .. }) = self.trials.next_of(&machine)? {
            self.roster.tick(&row).map_err(|what| self.trials.rows.problem(line, &what))?;
            if let Some(rounds) = &mut self.rounds {
                known.note(&self.dir, (&part, line, &row), || rounds.next_round(&machine))?;
            }
            with(line, row, &part).map_err(|problem| problem.at(&self.trials.path))?;
        }
        if let Some(rounds) = &mut self.rounds {
            known.finish(&self.dir, || rounds.next_round(&machine))?;
        }
        Ok(Some(machine))
    }

    /// What was found when all machines were read: how many trials of the plan any of them has.
    ///
    /// # Errors
    /// When a machine has no row.
    pub fn finish(self) -> Result<Attendance, Error> {
        if let Some(machine) = self.expected.first() {
            let what = format!("machine {machine:?} of {MACHINES} has no row");
            return Err(Problem::new(1, what, REMEDY).at(&self.trials.path));
        }
        // What is not there was in no part: nothing says that it ever ran.
        let presence = Presence { lost: 0, ..self.roster.presence(None) };
        Ok(Attendance { presence, torn: self.trials.rows.torn() })
    }
}

/// Reads the trials of one machine of a merged folder, and gives each with its line and its part. It has all that is
/// planned for it: what it lacks of the plan, others have.
///
/// # Errors
/// As [`MergedTrials::next_machine`]; or when there is no such machine.
pub fn read_machine(
    dir: &Path,
    plan: &Plan,
    machine: &str,
    mut with: impl FnMut(u64, TrialRow, &str) -> Result<(), Problem>,
) -> Result<Attendance, Error> {
    let machines = machines(dir)?;
    // The rows of others are of cells that may not be dealt to this one.
    let is_by_groups = machines.iter().any(|row| row.dealt.is_some());
    let whole = is_by_groups.then(|| Plan::read(&dir.join(PLAN))).transpose()?;
    let mut rows = MergedTrials::open(dir, whole.as_ref().unwrap_or(plan), &machines)?;
    let mut trials = 0;
    while let Some((next, _)) = rows.trials.next()? {
        rows.next_machine(|line, row, part| {
            if next == machine {
                trials += 1;
                return with(line, row, part);
            }
            Ok(())
        })?;
        if next == machine {
            let presence = Presence { trials, planned: trials, ..Presence::default() };
            return Ok(Attendance { presence, torn: 0 });
        }
    }
    let what = format!("there is no machine {machine:?}");
    Err(Problem::new(1, what, "name a folder in machines/").at(&dir.join(MACHINES)))
}

/// The rows of a file, of which those of one machine stand together.
#[derive(Debug)]
struct ByMachine<T> {
    path: PathBuf,
    rows: Rows<T>,
    machine: usize,
    part: usize,
    /// The row that was read last and is not given yet.
    ahead: Option<Of<T>>,
}

impl ByMachine<RoundRow> {
    fn next_round(&mut self, machine: &str) -> Result<Option<OfPart>, Error> {
        Ok(self.next_of(machine)?.map(|of| (of.part, of.located)))
    }
}

/// A row, and of which machine and part it is.
#[derive(Debug)]
struct Of<T> {
    machine: String,
    part: String,
    located: Located<T>,
}

impl<T: Row> ByMachine<T> {
    fn open(path: &Path, key: RowKey<'_>) -> Result<Self, Error> {
        let rows = Rows::open(path, key)?;
        let (machine, part) = (rows.further_column(MACHINE)?, rows.further_column(PART)?);
        Ok(Self { path: path.into(), rows, machine, part, ahead: None })
    }

    /// The machine of the next row, and its line.
    fn next(&mut self) -> Result<Option<(String, u64)>, Error> {
        if self.ahead.is_none() {
            self.ahead = self.read()?;
        }
        Ok(self.ahead.as_ref().map(|next| (next.machine.clone(), next.located.line)))
    }

    /// The next row, if it is of this machine.
    fn next_of(&mut self, machine: &str) -> Result<Option<Of<T>>, Error> {
        if self.ahead.is_none() {
            self.ahead = self.read()?;
        }
        Ok(self.ahead.take_if(|next| next.machine == machine))
    }

    fn read(&mut self) -> Result<Option<Of<T>>, Error> {
        let Some(located) = self.rows.next_row()? else { return Ok(None) };
        let further = |place| {
            let text = self.rows.further(place).map_err(|what| self.rows.problem(located.line, &what));
            text.map(String::from)
        };
        let (machine, part) = (further(self.machine)?, further(self.part)?);
        Ok(Some(Of { machine, part, located }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_are_of_one_kind_where_nothing_but_a_little_memory_differs() {
        let machine = |name: &str, cpus, memory| MachineRow {
            machine: name.into(),
            cpus,
            memory_bytes: Some(memory),
            ..MachineRow::default()
        };
        let machines =
            [machine("a", 2, 1000), machine("b", 4, 1000), machine("c", 2, 1005), machine("d", 2, 2000)];
        let names =
            |kind: &Vec<&MachineRow>| kind.iter().map(|row| &*row.machine).collect::<Vec<_>>().join(" ");
        assert_eq!(kinds(&machines).iter().map(names).collect::<Vec<_>>(), ["a c", "b", "d"]);
    }
}
