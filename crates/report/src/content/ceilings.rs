//! The most tasks that each runtime could run, and how it failed with more.

use std::collections::{BTreeMap, HashMap, HashSet};

use protocol::{Status, Workload};
use results::{Cell, human};

use super::overview::title;
use crate::format::{list, outcome};
use crate::run::{Run, Trial};
use crate::table::{Entry, Table};
use results::grouping::{distinct, grouped};

/// The cells of an experiment that looked for ceilings in one workload.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Ceilings<'a> {
    pub experiment: &'a str,
    pub workload: &'a str,
    /// A line for each ladder that was begun.
    pub ladders: Vec<Ladder<'a>>,
    /// The runtimes of the others: they are not here, or do not have the workload.
    pub left_out: Vec<&'a str>,
}

/// A runtime that ran with more and more tasks.
#[derive(Debug)]
pub struct Ladder<'a> {
    /// The runtime.
    pub runtime: &'a str,
    /// The most tasks that it ran in every trial.
    pub done: Option<u64>,
    /// The first trial that failed.
    pub failed: Option<&'a Trial>,
    /// The cells of its rungs.
    cells: Vec<&'a str>,
}

/// The ladders of an experiment and workload.
type Ladders<'a> = ((&'a str, &'a str), Vec<Ladder<'a>>);

/// All ceilings that were looked for.
pub fn ceilings(run: &Run) -> Vec<Ceilings<'_>> {
    let ceilings = all_ladders(run).into_iter().map(|((experiment, workload), ladders)| {
        let (out, ladders): (Vec<Ladder>, Vec<Ladder>) =
            ladders.into_iter().partition(Ladder::is_never_begun);
        let left_out = distinct(out.iter().map(|ladder| ladder.runtime));
        Ceilings { experiment, workload, ladders, left_out }
    });
    ceilings.collect()
}

/// The rungs of ladders that were never begun: what is not here, or does not have the workload, has no ceiling.
pub fn never_begun(run: &Run) -> HashSet<&str> {
    let ladders = all_ladders(run).into_iter().flat_map(|(_, ladders)| ladders);
    ladders.filter(Ladder::is_never_begun).flat_map(|ladder| ladder.cells).collect()
}

fn all_ladders(run: &Run) -> Vec<Ladders<'_>> {
    let rungs = run.cells().filter(|cell| run.is_rung(&cell.id));
    let keyed = rungs.map(|cell| ((cell.experiment.as_str(), cell.workload.as_str()), cell));
    let of_rungs = run.trials.iter().filter(|trial| run.is_rung(&trial.cell));
    let trials: HashMap<&str, Vec<&Trial>> =
        grouped(of_rungs.map(|trial| (&*trial.cell, trial))).into_iter().collect();
    let all = grouped(keyed).into_iter().map(|(key, rungs)| {
        let ladders = grouped(rungs.into_iter().map(|cell| (ladder(cell), cell)));
        (key, ladders.into_iter().map(|(key, rungs)| ladder_of(&trials, key.0, &rungs)).collect())
    });
    all.collect()
}

/// Of a ladder that did not fail: how far it went, beside the largest number of tasks that worked in any.
fn how_far(done: Option<u64>, largest: Option<u64>) -> &'static str {
    match done {
        None => "not tried",
        Some(_) if done == largest => "all worked",
        Some(_) => "all worked; not tried with more",
    }
}

/// What the rungs of one ladder have in common: they differ in their tasks alone.
fn ladder(cell: &Cell) -> (&str, u32, &BTreeMap<String, u64>) {
    (&cell.label, cell.workers, &cell.params)
}

/// A size counts as done only if no trial of it failed: what works once is not reliable.
fn ladder_of<'a>(trials: &HashMap<&str, Vec<&'a Trial>>, runtime: &'a str, rungs: &[&'a Cell]) -> Ladder<'a> {
    let tried: Vec<&Trial> =
        rungs.iter().filter_map(|cell| trials.get(&*cell.id)).flatten().copied().collect();
    let failed = tried.iter().filter(|trial| trial.status != Status::Ok);
    let failed = failed.min_by_key(|trial| trial.tasks).copied();
    let below = |trial: &&&Trial| failed.is_none_or(|failed| trial.tasks < failed.tasks);
    let done = tried.iter().filter(|trial| trial.status == Status::Ok).filter(below);
    let cells = rungs.iter().map(|cell| &*cell.id).collect();
    Ladder { runtime, done: done.map(|trial| trial.tasks).max(), failed, cells }
}

