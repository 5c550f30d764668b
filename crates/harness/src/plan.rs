//! Makes the plan of a run out of experiments: which cells, and how often each runs.
//!
//! The plan holds all that is needed to repeat the run; the order of its trials follows from its seed
//! ([`schedule`](crate::schedule)).

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use protocol::RuntimeInfo;
use results::described::Described;
use results::plan::BURN_IN_BLOCKS;
pub use results::plan::{LeftOut, Plan, PlannedCell, PlannedExperiment, Preset, PresetName};

use crate::cell::{Cell, Request};
use crate::counters::Counters;
use crate::discover::{Runtime, code};
use crate::experiment::{Experiment, Grid};
use crate::pace::EQUAL_TIME;

/// What a plan depends on beside the experiments.
pub struct Circumstances<'a> {
    /// The runtimes there are.
    pub runtimes: &'a [Runtime],
    /// CPUs that this process may use.
    pub cores: u32,
    /// What counts from outside here.
    pub counters: &'a Counters,
}

impl Circumstances<'_> {
    /// How many of so many trials of a cell can count instructions here: all or none. What cannot be counted is not
    /// planned, and what counts is only looked for where it is needed.
    pub(crate) fn instructions(&self, asked: u32, cell: &Cell, info: &RuntimeInfo) -> u32 {
        if asked > 0 && self.counters.can_count_instructions(cell, &info.language) { asked } else { 0 }
    }
}

/// Sittings of a run, where it has blocks enough for [`FEWEST_BLOCKS`] in each.
const SITTINGS: u32 = 3;

/// The fewest blocks of a sitting: of one alone it cannot be said what varies within it.
const FEWEST_BLOCKS: u32 = 2;

/// Looks at the claims of a full run: undecided ones get as many blocks again.
const LOOKS: u32 = 2;

/// Among how many sittings so many blocks are divided.
pub fn sittings(blocks: u32) -> u32 {
    (blocks.saturating_sub(BURN_IN_BLOCKS) / FEWEST_BLOCKS).clamp(1, SITTINGS)
}

/// What is not to be as in the preset.
#[derive(Debug, Clone, Copy, Default)]
pub struct Instead {
    /// Timed trials of each cell.
    pub blocks: Option<u32>,
    /// Trials that count instructions.
    pub instructions: Option<u32>,
}

/// The plan of these experiments.
pub fn make(
    experiments: &[Experiment],
    preset: PresetName,
    Instead { blocks, instructions }: Instead,
    seed: u64,
    here: &Circumstances,
) -> Plan {
    let mut plan = Plan { cores: here.cores, ..Plan::empty(preset, seed).with_new_id() };
    for experiment in experiments {
        let preset = experiment.presets.get(preset);
        let preset = Preset {
            blocks: blocks.unwrap_or(preset.blocks),
            instructions: instructions.unwrap_or(preset.instructions),
            ..preset
        };
        for grid in &experiment.grids {
            // Whoever says how many blocks means all cells.
            let most = if blocks.is_some() { None } else { grid.most_blocks };
            let preset = Preset { blocks: preset.blocks.min(most.unwrap_or(u32::MAX)), ..preset };
            for request in &grid.requests {
                add(&mut plan, experiment, grid, request, preset, here);
            }
        }
        plan.experiments.push(PlannedExperiment {
            name: experiment.name.clone(),
            file: experiment.path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            sha256: experiment.sha256.clone(),
            question: experiment.question.clone(),
            preset,
        });
    }
    note_runners(&mut plan, here.runtimes);
    // What one table leaves out another may run.
    let run: HashSet<_> = plan.cells.iter().map(|planned| LeftOut::key(&planned.cell)).collect();
    plan.left_out.retain(|out| !run.contains(&out.own_key()));
    let claim = experiments.iter().flat_map(|one| one.claims.iter().map(|claim| (&one.name, claim)));
    plan.claims = claim.map(|(experiment, claim)| claim.bind(experiment, &plan)).collect();
    plan.claims_sha256 = results::hash(&plan.claims);
    plan.sittings = sittings(plan.blocks());
    plan.looks = if plan.preset == PresetName::Full { LOOKS } else { 1 };
    plan.equal_time = (plan.preset != PresetName::Quick).then_some(EQUAL_TIME);
    plan
}

