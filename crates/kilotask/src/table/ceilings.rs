//! How many tasks each runtime could do, and how it failed beyond.

use std::fmt::Write;

use harness::plan::{Ladder, Plan, PlannedCell};
use protocol::{Sample, Status};

use super::{NOTHING, new_table, status_cell};
use claims::human;

/// Whether a trial looked for a ceiling, so that its failure is a result.
pub fn is_rung(plan: &Plan, trial: &Sample) -> bool {
    plan.cells.iter().any(|planned| planned.ceiling && planned.cell.id == trial.cell)
}

/// A table for each experiment and workload that looked for ceilings.
pub fn tables(plan: &Plan, trials: &[Sample]) -> String {
    let mut text = String::new();
    let mut titles: Vec<(&str, &str)> = Vec::new();
    for planned in plan.cells.iter().filter(|planned| planned.ceiling) {
        let title = (planned.cell.experiment.as_str(), planned.cell.workload.as_str());
        if !titles.contains(&title) {
            titles.push(title);
        }
    }
    for (experiment, workload) in titles {
        let rungs = plan.cells.iter().filter(|planned| {
            planned.ceiling && planned.cell.experiment == experiment && planned.cell.workload == workload
        });
        let rungs: Vec<&PlannedCell> = rungs.collect();
        let _ =
            writeln!(text, "{experiment}: the most tasks of {workload} that each runtime could do, doubling");
        let _ = writeln!(text, "{}\n", render(&rungs, trials));
    }
    text
}

fn render(rungs: &[&PlannedCell], trials: &[Sample]) -> String {
    let mut ladders: Vec<Ladder> = Vec::new();
    for ladder in rungs.iter().filter_map(|rung| rung.ladder()) {
        if !ladders.contains(&ladder) {
            ladders.push(ladder);
        }
    }
    let mut table = new_table(&["runtime", "did", "not", "how it failed"]);
    for ladder in ladders {
        let of_ladder = rungs.iter().filter(|rung| rung.ladder() == Some(ladder));
        let cells: Vec<&str> = of_ladder.map(|rung| rung.cell.id.as_str()).collect();
        let tried: Vec<&Sample> =
            trials.iter().filter(|trial| cells.contains(&trial.cell.as_str())).collect();
        // In the worst of its blocks: what it did once and not again it cannot be relied on for.
        let fell = tried.iter().filter(|trial| trial.status != Status::Ok).min_by_key(|trial| trial.tasks);
        let below = |trial: &&&Sample| fell.is_none_or(|fell| trial.tasks < fell.tasks);
        let did = tried.iter().filter(|trial| trial.status == Status::Ok).filter(below);
        let did = did.map(|trial| trial.tasks).max();
        table.add_row([
            ladder.1.into(),
            did.map_or_else(|| NOTHING.into(), human::count).into(),
            fell.map_or_else(|| NOTHING.into(), |trial| human::count(trial.tasks)).into(),
            match fell {
                Some(trial) => status_cell(&format!("{}: {}", trial.status, trial.reason), trial.status),
                None => "not seen to fail".into(),
            },
        ]);
    }
    table.to_string()
}
