//! Cells that only one of two runs has, and those that are `ok` in only one.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::trials::{Name, Tally, Trials};

/// What became of a cell from the first run to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// Only the second has it.
    Appeared,
    /// Only the first has it.
    Vanished,
    /// More of its trials are not `ok` in the second: all, or some where there were none.
    Failed,
    /// More of its trials are `ok` in the second: all, or some where there were none.
    Recovered,
}

impl Fate {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Appeared => "appeared",
            Self::Vanished => "vanished",
            Self::Failed => "failed",
            Self::Recovered => "recovered",
        }
    }
}

/// A cell that is not in both runs alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CellChange {
    /// Name of the experiment.
    pub experiment: String,
    /// Name of the cell.
    pub cell: String,
    /// Label of its runtime.
    pub runtime: String,
    /// What became of it.
    pub fate: Fate,
    /// Why, with the status, where a run says so; of one that recovered, why it was not `ok`.
    pub reason: String,
}

/// How the trials of a cell ended, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Ok,
    Partly,
    Never,
}

impl State {
    fn of(tally: &Tally) -> Self {
        match tally.not_ok {
            0 => Self::Ok,
            some if some < tally.trials => Self::Partly,
            _ => Self::Never,
        }
    }
}

/// All of them, by fate, experiment and name.
pub(super) fn changes(a: &[&Trials], b: &[&Trials]) -> Vec<CellChange> {
    let mut found: Vec<CellChange> = Vec::new();
    let (of_a, of_b) = (tallies(a), tallies(b));
    for (name, before) in &of_a {
        match of_b.get(name) {
            None => {
                let reason = b.iter().find_map(|run| run.left_out.get(name)).cloned().unwrap_or_default();
                found.push(change(name, before, Fate::Vanished, reason));
            }
            Some(after) => found.extend(between(name, before, after)),
        }
    }
    let new = of_b.iter().filter(|(name, _)| !of_a.contains_key(name));
    found.extend(new.map(|(name, tally)| change(name, tally, Fate::Appeared, why_not_ok(tally))));
    // What was sorted by name stays so.
    found.sort_by_key(|change| change.fate);
    found
}

/// The cells of a side, with the trials of all its runs.
fn tallies(runs: &[&Trials]) -> BTreeMap<Name, Tally> {
    let mut all: BTreeMap<Name, Tally> = BTreeMap::new();
    for (name, tally) in runs.iter().flat_map(|run| &run.tallies) {
        all.entry(name.clone()).or_default().add(tally);
    }
    all
}

/// What became of a cell that both have, if anything did.
fn between(name: &Name, before: &Tally, after: &Tally) -> Option<CellChange> {
    match State::of(after).cmp(&State::of(before)) {
        std::cmp::Ordering::Greater => Some(change(name, after, Fate::Failed, why_not_ok(after))),
        std::cmp::Ordering::Less => Some(change(name, after, Fate::Recovered, why_not_ok(before))),
        std::cmp::Ordering::Equal => None,
    }
}

/// Why trials were not `ok`, and how many, if not all.
pub(super) fn why_not_ok(tally: &Tally) -> String {
    match State::of(tally) {
        State::Ok => String::new(),
        State::Partly => format!("{} of {} trials, {}", tally.not_ok, tally.trials, tally.first),
        State::Never => tally.first.clone(),
    }
}

fn change(name: &Name, tally: &Tally, fate: Fate, reason: String) -> CellChange {
    let (experiment, cell) = name.clone();
    CellChange { experiment, cell, runtime: tally.runtime.clone(), fate, reason }
}

#[cfg(test)]
mod tests {
    use protocol::Status;
    use results::TrialRow;

    use super::*;
    use crate::fixture::{sample, timed, trials};

    fn crashed(runtime: &str, block: u32) -> TrialRow {
        TrialRow { status: Status::Crashed, reason: "exit status: 9".into(), ..sample(runtime, block) }
    }

    fn fates(a: &Trials, b: &Trials) -> Vec<(String, Fate, String)> {
        changes(&[a], &[b]).into_iter().map(|change| (change.cell, change.fate, change.reason)).collect()
    }

    #[test]
    fn cells_that_both_have_alike_are_not_told() {
        let both = trials(&[timed("a", 1, 1), crashed("b", 1)]);
        assert_eq!(fates(&both, &both), []);
    }

    #[test]
    fn what_only_one_has_appeared_or_vanished() {
        let (a, mut b) = (trials(&[timed("a", 1, 1)]), trials(&[crashed("b", 1)]));
        b.left_out.insert(("e".into(), "a".into()), "it is not here".into());
        let expected = [
            ("b".into(), Fate::Appeared, "crashed: exit status: 9".into()),
            ("a".into(), Fate::Vanished, "it is not here".into()),
        ];
        assert_eq!(fates(&a, &b), expected);
    }

    #[test]
    fn what_is_ok_in_one_alone_failed_or_recovered_and_says_in_how_many_trials() {
        let a = trials(&[timed("all", 1, 1), timed("some", 1, 1), crashed("back", 1)]);
        let b = trials(&[crashed("all", 1), timed("some", 1, 1), crashed("some", 2), timed("back", 1, 1)]);
        let expected = [
            ("all".into(), Fate::Failed, "crashed: exit status: 9".into()),
            ("some".into(), Fate::Failed, "1 of 2 trials, crashed: exit status: 9".into()),
            ("back".into(), Fate::Recovered, "crashed: exit status: 9".into()),
        ];
        assert_eq!(fates(&a, &b), expected);
    }
}