fn add(
    plan: &mut Plan,
    experiment: &Experiment,
    grid: &Grid,
    request: &Request,
    preset: Preset,
    here: &Circumstances,
) {
    let rounds = request.rounds.min(preset.max_rounds.unwrap_or(u32::MAX));
    let request = Request { rounds, ..request.clone() };
    let most = preset.max_tasks.unwrap_or(u64::MAX);
    let too_many = || format!("preset {} stops at {most} tasks", plan.preset.name());
    let too_many = (request.tasks > most).then(too_many);
    let is_run = grid.presets.as_ref().is_none_or(|those| those.contains(&plan.preset));
    let not_run = (!is_run).then(|| format!("preset {} does not run it", plan.preset.name())).or(too_many);
    for (info, label) in grid.chosen(here.runtimes.iter().map(|runtime| &runtime.info)) {
        let Some(runtime) = here.runtimes.iter().find(|it| it.info.name == info.name) else { continue };
        let spared = grid.leave_out.get(&info.name).cloned().or_else(|| not_run.clone());
        let cell = spared.map_or_else(|| request.on(info, label, here.cores), Err);
        match cell {
            Ok(cell) => plan.cells.push(PlannedCell {
                instructions: if grid.ceiling {
                    0
                } else {
                    here.instructions(preset.instructions, &cell, info)
                },
                cell,
                timed: preset.blocks,
                processes: 1,
                counted: if runtime.runner.has_counted_build() && !grid.ceiling { preset.counted } else { 0 },
                traced: if here.counters.calls.is_ok() && !grid.ceiling { preset.traced } else { 0 },
                ceiling: grid.ceiling,
                memory_limit_mib: grid.memory_limit_mib,
                expected_us: None,
                burn_in: true,
            }),
            Err(reason) => plan.left_out.push(LeftOut {
                experiment: experiment.name.clone(),
                workload: request.workload.name().into(),
                tasks: request.tasks,
                runtime: label.into(),
                reason,
                cell: None,
            }),
        }
    }
}

/// Notes what the runners say of its runtimes, and which of them live outside the checkout.
pub(crate) fn note_runners(plan: &mut Plan, runtimes: &[Runtime]) {
    let elsewhere =
        |runtime: &&Runtime| Some((runtime.info.name.clone(), runtime.runner.external_path()?.to_path_buf()));
    let needed = runtimes_of(plan, runtimes);
    plan.described = needed.iter().map(|one| (one.info.name.clone(), described(one, runtimes))).collect();
    plan.runners = needed.iter().filter_map(elsewhere).collect();
}

fn described(runtime: &Runtime, all: &[Runtime]) -> Described {
    let info = &runtime.info;
    let runner = &runtime.runner;
    // Of a runner in the checkout alone: a path elsewhere says nothing to others.
    let lines = if !runner.folder.ends_with(&runner.place) || runner.external_path().is_some() {
        BTreeMap::new()
    } else if let Some(files) = runner.code.get(&info.name) {
        code::lines_in(&runner.folder, files, &info.workloads)
    } else {
        let beside =
            all.iter().filter(|other| other.runner.place == runner.place && other.info.name != info.name);
        let others: Vec<&str> = beside.map(|other| other.info.name.as_str()).collect();
        code::lines(&runner.folder, &info.name, &others, &info.workloads)
    };
    let from_root = |(workload, line): (String, String)| (workload, from_root(&runner.place, &line));
    Described {
        family: info.family().into(),
        reference: info.reference,
        variant_of: info.variant_of.clone(),
        caveats: info.caveats.clone(),
        code: lines.into_iter().map(from_root).collect(),
    }
}

/// A line of a runner's file as seen from the root: of `../python/tasks.py:3` in `runners/extra`, `runners/python/tasks.py:3`.
fn from_root(place: &Path, line: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let place = place.to_string_lossy();
    for part in place.split('/').chain(line.split('/')) {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}

/// The runtimes that a plan needs, each once.
pub fn runtimes_of<'a>(plan: &Plan, runtimes: &'a [Runtime]) -> Vec<&'a Runtime> {
    let needed = |info: &RuntimeInfo| plan.cells.iter().any(|cell| cell.cell.runtime == info.name);
    runtimes.iter().filter(|runtime| needed(&runtime.info)).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::fixture::runtimes;

    /// How long it takes to plan a list of which the preset leaves out half, the least of some times.
    fn takes(tasks: u64, runtimes: &[Runtime]) -> Duration {
        let list: Vec<String> = (1..=tasks).map(|tasks| tasks.to_string()).collect();
        let text = format!(
            "question = \"?\"\nruntimes = \"all\"\npresets.default = {{ blocks = 2, max_tasks = {} }}\n\
             [[workload]]\nname = \"sleep\"\ntasks = [{}]\n",
            tasks / 2,
            list.join(", ")
        );
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.toml");
        fs::write(&path, text).unwrap();
        let infos: Vec<&RuntimeInfo> = runtimes.iter().map(|runtime| &runtime.info).collect();
        let experiment = Experiment::read(&path, &infos).unwrap();
        let counters = Counters::none();
        let here = Circumstances { runtimes, cores: 1, counters: &counters };
        let once = |_| {
            let began = Instant::now();
            let experiments = std::slice::from_ref(&experiment);
            let plan = make(experiments, PresetName::Default, Instead::default(), 7, &here);
            let took = began.elapsed();
            assert_eq!([plan.cells.len(), plan.left_out.len()].map(|count| count as u64), [tasks; 2]);
            took
        };
        (0..5).map(once).min().unwrap()
    }

    #[test]
    fn the_time_of_a_plan_grows_with_what_a_preset_leaves_out_and_not_with_its_square() {
        let runtimes = runtimes(&["a", "b"]);
        let (few, many) = (takes(2_000, &runtimes), takes(16_000, &runtimes));
        // Eight times as much takes about eight times as long; the square would be 64.
        assert!(many < few * 25, "{few:?} and {many:?}");
    }
}
