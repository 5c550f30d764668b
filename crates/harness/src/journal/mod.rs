//! The folder of a run: everything measured, written as it comes, and on the disk before the next trial.
//!
//! A trial's spans and rounds are written first and its own row last: a trial counts when its row
//! stands. Each is synced, so that a power cut takes nothing of a trial that has ended; whatever it
//! leaves of one that has not is removed on resume, and the trial is run again.

mod error;
mod lock;
mod repair;
#[cfg(test)]
mod truncated;
mod typical;
mod written;

use std::fs::File;
use std::path::{Path, PathBuf};

use protocol::Span;
use results::disk::{self, make_folder, make_inner_folder, replace};
use results::folder::{
    ENDING, ENVIRONMENT, ORDERS, PART, PLAN, ROUNDS, SPANS_BLOCK, SPANS_TASKS, TRIALS, spans_of,
};
use results::write::{Appender, csv_file, header, json_file};
use results::{Ending, OrderRow, Part, Pass, Plan, RoundRow, RowKey, SpanRow, TrialRow};
use serde::Serialize;

pub use self::error::JournalError;
pub use self::repair::{Done, Ended, Key, Repaired};

use self::error::at;
use self::lock::lock;
use self::typical::Typical;
use self::written::Written;
use crate::trial::Outcome;

/// The folder of a run, open for appending.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    /// What its rows are bound to.
    plan_id: Option<String>,
    trials: Appender,
    rounds: Appender,
    typical: Typical,
    /// Whether the end of an earlier sitting is on record, which the next trial makes untrue.
    has_ended: bool,
    /// Held while we live; the kernel lets go of it when we die, however we die.
    _lock: File,
}

/// A run that goes on.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Resumed {
    pub journal: Journal,
    pub plan: Plan,
    /// The trials that are not run again.
    pub done: Done,
    /// What the end of the last sitting had done to its files.
    pub repaired: Repaired,
}

impl Journal {
    /// Makes the folder of a new run, which may hold no more than what a run left that was stopped before
    /// it had its plan.
    pub fn create(folder: &Path, plan: &Plan, environment: &impl Serialize) -> Result<Self, JournalError> {
        Self::begin(folder, plan, None, environment).map_err(JournalError::before_the_plan)
    }

    /// Makes the folder of a part of a plan, in the same way.
    pub fn create_part(
        folder: &Path,
        plan: &Plan,
        part: &Part,
        environment: &impl Serialize,
    ) -> Result<Self, JournalError> {
        Self::begin(folder, plan, Some(part), environment).map_err(JournalError::before_the_plan)
    }

    fn begin(
        folder: &Path,
        plan: &Plan,
        part: Option<&Part>,
        environment: &impl Serialize,
    ) -> Result<Self, JournalError> {
        make_folder(folder).map_err(at(folder))?;
        // Before it is looked into: what another is about to write there must not be taken for nothing.
        let lock = lock(folder)?;
        if folder.join(PLAN).exists() {
            return Err(JournalError::Taken(folder.into()));
        }
        if !repair::is_free(folder)? {
            return Err(JournalError::NotEmpty(folder.into()));
        }
        disk::remove_unfinished(folder).map_err(at(folder))?;
        for (name, header) in [(TRIALS, header::<TrialRow>()), (ROUNDS, header::<RoundRow>())] {
            let path = folder.join(name);
            replace(&path, &header).map_err(at(&path))?;
        }
        write_json(&folder.join(ENVIRONMENT), environment)?;
        if let Some(part) = part {
            write_json(&folder.join(PART), part)?;
        }
        // Last: a folder with a plan is a run.
        write_plan(folder, plan)?;
        Self::open(folder, plan, lock)
    }

    /// Opens the folder of a run that was broken off, and repairs what a kill or a power cut has done to
    /// it; any other harm, and another process that writes to it, is an error.
    pub fn resume(folder: &Path) -> Result<Resumed, JournalError> {
        if folder.is_dir() && !folder.join(PLAN).exists() {
            return Err(JournalError::NoRun(folder.into()));
        }
        let plan = read_plan(folder)?;
        let lock = lock(folder)?;
        let (done, repaired) = repair::repair(folder, &plan)?;
        Ok(Resumed { journal: Self::open(folder, &plan, lock)?, plan, done, repaired })
    }

    fn open(folder: &Path, plan: &Plan, lock: File) -> Result<Self, JournalError> {
        let open = |name: &str| Appender::open(folder.join(name)).map_err(at(&folder.join(name)));
        let (trials, rounds) = (open(TRIALS)?, open(ROUNDS)?);
        let has_ended = folder.join(ENDING).exists();
        Ok(Self {
            folder: folder.into(),
            plan_id: plan.id.clone(),
            trials,
            rounds,
            typical: Typical::default(),
            has_ended,
            _lock: lock,
        })
    }

