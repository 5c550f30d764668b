//! Holds the rounds of a run against its trials: two files say the same of each trial that counts.
//!
//! PERF: they are read side by side. Rounds stand in the order of their trials, so that little is kept of a million of them.

use std::collections::HashMap;
use std::path::Path;

use protocol::Status;

use crate::error::{Error, Problem};
use crate::folder::{ROUNDS, TRIALS};
use crate::read::Located;
use crate::rows::{Pass, RoundRow, TrialRow};

const REMEDY: &str =
    "use the files that the run wrote; kilotask run --resume repeats a trial whose row is removed";

/// Part, cell, block, pass and process of a trial.
type Key = (String, String, u32, Pass, u32);

/// A round, and the part that it was in.
pub(crate) type OfPart = (String, Located<RoundRow>);

/// What has been read of the rounds in a folder, and of its trials, as far as both say the same. Each method is given what
/// reads the next round.
#[derive(Debug, Default)]
pub(crate) struct Rounds {
    /// The trials that count whose rounds are still to come.
    trials: HashMap<Key, Said>,
    /// The rounds of a trial whose own row is still to come.
    ahead: Option<OfTrial>,
    /// The round after these.
    after: Option<OfPart>,
}

/// The rounds of one trial.
type OfTrial = (Key, Vec<Located<RoundRow>>);

impl Rounds {
    /// Takes note of a trial in this line, and compares it once its rounds are read.
    pub fn note(
        &mut self,
        dir: &Path,
        (part, line, row): (&str, u64, &TrialRow),
        mut next: impl FnMut() -> Result<Option<OfPart>, Error>,
    ) -> Result<(), Error> {
        if row.status != Status::Ok || row.makespan_ns.is_none() {
            return Ok(());
        }
        let (rounds, later_makespan_ns) = (row.rounds, row.later_makespan_ns);
        let said = Said { line, rounds, later_makespan_ns, cold: of_trial(row) };
        self.trials.insert((part.into(), row.cell.clone(), row.block, row.pass, row.process), said);
        while let Some((key, rounds)) = self.read(&mut next)? {
            let Some(trial) = self.trials.remove(&key) else {
                self.ahead = Some((key, rounds));
                break;
            };
            compare(&trial, &rounds).map_err(|problem| problem.at(&dir.join(ROUNDS)))?;
        }
        Ok(())
    }

    /// Compares what is left: no trial is without its rounds. Those of a trial that has no row yet say nothing.
    pub fn finish(
        mut self,
        dir: &Path,
        mut next: impl FnMut() -> Result<Option<OfPart>, Error>,
    ) -> Result<(), Error> {
        while let Some((key, rounds)) = self.read(&mut next)? {
            if let Some(trial) = self.trials.remove(&key) {
                compare(&trial, &rounds).map_err(|problem| problem.at(&dir.join(ROUNDS)))?;
            }
        }
        match self.trials.into_values().map(|said| said.line).min() {
            Some(line) => {
                let what = "reading a trial: its rounds are not in rounds.csv";
                Err(Problem::new(line, what, REMEDY).at(&dir.join(TRIALS)))
            }
            None => Ok(()),
        }
    }

    /// The rounds of the next trial; they follow each other.
    fn read(
        &mut self,
        next: &mut impl FnMut() -> Result<Option<OfPart>, Error>,
    ) -> Result<Option<OfTrial>, Error> {
        if let Some(ahead) = self.ahead.take() {
            return Ok(Some(ahead));
        }
        let first = self.after.take().map_or_else(&mut *next, |after| Ok(Some(after)))?;
        let Some((part, first)) = first else { return Ok(None) };
        let row = &first.row;
        let key = (part, row.cell.clone(), row.block, row.pass, row.process);
        let mut rounds = vec![first];
        while let Some((part, round)) = next()? {
            let row = &round.row;
            if (&part, &row.cell, row.block, row.pass, row.process) != (&key.0, &key.1, key.2, key.3, key.4) {
                self.after = Some((part, round));
                break;
            }
            rounds.push(round);
        }
        Ok(Some((key, rounds)))
    }
}

/// Compares a trial with its rounds.
fn compare(trial: &Said, rounds: &[Located<RoundRow>]) -> Result<(), Problem> {
    let (line, first) = (trial.line, rounds[0].line);
    let problem = |at: u64, what: String| {
        let what = format!("reading a round of a trial: {what}; its trial is in line {line} of trials.csv");
        Err(Problem::new(at, what, REMEDY))
    };
    if !rounds.iter().map(|round| round.row.round).eq(0..trial.rounds) {
        let last = trial.rounds.saturating_sub(1);
        return problem(first, format!("column `round`: the trial has the rounds 0 to {last}"));
    }
    for ((name, here), there) in COLUMNS.into_iter().zip(of_round(&rounds[0].row)).zip(trial.cold) {
        if here != there {
            return problem(first, format!("column `{name}`: {}, and not {}", shown(here), shown(there)));
        }
    }
    let later = median(rounds[1..].iter().map(|round| round.row.makespan_ns).collect());
    if later != trial.later_makespan_ns {
        let (here, there) = (shown(later), shown(trial.later_makespan_ns));
        return problem(first, format!("the median of the later makespans is {here}, and not {there}"));
    }
    Ok(())
}

/// What rounds say of a trial, too.
#[derive(Debug)]
struct Said {
    /// The line of the trial.
    line: u64,
    rounds: u32,
    later_makespan_ns: Option<u64>,
    cold: [Option<u64>; COLUMNS.len()],
}

