//! The plan of another run, as far as it can be run here.
//!
//! It keeps what the other run planned: cells with all their parameters and workers, blocks, seed,
//! and the claims with the hash that was taken before the first trial. A cell that cannot be run
//! here in the same way is left out with the reason; its claims stay, so that their hash does, and
//! are untestable.

use std::fs;
use std::path::Path;

use protocol::Workload;

use crate::cell::{Cell, Request, Workers};
use crate::discover::Runtime;
use crate::plan::{Circumstances, LeftOut, Plan, PlannedCell, PlannedExperiment, note_runners};

/// The plan of the run there, as it can be run here; each cell has at most `blocks` timed trials.
pub fn adapt_plan(there: &Plan, here: &Circumstances, blocks: Option<u32>) -> Plan {
    let blocks = blocks.unwrap_or(u32::MAX);
    let mut plan = Plan { kilotask: env!("CARGO_PKG_VERSION").into(), cells: Vec::new(), ..there.clone() };
    for planned in &there.cells {
        match on_its_runtime(&planned.cell, here.runtimes) {
            Ok((cell, runtime)) => plan.cells.push(PlannedCell {
                cell,
                timed: planned.timed.min(blocks),
                counted: if runtime.runner.has_counted_build() { planned.counted } else { 0 },
                traced: if here.can_trace { planned.traced } else { 0 },
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
    if cell.id.contains(['/', '\0']) {
        return Err("its name cannot be that of a file".into());
    }
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
        match fs::read(folder.join(name)) {
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
    use crate::experiment::{Preset, PresetName};
    use crate::fixture::{planned, runtimes};

    /// A cell with every parameter, as those of a plan are.
    fn whole(id: &str, timed: u32) -> PlannedCell {
        let mut planned = planned(id, timed);
        planned.cell.params.extend([("duration_ns".to_string(), 1000), ("jitter_ns".to_string(), 0)]);
        planned
    }

    fn plan() -> Plan {
        let cells = ["a", "b"].map(|id| PlannedCell { counted: 1, traced: 1, ..whole(id, 20) }).into();
        Plan { cells, ..Plan::empty(PresetName::Quick, 7) }
    }

    fn here(runtimes: &[Runtime]) -> Circumstances<'_> {
        Circumstances { runtimes, cores: 1, can_trace: true }
    }

    #[test]
    fn a_plan_that_can_be_run_here_is_kept_whole() {
        let runtimes = runtimes(&["a", "b"]);
        let there = plan();
        let mut expected = there.clone();
        // No runner here has a counted build.
        expected.cells.iter_mut().for_each(|planned| planned.counted = 0);
        assert_eq!(adapt_plan(&there, &here(&runtimes), None), expected);
        let blind = Circumstances { can_trace: false, ..here(&runtimes) };
        assert!(adapt_plan(&there, &blind, None).cells.iter().all(|planned| planned.traced == 0));
    }

    #[test]
    fn a_cell_that_cannot_run_here_is_left_out_with_the_reason_and_keeps_its_claims() {
        let there = plan();
        let here_now = adapt_plan(&there, &here(&runtimes(&["a"])), None);
        assert_eq!(here_now.cells.len(), 1);
        let out = &here_now.left_out[0];
        assert_eq!(out.cell.as_deref(), Some("b"));
        assert_eq!(out.reason, "runtime b is not in this checkout");
        assert_eq!((here_now.claims, here_now.claims_sha256), (there.claims, there.claims_sha256));
    }

    #[test]
    fn a_cell_that_its_runtime_could_not_run_unchanged_is_left_out() {
        let runtimes = runtimes(&["a"]);
        let reason = |change: fn(&mut Cell)| {
            let mut planned = whole("a", 2);
            change(&mut planned.cell);
            let there = Plan { cells: vec![planned], ..Plan::empty(PresetName::Quick, 7) };
            adapt_plan(&there, &here(&runtimes), None).left_out.first().map(|out| out.reason.clone())
        };
        assert_eq!(reason(|_| ()), None);
        let unknown = |cell: &mut Cell| cell.workload = "levitate".into();
        assert_eq!(reason(unknown).unwrap(), "this kilotask has no workload levitate");
        assert_eq!(
            reason(|cell| (cell.workload, cell.params) = ("spawn".into(), std::collections::BTreeMap::new()))
                .unwrap(),
            "it has no workload spawn"
        );
        let parameter = reason(|cell| cell.params.extend([("stack_bytes".to_string(), 1)])).unwrap();
        assert!(parameter.starts_with("sleep has no parameter \"stack_bytes\""), "{parameter}");
        assert!(reason(|cell| cell.tasks = u64::MAX).unwrap().contains("at most"));
        let climbing = reason(|cell| cell.id = "../a".into()).unwrap();
        assert_eq!(climbing, "its name cannot be that of a file");
    }

    #[test]
    fn blocks_shorten_a_plan_and_never_lengthen_it() {
        let runtimes = runtimes(&["a", "b"]);
        let timed = |blocks| adapt_plan(&plan(), &here(&runtimes), Some(blocks)).cells[0].timed;
        assert_eq!((timed(7), timed(100)), (7, 20));
    }

    #[test]
    fn an_experiment_whose_file_has_changed_or_is_missing_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let experiment = |name: &str, sha256: String| PlannedExperiment {
            name: name.into(),
            file: format!("{name}.toml"),
            sha256,
            question: "?".into(),
            preset: Preset { blocks: 2, counted: 0, traced: 0, max_rounds: None, max_tasks: None },
        };
        fs::write(folder.path().join("same.toml"), "x").unwrap();
        fs::write(folder.path().join("other.toml"), "y").unwrap();
        let experiments = ["same", "other", "gone"].map(|name| experiment(name, results::sha256(b"x")));
        let plan = Plan { experiments: experiments.into(), ..plan() };
        let changed = changed_experiments(&plan, folder.path());
        let said: Vec<(&str, &str)> = changed.iter().map(|(one, how)| (one.name.as_str(), *how)).collect();
        assert_eq!(said, [("other", "has changed since"), ("gone", "is not here")]);
    }
}