    /// Appends one trial. When this returns, a power cut loses nothing of it. Where it cannot be written
    /// the run must stop, and can be resumed.
    pub fn append(&mut self, outcome: &Outcome) -> Result<(), JournalError> {
        if !self.trials.is_there() {
            return Err(JournalError::Gone(self.folder.clone()));
        }
        if self.has_ended {
            let path = self.folder.join(ENDING);
            disk::remove(&path).map_err(at(&path))?;
            self.has_ended = false;
        }
        let sample = &outcome.sample;
        let has_spans =
            sample.pass == Pass::Timed && sample.tasks == SPANS_TASKS && sample.block >= SPANS_BLOCK;
        let is_nearer = |makespan| self.typical.is_nearer(&sample.cell, makespan);
        let is_typical = has_spans && !outcome.spans.is_empty() && sample.makespan_ns.is_some_and(is_nearer);
        // Those of the first trial are promised: there is no row without them. Those of a later one take their place only
        // when its row is there.
        let is_first = has_spans && (sample.block, sample.process) == (SPANS_BLOCK, 0);
        if is_first {
            self.write_spans(&sample.cell, &outcome.spans)?;
        }
        let (before, key) = (self.rounds.length(), RowKey::of(self.plan_id.as_deref()));
        self.rounds.append(&outcome.rounds, key).map_err(at(self.rounds.path()))?;
        let appended = self.trials.append(std::slice::from_ref(sample), key);
        appended.inspect_err(|_| self.rounds.cut_to(before)).map_err(at(self.trials.path()))?;
        if is_typical && !is_first { self.write_spans(&sample.cell, &outcome.spans) } else { Ok(()) }
    }

    /// Writes the trials of two orders, `orders.csv`.
    pub fn write_orders(&self, samples: &[OrderRow]) -> Result<(), JournalError> {
        let path = self.folder.join(ORDERS);
        replace(&path, &csv_file(samples)).map_err(at(&path))
    }

    /// Writes the plan with the numbers that block 0 gave it.
    pub fn write_plan(&self, plan: &Plan) -> Result<(), JournalError> {
        write_plan(&self.folder, plan)
    }

    /// Writes what it was run in, with when that was another.
    pub fn write_environment(&self, environment: &impl Serialize) -> Result<(), JournalError> {
        write_json(&self.folder.join(ENVIRONMENT), environment)
    }

    /// Writes why the run ended, `ending.json`.
    pub fn write_ending(&self, record: &Ending) -> Result<(), JournalError> {
        write_json(&self.folder.join(ENDING), record)
    }

    fn write_spans(&self, cell: &str, spans: &[Span]) -> Result<(), JournalError> {
        let Some(path) = spans_of(&self.folder, cell).filter(|_| !spans.is_empty()) else { return Ok(()) };
        let rows: Vec<SpanRow> = spans.iter().copied().map(SpanRow::from).collect();
        let folder = path.parent().unwrap_or(&self.folder);
        make_inner_folder(folder).and_then(|()| replace(&path, &csv_file(&rows))).map_err(at(&path))
    }
}

/// The plan of a run's folder, if it is of this version and makes sense.
pub fn read_plan(folder: &Path) -> Result<Plan, JournalError> {
    Ok(Plan::read(&folder.join(PLAN))?)
}

/// The trials that the folder of a run of this plan holds; one that is being written at this moment is left out.
pub fn read_trials(folder: &Path, plan: &Plan) -> Result<Vec<TrialRow>, JournalError> {
    Ok(Written::read(&folder.join(TRIALS), plan.row_key(), |row: TrialRow| Ok(row))?.into_rows())
}

