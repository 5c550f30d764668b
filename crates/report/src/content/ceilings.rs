//! The most tasks that each runtime could run, and how it failed with more.

use std::collections::{BTreeMap, HashMap};

use protocol::{Status, Workload};
use results::{Cell, human};

use super::overview::title;
use crate::format::outcome;
use crate::run::{Run, Trial};
use crate::table::{Entry, Table};
use results::grouping::grouped;

/// The cells of an experiment that looked for ceilings in one workload.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Ceilings<'a> {
    pub experiment: &'a str,
    pub workload: &'a str,
    /// A line for each ladder.
    pub ladders: Vec<Ladder<'a>>,
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
}

/// All ceilings that were looked for.
pub fn ceilings(run: &Run) -> Vec<Ceilings<'_>> {
    let rungs = run.cells().filter(|cell| run.is_rung(&cell.id));
    let keyed = rungs.map(|cell| ((cell.experiment.as_str(), cell.workload.as_str()), cell));
    let of_rungs = run.trials.iter().filter(|trial| run.is_rung(&trial.cell));
    let trials: HashMap<&str, Vec<&Trial>> =
        grouped(of_rungs.map(|trial| (&*trial.cell, trial))).into_iter().collect();
    let ceilings = grouped(keyed).into_iter().map(|((experiment, workload), rungs)| {
        let ladders = grouped(rungs.into_iter().map(|cell| (ladder(cell), cell)));
        let ladders = ladders.into_iter().map(|(key, rungs)| ladder_of(&trials, key.0, &rungs)).collect();
        Ceilings { experiment, workload, ladders }
    });
    ceilings.collect()
}

/// What the rungs of one ladder have in common: they differ in their tasks alone.
fn ladder(cell: &Cell) -> (&str, u32, &BTreeMap<String, u64>) {
    (&cell.label, cell.workers, &cell.params)
}

/// A size counts as done only if no trial of it failed: what works once is not reliable.
fn ladder_of<'a>(trials: &HashMap<&str, Vec<&'a Trial>>, runtime: &'a str, rungs: &[&Cell]) -> Ladder<'a> {
    let tried: Vec<&Trial> =
        rungs.iter().filter_map(|cell| trials.get(&*cell.id)).flatten().copied().collect();
    let failed = tried.iter().filter(|trial| trial.status != Status::Ok);
    let failed = failed.min_by_key(|trial| trial.tasks).copied();
    let below = |trial: &&&Trial| failed.is_none_or(|failed| trial.tasks < failed.tasks);
    let done = tried.iter().filter(|trial| trial.status == Status::Ok).filter(below);
    Ladder { runtime, done: done.map(|trial| trial.tasks).max(), failed }
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

    /// A line a runtime.
    pub fn table(&self) -> Table {
        let mut table =
            Table::new(["runtime", "largest that worked", "first that did not", "why it did not"])
                .with_words([3]);
        for ladder in &self.ladders {
            let tasks = |tasks: Option<u64>| {
                Entry::number(tasks.map(|tasks| tasks as f64), |_| human::count(tasks.unwrap_or(0)))
            };
            let how = ladder.failed.map_or_else(
                || Entry::text("all worked"),
                |trial| Entry::text(outcome(trial.status, &trial.reason)).toned(trial.status.into()),
            );
            let failed = tasks(ladder.failed.map(|trial| trial.tasks));
            table.push(vec![Entry::text(ladder.runtime).of(ladder.runtime), tasks(ladder.done), failed, how]);
        }
        table
    }
}