/// The columns that the first round and its trial have in common.
const COLUMNS: [&str; 6] =
    ["makespan_ns", "completed", "peak_in_flight", "latency_p50_ns", "latency_p99_ns", "latency_max_ns"];

fn of_trial(row: &TrialRow) -> [Option<u64>; COLUMNS.len()] {
    let times = [row.latency_p50_ns, row.latency_p99_ns, row.latency_max_ns];
    [row.makespan_ns, row.completed, row.peak_in_flight, times[0], times[1], times[2]]
}

fn of_round(row: &RoundRow) -> [Option<u64>; COLUMNS.len()] {
    let times = [row.latency_p50_ns, row.latency_p99_ns, row.latency_max_ns];
    [Some(row.makespan_ns), Some(row.completed), row.peak_in_flight, times[0], times[1], times[2]]
}

/// The middle value, or the mean of the two middle ones, rounded down; `None` of nothing.
pub fn median(mut values: Vec<u64>) -> Option<u64> {
    values.sort_unstable();
    let upper = *values.get(values.len() / 2)?;
    let lower = values[(values.len() - 1) / 2];
    Some(lower.midpoint(upper))
}

fn shown(value: Option<u64>) -> String {
    value.map_or_else(|| "nothing".into(), |value| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::timed;

    /// A trial of three rounds, and these.
    fn trial() -> (TrialRow, Vec<RoundRow>) {
        let row = TrialRow {
            rounds: 3,
            completed: Some(10),
            latency_max_ns: Some(90),
            later_makespan_ns: Some(75),
            ..timed("a", 1, 100)
        };
        let round = |round, makespan_ns, latency_max_ns| RoundRow {
            cell: "a".into(),
            block: 1,
            round,
            makespan_ns,
            completed: 10,
            latency_max_ns,
            ..RoundRow::default()
        };
        (row, vec![round(0, 100, Some(90)), round(1, 70, None), round(2, 80, None)])
    }

    fn compared(change: impl FnOnce(&mut TrialRow, &mut Vec<RoundRow>)) -> Result<(), String> {
        let (mut row, mut rounds) = trial();
        change(&mut row, &mut rounds);
        let mut rounds = (2..).zip(rounds);
        check(&[row], || Ok(rounds.next().map(|(line, row)| of_part(line, row))))
            .map_err(|error| error.to_string())
    }

    fn of_part(line: u64, row: RoundRow) -> OfPart {
        (String::new(), Located { line, bytes: 0..0, row })
    }

    fn check(
        rows: &[TrialRow],
        mut next: impl FnMut() -> Result<Option<OfPart>, Error>,
    ) -> Result<(), Error> {
        let (mut known, dir) = (Rounds::default(), Path::new("of-a-run"));
        for (line, row) in (2..).zip(rows) {
            known.note(dir, ("", line, row), &mut next)?;
        }
        known.finish(dir, next)
    }

    /// A change of a trial and its rounds, and what is said of it.
    type Case = (fn(&mut TrialRow, &mut Vec<RoundRow>), &'static str);

    #[test]
    fn two_files_that_differ_are_refused_with_line_and_column() {
        let cases: [Case; 6] = [
            (
                |row, _| row.makespan_ns = Some(99),
                "rounds.csv:2: reading a round of a trial: column `makespan_ns`: 100",
            ),
            (|_, rounds| rounds[0].completed = 9, "column `completed`: 9, and not 10"),
            (|row, _| row.latency_max_ns = None, "column `latency_max_ns`: 90, and not nothing"),
            (|_, rounds| rounds[2].makespan_ns = 90, "the median of the later makespans is 80, and not 75"),
            (|_, rounds| drop(rounds.remove(1)), "column `round`: the trial has the rounds 0 to 2"),
            (|_, rounds| rounds.clear(), "trials.csv:2: reading a trial: its rounds are not in rounds.csv"),
        ];
        assert_eq!(compared(|_, _| ()), Ok(()));
        for (change, words) in cases {
            let said = compared(change).unwrap_err();
            assert!(said.contains(words), "{said}, not {words}");
        }
    }

    #[test]
    fn what_is_being_measured_is_no_contradiction() {
        assert_eq!(compared(|row, _| row.status = Status::Crashed), Ok(()));
    }

    #[test]
    fn rounds_may_stand_in_another_order_than_their_trials() {
        let (row, rounds) = trial();
        let of = |cell: &str| {
            let of_cell = |round: &RoundRow| RoundRow { cell: cell.into(), ..round.clone() };
            let rounds: Vec<RoundRow> = rounds.iter().map(of_cell).collect();
            (TrialRow { cell: cell.into(), ..row.clone() }, rounds)
        };
        let ((a, of_a), (b, of_b), (_, of_none)) = (of("a"), of("b"), of("none"));
        let checked = |rounds: Vec<RoundRow>| {
            let mut rounds = (2..).zip(rounds);
            check(&[a.clone(), b.clone()], || Ok(rounds.next().map(|(line, row)| of_part(line, row)))).is_ok()
        };
        assert!(checked([of_a.clone(), of_b.clone()].concat()));
        assert!(checked([of_none, of_b.clone(), of_a.clone()].concat()));
        assert!(!checked([of_b.clone(), of_b, of_a[..2].to_vec()].concat()));
    }

    #[test]
    fn the_median_of_an_even_number_lies_between_the_middle_two() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![9]), Some(9));
        assert_eq!(median(vec![4, 1, 3, 2]), Some(2));
        assert_eq!(median(vec![30, 10, 20]), Some(20));
    }
}
