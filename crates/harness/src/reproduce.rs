//! The plan of another run, as far as it can be run here.
//!
//! It keeps what the other run planned: cells with all their parameters and workers, blocks, seed,
//! and the claims. A cell that cannot be run here in the same way is left out with the reason; its
//! claims stay, so that their hash does, and are untestable.

use std::path::Path;

use protocol::Workload;
use results::{SCHEMA, regular};

use crate::cell::{Cell, Request, Workers};
use crate::discover::Runtime;
use crate::plan::{Circumstances, LeftOut, Plan, PlannedCell, PlannedExperiment, note_runners};

/// The plan of the run there, as it can be run here; each cell has at most `blocks` timed trials.
pub fn adapt_plan(there: &Plan, here: &Circumstances, blocks: Option<u32>) -> Plan {
    let blocks = blocks.unwrap_or(u32::MAX);
    let kilotask = env!("CARGO_PKG_VERSION").into();
    // The hash of the same claims is another where an older version had other names.
    let claims_sha256 = results::hash(&there.claims);
    // Which cells go on, and what runs here showed before, is seen here.
    let of_here = Plan { going_on: Vec::new(), earlier: None, claims_sha256, ..there.clone() };
    let mut plan = Plan { schema: SCHEMA, kilotask, cells: Vec::new(), ..of_here.with_new_id() };
    for planned in &there.cells {
        match on_its_runtime(&planned.cell, here.runtimes) {
            Ok((cell, runtime)) => plan.cells.push(PlannedCell {
                instructions: here.instructions(planned.instructions, &cell, &runtime.info),
                cell,
                timed: planned.timed.min(blocks),
                counted: if runtime.runner.has_counted_build() { planned.counted } else { 0 },
                traced: if here.counters.calls.is_ok() { planned.traced } else { 0 },
                ..planned.clone()
            }),
            Err(reason) => plan.left_out.push(left_out(&planned.cell, reason)),
        }
    }
    note_runners(&mut plan, here.runtimes);
    for experiment in &mut plan.experiments {
        experiment.preset.blocks = experiment.preset.blocks.min(blocks);
    }
    plan
}

fn left_out(cell: &Cell, reason: String) -> LeftOut {
    LeftOut {
        experiment: cell.experiment.clone(),
        workload: cell.workload.clone(),
        tasks: cell.tasks,
        runtime: cell.label.clone(),
        reason,
        cell: Some(cell.id.clone()),
    }
}

/// A cell with the runtime that runs it here, or why none can. A plan may come from a stranger, so
/// that its cells pass the same checks as those of an experiment.
fn on_its_runtime<'a>(cell: &Cell, runtimes: &'a [Runtime]) -> Result<(Cell, &'a Runtime), String> {
    let found = runtimes.iter().find(|runtime| runtime.info.name == cell.runtime);
    let runtime = found.ok_or_else(|| format!("runtime {} is not in this checkout", cell.runtime))?;
    let request = request(cell)?;
    request.check()?;
    // Nobody knows what a runner that cannot be asked is able to do: its trials will say why.
    if runtime.broken.is_some() {
        return Ok((cell.clone(), runtime));
    }
    request.check_params(&[&runtime.info])?;
    // A parameter that the runtime has only here takes its default.
    let params = request.on(&runtime.info, &cell.label, cell.workers)?.params;
    Ok((Cell { params, ..cell.clone() }, runtime))
}

/// The request that a cell came from, with nothing left to defaults.
fn request(cell: &Cell) -> Result<Request, String> {
    let workload = Workload::from_name(&cell.workload)
        .ok_or_else(|| format!("this kilotask has no workload {}", cell.workload))?;
    let (workers, params) = (Some(Workers::Count(cell.workers)), cell.params.clone());
    Ok(Request {
        workers,
        rounds: cell.rounds,
        params,
        ..Request::new(&cell.experiment, workload, cell.tasks)
    })
}

