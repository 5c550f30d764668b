//! How many tasks each runtime could do, and how it failed beyond.

use std::collections::BTreeMap;

use protocol::Status;
use results::human;

use super::distinct;
use crate::content::omissions::status_tone;
use crate::run::{Cell, Run, Trial};
use crate::table::{Entry, Table};

/// What looked for ceilings in an experiment, of one workload.
#[derive(Debug)]
pub struct Ceilings<'a> {
    /// The experiment.
    pub experiment: &'a str,
    /// The workload.
    pub workload: &'a str,
    /// A line a ladder.
    pub ladders: Vec<Ladder<'a>>,
}

/// A runtime that was asked for more and more tasks.
#[derive(Debug)]
pub struct Ladder<'a> {
    /// The runtime.
    pub runtime: &'a str,
    /// The most tasks that it did each time.
    pub did: Option<u64>,
    /// The first trial that failed.
    pub fell: Option<&'a Trial>,
}

/// Whether a trial looked for a ceiling, so that its failure is a result.
pub(super) fn is_rung(run: &Run, cell: &str) -> bool {
    run.plan.cells.iter().any(|planned| planned.ceiling && planned.id == cell)
}

/// All that looked for ceilings.
pub fn ceilings(run: &Run) -> Vec<Ceilings<'_>> {
    let rungs: Vec<&Cell> = run.plan.cells.iter().filter(|cell| cell.ceiling).collect();
    let titles = distinct(rungs.iter().map(|cell| (cell.experiment.as_str(), cell.workload.as_str())));
    titles
        .into_iter()
        .map(|(experiment, workload)| {
            let mine = rungs.iter().filter(|cell| cell.experiment == experiment && cell.workload == workload);
            let mine: Vec<&Cell> = mine.copied().collect();
            let ladders = distinct(mine.iter().map(|cell| ladder(cell)));
            let of = |key| mine.iter().filter(|cell| ladder(cell) == key).copied().collect::<Vec<_>>();
            let ladders = ladders.into_iter().map(|key| climbed(run, key.0, &of(key))).collect();
            Ceilings { experiment, workload, ladders }
        })
        .collect()
}

/// What the rungs of one ladder, which differ in their tasks alone, have in common.
fn ladder(cell: &Cell) -> (&str, u32, &BTreeMap<String, u64>) {
    (&cell.label, cell.workers, &cell.params)
}

/// In the worst of its blocks: what a runtime did once and not again it cannot be relied on for.
fn climbed<'a>(run: &'a Run, runtime: &'a str, rungs: &[&Cell]) -> Ladder<'a> {
    let tried: Vec<&Trial> =
        run.trials.iter().filter(|trial| rungs.iter().any(|cell| cell.id == trial.cell)).collect();
    let failed = tried.iter().filter(|trial| trial.status != Status::Ok);
    let fell = failed.min_by_key(|trial| trial.tasks).copied();
    let below = |trial: &&&Trial| fell.is_none_or(|fell| trial.tasks < fell.tasks);
    let did = tried.iter().filter(|trial| trial.status == Status::Ok).filter(below);
    Ladder { runtime, did: did.map(|trial| trial.tasks).max(), fell }
}

impl Ceilings<'_> {
    /// What the table shows.
    pub fn title(&self) -> String {
        let Self { experiment, workload, .. } = self;
        format!("{experiment}: the most tasks of {workload} that each runtime could do, doubling")
    }

    /// A line a runtime.
    pub fn table(&self) -> Table {
        let mut table = Table::new(["runtime", "did", "not", "how it failed"]).with_words([3]);
        for ladder in &self.ladders {
            let tasks = |tasks: Option<u64>| {
                Entry::number(tasks.map(|tasks| tasks as f64), |_| human::count(tasks.unwrap_or(0)))
            };
            let how = ladder.fell.map_or_else(
                || Entry::text("not seen to fail"),
                |trial| {
                    let text = format!("{}: {}", trial.status, trial.reason);
                    Entry::text(text).toned(status_tone(trial.status))
                },
            );
            let fell = tasks(ladder.fell.map(|trial| trial.tasks));
            table.push(vec![Entry::text(ladder.runtime), tasks(ladder.did), fell, how]);
        }
        table
    }
}
