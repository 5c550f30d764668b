//! What must hold of the rows of a run, however it was killed.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use harness::journal::{Journal, Repaired, read_trials};
use harness::schedule::slots;
use results::folder::TRIALS;
use results::{Pass, Plan, Presence, TrialRow};

/// The rows of a run that are written to their end, with their header; without those of the lab's own errors, which are
/// repeated.
pub fn whole_rows(folder: &Path) -> String {
    let text = fs::read_to_string(folder.join(TRIALS)).unwrap_or_default();
    let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    whole.filter(|line| !line.contains(",lab-error,")).collect()
}

/// Rows that stood stay as they were, and none stands twice.
pub fn check_progress(before: &str, now: &str) {
    assert!(now.starts_with(before), "what was measured has changed; before:\n{before}\nand now:\n{now}");
    let rows: HashSet<&str> = now.lines().collect();
    assert_eq!(rows.len(), now.lines().count(), "a row stands twice:\n{now}");
}

type Key = (String, u32, Pass, u32);

/// A run that has ended is whole: each trial of its plan stands once, with its rounds and spans. Gives its rows.
pub fn check_whole(folder: &Path) -> Vec<TrialRow> {
    let resumed = Journal::resume(folder).unwrap_or_else(|error| panic!("it cannot be resumed: {error}"));
    assert_eq!(resumed.repaired, Repaired::default(), "something had to be repaired");
    let rows = read_trials(folder, &resumed.plan).unwrap();
    let keys: Vec<Key> =
        rows.iter().map(|row| (row.cell.clone(), row.block, row.pass, row.process)).collect();
    let present: HashSet<&Key> = keys.iter().collect();
    assert_eq!(present.len(), keys.len(), "a trial stands twice: {keys:?}");
    let planned = planned(&resumed.plan);
    let missing: Vec<&Key> = planned.iter().filter(|key| !present.contains(key)).collect();
    assert!(missing.is_empty(), "lost: {missing:?}");
    // What is more stands for a disturbed trial, as a process more.
    let more = keys.iter().filter(|key| !planned.contains(*key));
    more.for_each(|key| assert!(key.2 == Pass::Timed && key.3 > 0, "not in the plan: {key:?}"));
    assert_eq!(resumed.done.len(), rows.len(), "a row is not believed");
    assert_eq!(presence(folder).sentence(), None);
    rows
}

fn planned(plan: &Plan) -> HashSet<Key> {
    let slots = (0..plan.blocks()).flat_map(|block| slots(plan, block));
    let key = |slot: harness::schedule::Slot| {
        let place = slot.place;
        (plan.cells[slot.cell].cell.id.clone(), place.block, place.pass, place.process)
    };
    slots.map(key).collect()
}

/// What whoever reads the run is told of its trials.
fn presence(folder: &Path) -> Presence {
    aggregate::aggregate(folder).unwrap_or_else(|error| panic!("it cannot be read: {error}")).presence
}