fn write_plan(folder: &Path, plan: &Plan) -> Result<(), JournalError> {
    let path = folder.join(PLAN);
    replace(&path, &plan.file()).map_err(at(&path))
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), JournalError> {
    replace(path, &json_file(value)).map_err(at(path))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::experiment::PresetName;
    use crate::run::Ending;

    fn plan() -> Plan {
        Plan { id: Some("7".into()), ..Plan::empty(PresetName::Quick, 7) }
    }

    fn outcome(cell: &str, block: u32) -> Outcome {
        let sample = TrialRow { cell: cell.into(), block, tasks: 1000, rounds: 1, ..TrialRow::default() };
        let round = RoundRow { cell: cell.into(), block, ..RoundRow::default() };
        Outcome {
            sample,
            rounds: vec![round],
            spans: vec![Span { start_ns: 1, finish_ns: 2 }],
            ..Outcome::default()
        }
    }

    fn run() -> (tempfile::TempDir, PathBuf) {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("run");
        (parent, folder)
    }

    /// A run that has the first trial of cell `a`.
    fn begun() -> (tempfile::TempDir, PathBuf, Journal) {
        let (parent, folder) = run();
        let mut journal = Journal::create(&folder, &plan(), &()).unwrap();
        journal.append(&outcome("a", 0)).unwrap();
        (parent, folder, journal)
    }

    #[test]
    fn a_folder_with_other_things_in_it_is_refused_and_left_alone() {
        for (name, text) in
            [("thesis.tex", ""), (ENVIRONMENT, "{}"), (TRIALS, "my trials\n"), ("plan.new", "")]
        {
            let (parent, _) = run();
            fs::write(parent.path().join(name), text).unwrap();
            assert!(matches!(Journal::create(parent.path(), &plan(), &()), Err(JournalError::NotEmpty(_))));
            assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
            assert_eq!(fs::read_to_string(parent.path().join(name)).unwrap(), text);
        }
    }

    #[test]
    fn what_a_run_left_that_never_had_its_plan_is_taken_over() {
        let header = header::<TrialRow>();
        let left: [&[(&str, &[u8])]; 5] = [
            &[(".trials.csv.a1.new", b"")],
            &[(TRIALS, &header[..20]), (".rounds.csv.b2.new", b"cell")],
            &[(TRIALS, &header), (ROUNDS, b""), (".environment.json.c3.new", b"{")],
            &[(TRIALS, &header), (ENVIRONMENT, b"null"), (".plan.json.d4.new", b"{\"schema\"")],
            &[(TRIALS, &[0; 4096]), (ROUNDS, &[0; 9])],
        ];
        for files in left {
            let (_parent, folder) = run();
            fs::create_dir(&folder).unwrap();
            for (name, bytes) in files {
                fs::write(folder.join(name), bytes).unwrap();
            }
            assert!(matches!(Journal::resume(&folder), Err(JournalError::NoRun(_))));
            drop(Journal::create(&folder, &plan(), &()).unwrap());
            assert_eq!(fs::read_dir(&folder).unwrap().count(), 4, "nothing unfinished is left");
            assert!(Journal::resume(&folder).unwrap().done.is_empty());
        }
    }

    #[test]
    fn a_row_that_found_no_room_takes_its_rounds_with_it() {
        let (_parent, folder, mut journal) = begun();
        let before = fs::read(folder.join(ROUNDS)).unwrap();
        journal.trials = Appender::without_room();
        let said = journal.append(&outcome("b", 0)).unwrap_err().to_string();
        assert!(said.contains("the disk is full"), "{said}");
        assert_eq!(fs::read(folder.join(ROUNDS)).unwrap(), before);
        drop(journal);
        let resumed = Journal::resume(&folder).unwrap();
        assert_eq!((resumed.done.len(), resumed.repaired), (1, Repaired::default()));
    }

    #[test]
    fn a_run_whose_folder_is_gone_stops_at_the_next_trial() {
        let (parent, folder, mut journal) = begun();
        fs::rename(&folder, parent.path().join("elsewhere")).unwrap();
        let said = journal.append(&outcome("b", 0)).unwrap_err().to_string();
        assert!(said.contains("was removed or renamed") && said.contains("--resume"), "{said}");
        fs::remove_dir_all(parent.path().join("elsewhere")).unwrap();
        assert!(matches!(journal.append(&outcome("b", 0)), Err(JournalError::Gone(_))));
    }

    #[test]
    fn a_run_that_goes_on_has_not_ended() {
        let (_parent, folder, journal) = begun();
        journal.write_ending(&Ending::default().record(&plan())).unwrap();
        drop(journal);
        let mut journal = Journal::resume(&folder).unwrap().journal;
        assert!(folder.join(ENDING).exists(), "nothing has been added to it");
        journal.append(&outcome("b", 0)).unwrap();
        assert!(!folder.join(ENDING).exists());
    }

    #[test]
    fn spans_of_block_1_are_kept_for_the_chart() {
        let (_parent, folder, mut journal) = begun();
        journal.append(&outcome("a", 1)).unwrap();
        assert_eq!(fs::read_to_string(folder.join("spans/a.csv")).unwrap(), "start_ns,finish_ns\n1,2\n");
    }

    #[test]
    fn what_is_being_written_does_not_keep_others_from_reading() {
        let (_parent, folder, mut journal) = begun();
        journal.append(&outcome("b", 0)).unwrap();
        let length = journal.trials.length();
        journal.trials.cut_to(length - 5);
        assert_eq!(read_trials(&folder, &plan()).unwrap().len(), 1);
    }
}
