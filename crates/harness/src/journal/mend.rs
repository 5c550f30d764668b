//! Makes whole what a kill or a power cut left in a run's folder.
//!
//! A trial has ended when all that it promised stands: its spans, its rounds, and its own row. They are
//! written in this order, each on the disk before the next, so that a row without its rounds is not left
//! by us; where one is found all the same (the disk lied, somebody cut the file), both go and the trial
//! is run again: half of a trial would be believed later.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use protocol::{Status, Workload};
use results::{Pass, RoundRow, TrialRow};

use super::error::{JournalError, at};
use super::table::{Written, header};
use super::{Done, ENDING, ENVIRONMENT, Key, ORDERS, PLAN, ROUNDS, SPANS_BLOCK, TRIALS, disk, spans_path};
use crate::plan::Plan;

/// What had to be mended before a run could go on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mended {
    /// Whether a file did not hold what it ought to.
    pub files: bool,
    /// Trials whose row stood without its rounds or spans: they are run again.
    pub again: usize,
}

/// What a row promises.
struct Promise {
    key: Key,
    ended: (Status, String),
    rounds: u32,
}

impl Promise {
    fn of(row: TrialRow) -> Self {
        let rounds = if row.status == Status::Ok { row.rounds } else { 0 };
        Self { key: (row.cell, row.block, row.pass), ended: (row.status, row.reason), rounds }
    }
}

/// Mends a run's folder; gives the trials that have ended.
pub fn mend(folder: &Path, plan: &Plan) -> Result<(Done, Mended), JournalError> {
    remove_unfinished(folder)?;
    let trials = Written::read(&folder.join(TRIALS), Promise::of)?;
    let rounds =
        Written::read(&folder.join(ROUNDS), |row: RoundRow| ((row.cell, row.block, row.pass), row.round))?;
    let measured = by_trial(&rounds);
    let spanless = without_spans(folder, plan)?;
    let keeps = |promise: &Promise| {
        let rounds = measured.get(&promise.key).map_or(&[][..], Vec::as_slice);
        let has_spans = promise.ended.0 != Status::Ok || !spanless.contains(&promise.key);
        has_spans && rounds.iter().copied().eq(0..promise.rounds)
    };
    let done: Done = (trials.rows().filter(|row| keeps(row)))
        .map(|promise| (promise.key.clone(), promise.ended.clone()))
        .collect();
    let again = trials.rows().filter(|row| !done.contains_key(&row.key)).count();
    let mut files = rounds.retain(|(key, _)| done.contains_key(key))?;
    files |= trials.retain(|promise| done.contains_key(&promise.key))?;
    files |= remove_spans_of_nothing(folder, plan, &done)?;
    Ok((done, Mended { files, again }))
}

/// Whether a run may begin in a folder: it is empty, or holds only what a run leaves that was stopped
/// before it had its plan. Its first file is that of the trials.
pub fn is_free(folder: &Path) -> Result<bool, JournalError> {
    let mut names = HashSet::new();
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        names.insert(entry.map_err(at(folder))?.path());
    }
    let files = [TRIALS, ROUNDS, ENVIRONMENT, PLAN].map(|name| folder.join(name));
    let ours: HashSet<PathBuf> =
        files.iter().flat_map(|path| [path.clone(), disk::unfinished(path)]).collect();
    let begun = names.is_empty() || names.contains(&files[0]) || names.contains(&disk::unfinished(&files[0]));
    Ok(begun
        && names.is_subset(&ours)
        && holds_at_most(&files[0], &header::<TrialRow>())
        && holds_at_most(&files[1], &header::<RoundRow>()))
}

/// Whether a file holds the header, or what has come of it; one that is not there does.
fn holds_at_most(path: &Path, header: &[u8]) -> bool {
    let bytes = fs::read(path).unwrap_or_default();
    header.starts_with(bytes.split(|byte| *byte == 0).next().unwrap_or_default())
}

fn by_trial(rounds: &Written<(Key, u32)>) -> HashMap<&Key, Vec<u32>> {
    let mut measured: HashMap<&Key, Vec<u32>> = HashMap::new();
    for (key, round) in rounds.rows() {
        measured.entry(key).or_default().push(*round);
    }
    measured
}

/// Files that were being written, and never got their name.
fn remove_unfinished(folder: &Path) -> Result<(), JournalError> {
    for name in [PLAN, ENVIRONMENT, TRIALS, ROUNDS, ORDERS, ENDING] {
        let path = disk::unfinished(&folder.join(name));
        disk::remove(&path).map_err(at(&path))?;
    }
    Ok(())
}

/// The trials whose spans are to be kept, as far as they do not stand in their file whole.
fn without_spans(folder: &Path, plan: &Plan) -> Result<HashSet<Key>, JournalError> {
    let mut spanless = HashSet::new();
    for (cell, spans) in promised_spans(plan) {
        let path = spans_path(folder, cell);
        let unfinished = disk::unfinished(&path);
        disk::remove(&unfinished).map_err(at(&unfinished))?;
        let bytes = fs::read(&path).unwrap_or_default();
        let lines = bytes.split_inclusive(|byte| *byte == b'\n').count() as u64;
        if lines != spans + 1 || bytes.last() != Some(&b'\n') || bytes.contains(&0) {
            spanless.insert((cell.to_string(), SPANS_BLOCK, Pass::Timed));
        }
    }
    Ok(spanless)
}

/// Spans belong to a trial: where it is still to be run, they go.
fn remove_spans_of_nothing(folder: &Path, plan: &Plan, done: &Done) -> Result<bool, JournalError> {
    let mut removed = false;
    for (cell, _) in promised_spans(plan) {
        if !done.contains_key(&(cell.to_string(), SPANS_BLOCK, Pass::Timed)) {
            let path = spans_path(folder, cell);
            removed |= disk::remove(&path).map_err(at(&path))?;
        }
    }
    Ok(removed)
}

/// The cells that leave spans behind, and how many.
fn promised_spans(plan: &Plan) -> impl Iterator<Item = (&str, u64)> {
    let of_interest =
        plan.cells.iter().map(|planned| &planned.cell).filter(|cell| super::keeps_spans(cell.tasks));
    of_interest.filter_map(|cell| {
        let spans = Workload::from_name(&cell.workload)?.spans(cell.tasks, &cell.params);
        (spans > 0).then_some((cell.id.as_str(), spans))
    })
}