impl Ladder<'_> {
    /// Whether it says nothing about a ceiling. What worked with fewer tasks and is unsupported with more has one.
    fn is_never_begun(&self) -> bool {
        let status = self.failed.map(|trial| trial.status);
        self.done.is_none() && matches!(status, Some(Status::Unavailable | Status::Unsupported))
    }
}

impl Ceilings<'_> {
    /// What the table shows.
    pub fn title(&self) -> String {
        let Self { experiment, workload, .. } = self;
        format!(
            "{experiment}: the most tasks of {workload} that each runtime could run; each step had twice as many"
        )
    }

    /// The same for those who do not know the names of workloads and experiments.
    pub fn question(&self) -> String {
        let workload = Workload::from_name(self.workload);
        let what = workload.map_or_else(|| self.workload.to_string(), |one| title(one).to_lowercase());
        format!("How many tasks each runtime could run at most: {what}")
    }

    /// Which runtimes have no line, and why; none where all have one.
    pub fn omitted(&self) -> Option<String> {
        let names = list(self.left_out.iter().map(ToString::to_string));
        let why =
            "Without a line, as they are not here or cannot do this at any size tried (see Not measured)";
        (!names.is_empty()).then(|| format!("{why}: {names}."))
    }

    /// A line a runtime.
    pub fn table(&self) -> Table {
        let mut table =
            Table::new(["runtime", "largest that worked", "first that did not", "why it did not"])
                .with_words([3]);
        let largest = self.ladders.iter().filter_map(|ladder| ladder.done).max();
        for ladder in &self.ladders {
            let tasks = |tasks: Option<u64>| {
                Entry::number(tasks.map(|tasks| tasks as f64), |_| human::count(tasks.unwrap_or(0)))
            };
            let how = ladder.failed.map_or_else(
                || Entry::text(how_far(ladder.done, largest)),
                |trial| Entry::text(outcome(trial.status, &trial.reason)).toned(trial.status.into()),
            );
            let failed = tasks(ladder.failed.map(|trial| trial.tasks));
            table.push(vec![Entry::text(ladder.runtime).of(ladder.runtime), tasks(ladder.done), failed, how]);
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::omissions::not_measured;
    use crate::figures::fixture;

    fn how(ceilings: &Ceilings, runtime: &str) -> Option<String> {
        let table = ceilings.table();
        let row = table.rows.iter().find(|row| row[0].text == runtime)?;
        row.last().map(|entry| entry.text.clone())
    }

    #[test]
    fn what_is_not_here_has_no_ceiling_and_is_among_what_was_not_measured() {
        let run = fixture::reference();
        let all = ceilings(run);
        let hold = all.iter().find(|one| one.workload == "hold").unwrap();
        assert_eq!(how(hold, "python-free-threading"), None);
        assert!(hold.omitted().unwrap().contains("python-free-threading"), "{:?}", hold.omitted());
        let lines = not_measured(run);
        assert!(lines.iter().any(|line| line.contains("of python-free-threading: ")), "{lines:?}");
        assert!(lines.iter().all(|line| !line.contains("not tried: ")), "{lines:?}");
    }

    #[test]
    fn a_limit_that_is_reached_is_told_and_a_shorter_ladder_says_so() {
        let all = ceilings(fixture::reference());
        let hold = all.iter().find(|one| one.workload == "hold").unwrap();
        let of_threads = how(hold, "threads").unwrap();
        assert!(of_threads.starts_with("unsupported: 32,000 tasks alive at once need "), "{of_threads}");
        assert_eq!(how_far(Some(8), Some(8)), "all worked");
        assert_eq!(how_far(Some(4), Some(8)), "all worked; not tried with more");
        assert_eq!(how_far(None, Some(8)), "not tried");
        let shorter = hold.ladders.iter().filter(|ladder| ladder.failed.is_none()).map(|ladder| ladder.done);
        assert!(
            shorter.flatten().any(|done| Some(done) < hold.ladders.iter().filter_map(|one| one.done).max())
        );
    }
}
