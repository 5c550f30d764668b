//! The folder of a run: everything measured, written as it comes.
//!
//! A trial's rounds are appended first and its own row last, each as one write: a trial counts when
//! its row stands. Whatever was measured survives a crash of the lab; on resume a torn last line and
//! rounds without their trial are dropped.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use protocol::{OrderSample, Pass, RoundSample, SCHEMA, Sample, Span};
use rustix::fs::{FlockOperation, flock};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::plan::Plan;
use crate::run::Record;
use crate::trial::Outcome;

const PLAN: &str = "plan.json";
const TRIALS: &str = "trials.csv";
const ROUNDS: &str = "rounds.csv";
const ORDERS: &str = "orders.csv";
const ENDING: &str = "ending.json";
const SPANS: &str = "spans";

/// Which trials leave their spans behind: those of one block of the cells with this many tasks.
const SPANS_BLOCK: u32 = 1;
const SPANS_TASKS: u64 = 1000;

/// The folder of a run, open for appending.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    trials: File,
    rounds: File,
    /// Held while we live; the kernel lets go of it when we die, however we die.
    _lock: File,
}

/// Which trial a row belongs to: its cell, its block and its pass.
pub type Key = (String, u32, Pass);

/// The trials that a run holds already.
pub type Done = HashSet<Key>;

/// Why a run's folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum JournalError {
    #[error("{0} already holds a run; choose another --out, or go on with it by --resume")]
    Taken(PathBuf),
    #[error("{0} is not empty, and not a run; choose another --out")]
    NotEmpty(PathBuf),
    #[error("{0} is being written by another kilotask")]
    Locked(PathBuf),
    #[error("{path} has schema version {found}, this kilotask writes {SCHEMA}; start a new run")]
    Schema { path: PathBuf, found: u32 },
    #[error("{path}: {error}")]
    Io { path: PathBuf, error: io::Error },
    #[error("{path}: {problem}")]
    Corrupt { path: PathBuf, problem: String },
}

impl Journal {
    /// Makes the folder of a new run.
    ///
    /// # Errors
    /// When it holds something already or cannot be written.
    pub fn create(folder: &Path, plan: &Plan, environment: &impl Serialize) -> Result<Self, JournalError> {
        if folder.join(PLAN).exists() {
            return Err(JournalError::Taken(folder.into()));
        }
        if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(JournalError::NotEmpty(folder.into()));
        }
        fs::create_dir_all(folder).map_err(at(folder))?;
        let lock = lock(folder)?;
        write_json(&folder.join("environment.json"), environment)?;
        for (name, header) in [(TRIALS, header::<Sample>()), (ROUNDS, header::<RoundSample>())] {
            let path = folder.join(name);
            fs::write(&path, header).map_err(at(&path))?;
        }
        // Last: a folder with a plan is a run.
        write_json(&folder.join(PLAN), plan)?;
        Self::open(folder, lock)
    }

    /// Opens the folder of a run that was broken off, and mends it; gives its plan and the trials
    /// that it holds.
    ///
    /// # Errors
    /// When it is no run, or another process writes to it.
    pub fn resume(folder: &Path) -> Result<(Self, Plan, Done), JournalError> {
        let plan = read_plan(folder)?;
        let lock = lock(folder)?;
        let path = folder.join(TRIALS);
        cut_torn_line(&path).map_err(at(&path))?;
        let done: Done =
            read_trials(folder)?.into_iter().map(|row| (row.cell, row.block, row.pass)).collect();
        keep_rounds_of(&done, &folder.join(ROUNDS))?;
        Ok((Self::open(folder, lock)?, plan, done))
    }

    fn open(folder: &Path, lock: File) -> Result<Self, JournalError> {
        let append = |name| {
            let path = folder.join(name);
            OpenOptions::new().append(true).open(&path).map_err(at(&path))
        };
        Ok(Self { folder: folder.into(), trials: append(TRIALS)?, rounds: append(ROUNDS)?, _lock: lock })
    }

    /// Appends one trial.
    ///
    /// # Errors
    /// When it cannot be written: the run must stop, and can be resumed.
    pub fn append(&mut self, outcome: &Outcome) -> Result<(), JournalError> {
        let sample = &outcome.sample;
        if sample.pass == Pass::Timed && sample.block == SPANS_BLOCK && sample.tasks == SPANS_TASKS {
            self.write_spans(&sample.cell, &outcome.spans)?;
        }
        append(&mut self.rounds, &outcome.rounds).map_err(at(&self.folder.join(ROUNDS)))?;
        append(&mut self.trials, std::slice::from_ref(sample)).map_err(at(&self.folder.join(TRIALS)))
    }

    /// Writes the trials of two orders, `orders.csv`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_orders(&self, samples: &[OrderSample]) -> Result<(), JournalError> {
        replace(&self.folder.join(ORDERS), &csv_rows(samples, true))
    }

    /// Writes why the run ended, `ending.json`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_ending(&self, record: &Record) -> Result<(), JournalError> {
        write_json(&self.folder.join(ENDING), record)
    }

    fn write_spans(&self, cell: &str, spans: &[Span]) -> Result<(), JournalError> {
        if spans.is_empty() {
            return Ok(());
        }
        let folder = self.folder.join(SPANS);
        let path = folder.join(format!("{cell}.csv"));
        let mut text = String::from("start_ns,finish_ns\n");
        text.extend(spans.iter().map(|span| format!("{},{}\n", span.start_ns, span.finish_ns)));
        fs::create_dir_all(&folder).and_then(|()| fs::write(&path, text)).map_err(at(&path))
    }
}