/// The experiments of a plan whose files in a folder are not those it was made from, and how they
/// differ.
pub fn changed_experiments<'a>(plan: &'a Plan, folder: &Path) -> Vec<(&'a PlannedExperiment, &'static str)> {
    let change = |planned: &PlannedExperiment| {
        let name = Path::new(&planned.file).file_name()?;
        match regular::read(&folder.join(name), regular::MAX_TEXT_BYTES) {
            Ok(text) if results::sha256(&text) == planned.sha256 => None,
            Ok(_) => Some("has changed since"),
            Err(_) => Some("is not here"),
        }
    };
    plan.experiments.iter().filter_map(|planned| Some((planned, change(planned)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counters::Counters;
    use crate::experiment::PresetName;
    use crate::fixture::{planned, runtimes};

    /// A cell with every parameter, as those of a plan are.
    fn whole(id: &str, timed: u32) -> PlannedCell {
        let mut planned = planned(id, timed);
        planned.cell.params.extend([("duration_ns".to_string(), 1000), ("jitter_ns".to_string(), 0)]);
        planned
    }

    fn plan() -> Plan {
        let cells = ["a", "b"]
            .map(|id| PlannedCell { counted: 1, traced: 1, instructions: 1, ..whole(id, 20) })
            .into();
        Plan { cells, ..Plan::empty(PresetName::Quick, 7) }
    }

    fn here<'a>(runtimes: &'a [Runtime], counters: &'a Counters) -> Circumstances<'a> {
        Circumstances { runtimes, cores: 1, counters }
    }

    #[test]
    fn a_plan_that_can_be_run_here_is_kept_whole() {
        let runtimes = runtimes(&["a", "b"]);
        let there = plan();
        let mut expected = there.clone();
        // No runner here has a counted build.
        expected.cells.iter_mut().for_each(|planned| planned.counted = 0);
        note_runners(&mut expected, &runtimes);
        let (all, none) = (Counters::untried(true), Counters::none());
        let adapted = adapt_plan(&there, &here(&runtimes, &all), None);
        assert_eq!(Plan { id: None, ..adapted.clone() }, expected);
        assert!(adapted.id.is_some(), "rows of one run are none of the other");
        let blind = adapt_plan(&there, &here(&runtimes, &none), None);
        assert!(blind.cells.iter().all(|planned| planned.traced + planned.instructions == 0));
    }

    /// A change of a cell, and how the reason begins for which it is left out then.
    type Case = (fn(&mut Cell), &'static str);

    #[test]
    fn a_cell_that_its_runtime_could_not_run_unchanged_is_left_out() {
        let runtimes = runtimes(&["a"]);
        let cases: [Case; 5] = [
            (|_| (), ""),
            (|cell| cell.workload = "levitate".into(), "this kilotask has no workload levitate"),
            (|cell| (cell.workload, cell.params) = ("spawn".into(), [].into()), "it has no workload spawn"),
            (
                |cell| cell.params.extend([("stack_bytes".to_string(), 1)]),
                "sleep has no parameter \"stack_bytes\"",
            ),
            (|cell| cell.tasks = u64::MAX, "18446744073709551615 tasks: at most"),
        ];
        for (change, reason) in cases {
            let mut planned = whole("a", 2);
            change(&mut planned.cell);
            let there = Plan { cells: vec![planned], ..Plan::empty(PresetName::Quick, 7) };
            let left_out = adapt_plan(&there, &here(&runtimes, &Counters::none()), None).left_out;
            assert_eq!(left_out.is_empty(), reason.is_empty(), "{left_out:?}");
            assert!(left_out.iter().all(|out| out.reason.starts_with(reason)), "{left_out:?}");
        }
    }

    #[test]
    fn blocks_shorten_a_plan_and_never_lengthen_it() {
        let runtimes = runtimes(&["a", "b"]);
        let none = Counters::none();
        let timed = |blocks| adapt_plan(&plan(), &here(&runtimes, &none), Some(blocks)).cells[0].timed;
        assert_eq!((timed(7), timed(100)), (7, 20));
    }
}
