//! Holds the rounds of a run against its trials: two files say the same of each trial that counts.

use std::collections::HashMap;
use std::path::Path;

use protocol::Status;

use crate::checksum::RowKey;
use crate::error::{Error, Problem};
use crate::folder::{ROUNDS, TRIALS};
use crate::read::{Located, Rows};
use crate::rows::{Pass, RoundRow, TrialRow};

const REMEDY: &str =
    "use the files that the run wrote; kilotask run --resume repeats a trial whose row is removed";

/// Cell, block, pass and process of a trial.
type Key = (String, u32, Pass, u32);

/// The trials that count, as far as rounds say the same.
#[derive(Debug, Default)]
pub(crate) struct Rounds {
    trials: HashMap<Key, Said>,
    /// The trial whose rounds are being taken.
    open: Option<(Key, Vec<Located<RoundRow>>)>,
}

impl Rounds {
    /// Takes note of a trial in this line.
    pub fn note(&mut self, line: u64, row: &TrialRow) {
        if row.status == Status::Ok && row.makespan_ns.is_some() {
            let (rounds, later_makespan_ns) = (row.rounds, row.later_makespan_ns);
            let said = Said { line, rounds, later_makespan_ns, cold: of_trial(row) };
            self.trials.insert((row.cell.clone(), row.block, row.pass, row.process), said);
        }
    }

    /// Reads the rounds of the run in a folder, and compares. Of a run without that file nothing is known.
    pub fn check(mut self, dir: &Path, key: RowKey) -> Result<(), Error> {
        let path = dir.join(ROUNDS);
        if !path.exists() {
            return Ok(());
        }
        let mut rows = Rows::<RoundRow>::open(&path, key)?;
        while let Some(located) = rows.next_row()? {
            self.take(located).map_err(|problem| problem.at(&path))?;
        }
        self.finish(dir)
    }

    /// Takes the next round; those of a trial follow each other. Once all of one are there, they are compared.
    pub fn take(&mut self, located: Located<RoundRow>) -> Result<(), Problem> {
        let row = &located.row;
        let key = (row.cell.clone(), row.block, row.pass, row.process);
        match &mut self.open {
            Some((same, rounds)) if *same == key => rounds.push(located),
            _ => {
                let before = self.open.replace((key, vec![located]));
                self.compare(before)?;
            }
        }
        Ok(())
    }

    /// Compares the last ones of the run in a folder: no trial is left without its rounds.
    pub fn finish(mut self, dir: &Path) -> Result<(), Error> {
        let last = self.open.take();
        self.compare(last).map_err(|problem| problem.at(&dir.join(ROUNDS)))?;
        match self.trials.into_values().map(|said| said.line).min() {
            Some(line) => {
                let what = "reading a trial: its rounds are not in rounds.csv";
                Err(Problem::new(line, what, REMEDY).at(&dir.join(TRIALS)))
            }
            None => Ok(()),
        }
    }

    /// Compares the rounds of one trial. Those of a trial that has no row yet say nothing.
    fn compare(&mut self, rounds: Option<(Key, Vec<Located<RoundRow>>)>) -> Result<(), Problem> {
        let Some((key, rounds)) = rounds else { return Ok(()) };
        let Some(trial) = self.trials.remove(&key) else { return Ok(()) };
        let (line, first) = (trial.line, rounds[0].line);
        let problem = |at: u64, what: String| {
            let what =
                format!("reading a round of a trial: {what}; its trial is in line {line} of trials.csv");
            Err(Problem::new(at, what, REMEDY))
        };
        if !rounds.iter().map(|round| round.row.round).eq(0..trial.rounds) {
            return problem(
                first,
                format!("column `round`: the trial has the rounds 0 to {}", trial.rounds.saturating_sub(1)),
            );
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
}

/// What rounds say of a trial, too: no more, as there may be a million of them.
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
    use crate::write::csv_file;

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
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(ROUNDS), csv_file(&rounds)).unwrap();
        let mut known = Rounds::default();
        known.note(2, &row);
        known.check(dir.path(), RowKey::NONE).map_err(|error| error.to_string())
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
    fn what_is_being_measured_or_was_never_kept_is_no_contradiction() {
        assert_eq!(compared(|row, _| row.status = Status::Crashed), Ok(()));
        let mut known = Rounds::default();
        known.note(2, &trial().0);
        assert!(known.check(tempfile::tempdir().unwrap().path(), RowKey::NONE).is_ok());
    }

    #[test]
    fn the_median_of_an_even_number_lies_between_the_middle_two() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![9]), Some(9));
        assert_eq!(median(vec![4, 1, 3, 2]), Some(2));
        assert_eq!(median(vec![30, 10, 20]), Some(20));
    }
}