/// The plan of a run's folder.
///
/// # Errors
/// When there is none, or it is of another version.
pub fn read_plan(folder: &Path) -> Result<Plan, JournalError> {
    let path = folder.join(PLAN);
    let text = fs::read_to_string(&path).map_err(at(&path))?;
    let corrupt =
        |error: serde_json::Error| JournalError::Corrupt { path: path.clone(), problem: error.to_string() };
    let value: serde_json::Value = serde_json::from_str(&text).map_err(corrupt)?;
    let found = value["schema"].as_u64().and_then(|schema| u32::try_from(schema).ok()).unwrap_or(0);
    if found != SCHEMA {
        return Err(JournalError::Schema { path, found });
    }
    serde_json::from_value(value).map_err(corrupt)
}

/// The trials that a run's folder holds.
///
/// # Errors
/// When they cannot be read.
pub fn read_trials(folder: &Path) -> Result<Vec<Sample>, JournalError> {
    read_rows(&folder.join(TRIALS))
}

/// Locks the folder itself: no file to leave behind.
fn lock(folder: &Path) -> Result<File, JournalError> {
    let file = File::open(folder).map_err(at(folder))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(JournalError::Locked(folder.into())),
        Err(error) => Err(JournalError::Io { path: folder.into(), error: error.into() }),
    }
}

fn append<T: Serialize>(file: &mut File, rows: &[T]) -> io::Result<()> {
    file.write_all(&csv_rows(rows, false))
}

fn header<T: Serialize + DeserializeOwned + Default>() -> Vec<u8> {
    let text = csv_rows(&[T::default()], true);
    let end = text.iter().position(|&byte| byte == b'\n').expect("a header is a line");
    text[..=end].to_vec()
}

fn csv_rows<T: Serialize>(rows: &[T], with_header: bool) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().has_headers(with_header).from_writer(Vec::new());
    for row in rows {
        writer.serialize(row).expect("rows are flat and memory does not fail");
    }
    writer.into_inner().expect("memory does not fail")
}

fn read_rows<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, JournalError> {
    let corrupt = |error: csv::Error| JournalError::Corrupt { path: path.into(), problem: error.to_string() };
    csv::Reader::from_path(path).map_err(corrupt)?.deserialize().map(|row| row.map_err(corrupt)).collect()
}

fn cut_torn_line(path: &Path) -> io::Result<()> {
    let bytes = fs::read(path)?;
    let whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    if whole < bytes.len() {
        OpenOptions::new().write(true).open(path)?.set_len(whole as u64)?;
    }
    Ok(())
}

/// Drops the rounds of trials whose own row was never written.
fn keep_rounds_of(done: &Done, path: &Path) -> Result<(), JournalError> {
    cut_torn_line(path).map_err(at(path))?;
    let rows: Vec<RoundSample> = read_rows(path)?;
    let whole = rows.len();
    let kept: Vec<RoundSample> =
        rows.into_iter().filter(|row| done.contains(&(row.cell.clone(), row.block, row.pass))).collect();
    if kept.len() == whole {
        return Ok(());
    }
    let mut text = header::<RoundSample>();
    text.extend(csv_rows(&kept, false));
    replace(path, &text)
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), JournalError> {
    let mut text = serde_json::to_vec_pretty(value).expect("plans and environments serialise to JSON");
    text.push(b'\n');
    replace(path, &text)
}

