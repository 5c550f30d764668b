//! Makes whole what a kill or a power cut left in a run's folder.
//!
//! A trial has ended when all that it promised stands: its spans, its rounds, and its own row. They are
//! written in this order, each on the disk before the next, so that a row without its rounds is not left
//! by us; where one is found all the same (the disk lied, somebody cut the file), both go and the trial
//! is run again: half of a trial would be believed later.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use protocol::{Status, Workload};
use results::disk;
use results::disturbance::is_disturbed;
use results::folder::{ENVIRONMENT, PART, PLAN, ROUNDS, SPANS, SPANS_BLOCK, SPANS_TASKS, TRIALS, spans_of};
use results::grouping::grouped;
use results::write::header;
use results::{Part, Pass, Plan, Roster, RoundRow, TrialRow, regular};

use super::error::{JournalError, at};
use super::written::{Written, is_begun};

/// Which trial a row belongs to: its cell, its block, its pass, and which process of these it is.
pub type Key = (String, u32, Pass, u32);

/// The trials that a run holds already, and how each ended.
pub type Done = HashMap<Key, Ended>;

/// How a trial ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Ended {
    pub status: Status,
    pub reason: String,
    /// Whether something outside disturbed it.
    pub is_disturbed: bool,
}

impl Ended {
    /// What a row says of it.
    pub fn of(row: &TrialRow) -> Self {
        Self { status: row.status, reason: row.reason.clone(), is_disturbed: is_disturbed(row) }
    }
}

/// What had to be repaired before a run could go on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repaired {
    /// Whether a file did not hold what it ought to.
    pub files: bool,
    /// Trials whose row stood without its rounds or spans: they are run again.
    pub repeated: usize,
    /// Trials that a trouble of the lab's own spoilt: they are run again.
    pub spoilt: usize,
}

/// What a row promises.
struct Promise {
    key: Key,
    ended: Ended,
    rounds: u32,
}

impl Promise {
    fn of(row: TrialRow) -> Self {
        let rounds = if row.status == Status::Ok { row.rounds } else { 0 };
        let ended = Ended::of(&row);
        Self { key: (row.cell, row.block, row.pass, row.process), ended, rounds }
    }
}

/// Repairs a run's folder; gives the trials that have ended.
pub fn repair(folder: &Path, plan: &Plan) -> Result<(Done, Repaired), JournalError> {
    // Files that were being written, and never got their names.
    disk::check_inner_folder(&folder.join(SPANS)).map_err(at(&folder.join(SPANS)))?;
    for folder in [folder.to_path_buf(), folder.join(SPANS)] {
        disk::remove_unfinished(&folder).map_err(at(&folder))?;
    }
    let part = Part::read(folder)?;
    let mut roster = Roster::of(plan, part.as_ref());
    let trials = Written::read(&folder.join(TRIALS), plan.row_key(), |row: TrialRow| {
        roster.tick(&row)?;
        Ok(Promise::of(row))
    })?;
    let rounds = Written::read(&folder.join(ROUNDS), plan.row_key(), |row: RoundRow| {
        Ok(((row.cell, row.block, row.pass, row.process), row.round))
    })?;
    let measured: HashMap<&Key, Vec<u32>> =
        grouped(rounds.rows().map(|(key, round)| (key, *round))).into_iter().collect();
    let spanless = without_spans(folder, plan);
    let keeps = |promise: &Promise| {
        let rounds = measured.get(&promise.key).map_or(&[][..], Vec::as_slice);
        let has_spans = promise.ended.status != Status::Ok || !spanless.contains(&promise.key);
        has_spans && rounds.iter().copied().eq(0..promise.rounds)
    };
    let is_spoilt = |promise: &Promise| promise.ended.status == Status::LabError;
    let done: Done = (trials.rows().filter(|row| keeps(row) && !is_spoilt(row)))
        .map(|promise| (promise.key.clone(), promise.ended.clone()))
        .collect();
    let again = || trials.rows().filter(|row| !done.contains_key(&row.key));
    let spoilt = again().filter(|row| is_spoilt(row)).count();
    let repeated = again().count() - spoilt;
    let mut files = rounds.retain(|(key, _)| done.contains_key(key))?;
    files |= trials.retain(|promise| done.contains_key(&promise.key))?;
    files |= remove_spans_of_nothing(folder, plan, &done)?;
    Ok((done, Repaired { files, repeated, spoilt }))
}

/// A file that a run left before it had its plan holds its header at most, or as many NULs.
const MAX_BEGUN_BYTES: u64 = 1 << 20;
/// The most bytes of a row of spans: two numbers, and what parts them.
const MAX_SPAN_BYTES: u64 = 42;

/// Whether a run may begin in a folder: it is empty, or holds only what a run leaves that was stopped
/// before it had its plan. Its first file is that of the trials.
pub fn is_free(folder: &Path) -> Result<bool, JournalError> {
    let (mut is_empty, mut has_trials) = (true, false);
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let name = entry.map_err(at(folder))?.file_name().to_string_lossy().into_owned();
        let intended = disk::unfinished(&name).unwrap_or(&name);
        if ![TRIALS, ROUNDS, ENVIRONMENT, PART, PLAN].contains(&intended) {
            return Ok(false);
        }
        is_empty = false;
        has_trials |= intended == TRIALS;
    }
    let holds_no_row = |name: &str, header: &[u8]| match regular::read(&folder.join(name), MAX_BEGUN_BYTES) {
        Ok(bytes) => bytes == header || is_begun(&bytes, header),
        Err(error) => error.kind() == ErrorKind::NotFound,
    };
    Ok((is_empty || has_trials)
        && holds_no_row(TRIALS, &header::<TrialRow>())
        && holds_no_row(ROUNDS, &header::<RoundRow>()))
}

/// The trials whose spans are to be kept, as far as they do not stand in their file whole.
fn without_spans(folder: &Path, plan: &Plan) -> HashSet<Key> {
    let mut spanless = HashSet::new();
    for (cell, spans) in promised_spans(plan) {
        let most = (spans + 1).saturating_mul(MAX_SPAN_BYTES);
        let bytes =
            spans_of(folder, cell).and_then(|path| regular::read(&path, most).ok()).unwrap_or_default();
        let lines = bytes.split_inclusive(|byte| *byte == b'\n').count() as u64;
        if lines != spans + 1 || bytes.last() != Some(&b'\n') || bytes.contains(&0) {
            spanless.insert((cell.to_string(), SPANS_BLOCK, Pass::Timed, 0));
        }
    }
    spanless
}

/// Spans belong to a trial: where it is still to be run, they go.
fn remove_spans_of_nothing(folder: &Path, plan: &Plan, done: &Done) -> Result<bool, JournalError> {
    let mut removed = false;
    for (cell, _) in promised_spans(plan) {
        if !done.contains_key(&(cell.to_string(), SPANS_BLOCK, Pass::Timed, 0)) {
            let Some(path) = spans_of(folder, cell) else { continue };
            removed |= disk::remove(&path).map_err(at(&path))?;
        }
    }
    Ok(removed)
}

/// The cells that leave spans behind, and how many.
fn promised_spans(plan: &Plan) -> impl Iterator<Item = (&str, u64)> {
    let of_interest = plan.cells.iter().map(|planned| &planned.cell).filter(|cell| cell.tasks == SPANS_TASKS);
    of_interest.filter_map(|cell| {
        let spans = Workload::from_name(&cell.workload)?.spans(cell.tasks, &cell.params);
        (spans > 0).then_some((cell.id.as_str(), spans))
    })
}