/// Writes a file whole or not at all.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), JournalError> {
    let new = path.with_extension("new");
    fs::write(&new, bytes).and_then(|()| fs::rename(&new, path)).map_err(at(path))
}

fn at(path: &Path) -> impl Fn(io::Error) -> JournalError {
    let path = path.to_path_buf();
    move |error| JournalError::Io { path: path.clone(), error }
}

#[cfg(test)]
mod tests {
    use protocol::Status;

    use super::*;
    use crate::experiment::PresetName;

    fn plan() -> Plan {
        Plan::empty(PresetName::Quick, 7)
    }

    fn outcome(cell: &str, block: u32) -> Outcome {
        let sample = Sample { cell: cell.into(), block, tasks: 1000, ..Sample::default() };
        let round = RoundSample { cell: cell.into(), block, ..RoundSample::default() };
        Outcome { sample, rounds: vec![round], spans: vec![Span { start_ns: 1, finish_ns: 2 }] }
    }

    fn run() -> (tempfile::TempDir, PathBuf) {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("run");
        (parent, folder)
    }

    #[test]
    fn a_second_run_into_the_same_folder_is_refused() {
        let (_parent, folder) = run();
        let journal = Journal::create(&folder, &plan(), &()).unwrap();
        assert!(matches!(Journal::create(&folder, &plan(), &()), Err(JournalError::Taken(_))));
        assert!(matches!(Journal::resume(&folder), Err(JournalError::Locked(_))));
        drop(journal);
        assert!(Journal::resume(&folder).is_ok());
    }

    #[test]
    fn a_folder_with_other_things_in_it_is_refused() {
        let (parent, _) = run();
        fs::write(parent.path().join("thesis.tex"), "").unwrap();
        assert!(matches!(Journal::create(parent.path(), &plan(), &()), Err(JournalError::NotEmpty(_))));
    }

    #[test]
    fn resume_drops_a_torn_line_and_rounds_without_their_trial() {
        let (_parent, folder) = run();
        let mut journal = Journal::create(&folder, &plan(), &()).unwrap();
        journal.append(&outcome("a", 0)).unwrap();
        journal.append(&outcome("b", 1)).unwrap();
        drop(journal);
        let trials = folder.join(TRIALS);
        let text = fs::read(&trials).unwrap();
        fs::write(&trials, &text[..text.len() - 5]).unwrap();

        let (mut journal, _, done) = Journal::resume(&folder).unwrap();
        assert_eq!(done, HashSet::from([("a".to_string(), 0, Pass::Timed)]));
        journal.append(&outcome("b", 1)).unwrap();
        let rows: Vec<Sample> = read_rows(&trials).unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(read_rows::<RoundSample>(&folder.join(ROUNDS)).unwrap().len(), 2);
    }

    #[test]
    fn spans_of_block_1_are_kept_for_the_chart() {
        let (_parent, folder) = run();
        let mut journal = Journal::create(&folder, &plan(), &()).unwrap();
        journal.append(&outcome("a", 0)).unwrap();
        journal.append(&outcome("a", 1)).unwrap();
        assert_eq!(fs::read_to_string(folder.join("spans/a.csv")).unwrap(), "start_ns,finish_ns\n1,2\n");
    }

    #[test]
    fn what_was_not_measured_is_an_empty_cell() {
        let rows = csv_rows(&[Sample { status: Status::Crashed, ..Sample::default() }], true);
        let text = String::from_utf8(rows).unwrap();
        let (header, row) = text.trim_end().split_once('\n').unwrap();
        let column = header.split(',').position(|name| name == "allocations").unwrap();
        assert_eq!(row.split(',').nth(column), Some(""));
    }

    #[test]
    fn an_older_schema_is_refused() {
        let (_parent, folder) = run();
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(PLAN), "{\"schema\":0}").unwrap();
        assert!(matches!(Journal::resume(&folder), Err(JournalError::Schema { found: 0, .. })));
    }
}
