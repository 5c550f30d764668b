//! The plan of a run: which cells, how often, in which order.
//!
//! Cells run interleaved: each block is one seeded random permutation of everything that is still
//! to be done in it, so that whatever drifts while the run lasts drifts through every cell alike.
//! The plan holds all that is needed to run it again; the order follows from its seed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use protocol::proof::splitmix64;
use protocol::{Params, RuntimeInfo};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use results::{Claim, Pass, SCHEMA};
use serde::{Deserialize, Serialize};

use crate::cell::{Cell, Request};
use crate::discover::Runtime;
use crate::experiment::{Experiment, Grid, Preset, PresetName};
use crate::trial::Place;

/// Blocks that warm the machine up and reach no timing summary; declared before the run.
pub const BURN_IN_BLOCKS: u32 = 1;

/// Everything needed to run it again: `plan.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Version of the files, [`SCHEMA`].
    pub schema: u32,
    /// Version of the lab that made it.
    pub kilotask: String,
    /// How much was asked for.
    pub preset: PresetName,
    /// Decides the order of the trials and the seeds of their jobs.
    pub seed: u64,
    /// Blocks left out of timing summaries.
    pub burn_in_blocks: u32,
    /// The run stops once every cell's makespan is known to this share of it, either way; absent where
    /// only blocks and time bound it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<f64>,
    /// CPUs that the lab may use: what claims about cores are held against.
    pub cores: u32,
    /// The experiments, with the hashes of their files.
    pub experiments: Vec<PlannedExperiment>,
    /// The cells.
    pub cells: Vec<PlannedCell>,
    /// Runtimes whose runner lives outside the checkout, each with the whole path of that runner.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub runners: BTreeMap<String, PathBuf>,
    /// What an experiment asked for and is not run, with the reason.
    pub left_out: Vec<LeftOut>,
    /// What was claimed, to be judged by what comes out.
    #[serde(default)]
    pub claims: Vec<Claim>,
    /// [`results::hash`] of the claims, taken before the first trial.
    #[serde(default)]
    pub claims_sha256: String,
}

/// An experiment of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct PlannedExperiment {
    pub name: String,
    pub file: String,
    pub sha256: String,
    pub question: String,
    pub preset: Preset,
}

/// A cell of a plan, and how often it runs in each pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedCell {
    /// What runs.
    #[serde(flatten)]
    pub cell: Cell,
    /// Timed trials: one in each of the blocks 0, 1, …
    pub timed: u32,
    /// Counted trials: one in each of the blocks 1, 2, …
    pub counted: u32,
    /// Traced trials: one in each of the blocks 1, 2, …
    pub traced: u32,
    /// Whether it is a rung of a ladder, whose cells run from fewest tasks to most until one fails:
    /// how it fails is the result, and no defect.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ceiling: bool,
    /// The most resident memory of a runner, MiB, where it is less than that of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_limit_mib: Option<u64>,
}

impl PlannedCell {
    /// How many trials it has, in all passes.
    pub fn trials(&self) -> u64 {
        u64::from(self.timed + self.counted + self.traced)
    }

    /// What the rungs of one ladder have in common; `None` where it is no rung.
    pub fn ladder(&self) -> Option<Ladder<'_>> {
        let cell = &self.cell;
        self.ceiling.then(|| (&*cell.experiment, &*cell.label, &*cell.workload, cell.workers, &cell.params))
    }
}

/// Experiment, label, workload, workers and parameters.
pub type Ladder<'a> = (&'a str, &'a str, &'a str, u32, &'a Params);

/// Something that is not run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct LeftOut {
    pub experiment: String,
    pub workload: String,
    pub tasks: u64,
    pub runtime: String,
    pub reason: String,
    /// The name of the cell, where the run that this one repeats has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell: Option<String>,
}

impl LeftOut {
    fn is(&self, cell: &Cell) -> bool {
        (&self.experiment, &self.workload, self.tasks, &self.runtime)
            == (&cell.experiment, &cell.workload, cell.tasks, &cell.label)
    }
}

/// What a plan depends on beside the experiments.
pub struct Circumstances<'a> {
    /// The runtimes there are.
    pub runtimes: &'a [Runtime],
    /// CPUs that this process may use.
    pub cores: u32,
    /// Whether system calls can be counted here.
    pub can_trace: bool,
}

/// One trial to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// Index of its cell.
    pub cell: usize,
    /// Where it stands.
    pub place: Place,
}

impl Plan {
    /// A plan of nothing yet.
    pub fn empty(preset: PresetName, seed: u64) -> Self {
        Self {
            schema: SCHEMA,
            kilotask: env!("CARGO_PKG_VERSION").into(),
            preset,
            seed,
            burn_in_blocks: BURN_IN_BLOCKS,
            precision: None,
            cores: 1,
            experiments: Vec::new(),
            cells: Vec::new(),
            runners: BTreeMap::new(),
            left_out: Vec::new(),
            claims: Vec::new(),
            claims_sha256: results::hash(&[]),
        }
    }

    /// The plan of these experiments; `blocks` are the timed trials of each cell, where they are not to
    /// be those of the preset.
    pub fn new(
        experiments: &[Experiment],
        preset: PresetName,
        blocks: Option<u32>,
        seed: u64,
        here: &Circumstances,
    ) -> Self {
        let mut plan = Self { cores: here.cores, ..Self::empty(preset, seed) };
        for experiment in experiments {
            let preset = experiment.presets.get(preset);
            let preset = Preset { blocks: blocks.unwrap_or(preset.blocks), ..preset };
            for grid in &experiment.grids {
                // Whoever says how many blocks means all cells.
                let most = if blocks.is_some() { None } else { grid.most_blocks };
                let preset = Preset { blocks: preset.blocks.min(most.unwrap_or(u32::MAX)), ..preset };
                for request in &grid.requests {
                    plan.add(experiment, grid, request, preset, here);
                }
            }
            plan.experiments.push(PlannedExperiment {
                name: experiment.name.clone(),
                file: file_name(&experiment.path),
                sha256: experiment.sha256.clone(),
                question: experiment.question.clone(),
                preset,
            });
        }
        plan.note_runners(here.runtimes);
        // What one table leaves out another may run.
        let cells = &plan.cells;
        plan.left_out.retain(|out| !cells.iter().any(|planned| out.is(&planned.cell)));
        let asked = experiments.iter().flat_map(|one| one.claims.iter().map(|asked| (&one.name, asked)));
        plan.claims = asked.map(|(experiment, asked)| asked.bind(experiment, &plan)).collect();
        plan.claims_sha256 = results::hash(&plan.claims);
        plan
    }

    fn add(
        &mut self,
        experiment: &Experiment,
        grid: &Grid,
        request: &Request,
        preset: Preset,
        here: &Circumstances,
    ) {
        let rounds = request.rounds.min(preset.max_rounds.unwrap_or(u32::MAX));
        let request = Request { rounds, ..request.clone() };
        let most = preset.max_tasks.unwrap_or(u64::MAX);
        let too_many = || format!("preset {} stops at {most} tasks", self.preset.name());
        let too_many = (request.tasks > most).then(too_many);
        for (runtime, label) in chosen(grid, here.runtimes) {
            let spared = grid.leave_out.get(&runtime.info.name).cloned().or_else(|| too_many.clone());
            let cell = spared.map_or_else(|| request.on(&runtime.info, label, here.cores), Err);
            match cell {
                Ok(cell) => self.cells.push(PlannedCell {
                    cell,
                    timed: preset.blocks,
                    counted: if runtime.runner.has_counted_build() && !grid.ceiling {
                        preset.counted
                    } else {
                        0
                    },
                    traced: if here.can_trace && !grid.ceiling { preset.traced } else { 0 },
                    ceiling: grid.ceiling,
                    memory_limit_mib: grid.memory_limit_mib,
                }),
                Err(reason) => self.left_out.push(LeftOut {
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

    /// Notes which of its runtimes have a runner outside the checkout.
    pub(crate) fn note_runners(&mut self, runtimes: &[Runtime]) {
        let elsewhere = |runtime: &&Runtime| {
            Some((runtime.info.name.clone(), runtime.runner.external_path()?.to_path_buf()))
        };
        self.runners = runtimes_of(self, runtimes).iter().filter_map(elsewhere).collect();
    }

    /// The names of its runtimes, as often as they have cells.
    pub fn runtimes(&self) -> impl Iterator<Item = &str> {
        self.cells.iter().map(|planned| &*planned.cell.runtime)
    }

    /// How many blocks there are.
    pub fn blocks(&self) -> u32 {
        self.cells.iter().map(|cell| cell.timed.max(1 + cell.counted.max(cell.traced))).max().unwrap_or(0)
    }

    /// How many trials there are.
    pub fn trials(&self) -> u64 {
        self.cells.iter().map(PlannedCell::trials).sum()
    }

    /// The trials of one block in their order.
    pub fn block(&self, block: u32) -> Vec<Slot> {
        let mut trials: Vec<(usize, Pass)> = Vec::new();
        for (index, cell) in self.cells.iter().enumerate() {
            let after_burn_in = |times: u32| (1..=times).contains(&block);
            let passes = [block < cell.timed, after_burn_in(cell.counted), after_burn_in(cell.traced)];
            trials.extend(
                Pass::ALL.into_iter().zip(passes).filter(|(_, due)| *due).map(|(pass, _)| (index, pass)),
            );
        }
        trials.shuffle(&mut ChaCha8Rng::seed_from_u64(splitmix64(self.seed ^ splitmix64(block.into()))));
        self.order_ladders(&mut trials);
        (0..)
            .zip(trials)
            .map(|(position, (cell, pass))| {
                let seed = self.job_seed(cell, block, pass);
                Slot { cell, place: Place { block, position, pass, seed } }
            })
            .collect()
    }

    /// Leaves each ladder the places that fell to it, and puts its rungs into them from the lowest up.
    fn order_ladders(&self, trials: &mut [(usize, Pass)]) {
        let mut ladders: BTreeMap<Ladder, Vec<usize>> = BTreeMap::new();
        for (place, (cell, _)) in trials.iter().enumerate() {
            if let Some(ladder) = self.cells[*cell].ladder() {
                ladders.entry(ladder).or_default().push(place);
            }
        }
        for places in ladders.into_values() {
            let mut rungs: Vec<(usize, Pass)> = places.iter().map(|place| trials[*place]).collect();
            rungs.sort_by_key(|(cell, _)| self.cells[*cell].cell.tasks);
            places.into_iter().zip(rungs).for_each(|(place, rung)| trials[place] = rung);
        }
    }

    /// A seed of its own for each trial, so that no checksum serves twice; below 2^53, so that it
    /// survives a JSON reader that has floating-point numbers only.
    fn job_seed(&self, cell: usize, block: u32, pass: Pass) -> u64 {
        [cell as u64, block.into(), pass as u64]
            .into_iter()
            .fold(self.seed, |seed, part| splitmix64(seed ^ part))
            % (1 << 53)
    }
}

/// The runtimes that take part in a grid, with their labels.
fn chosen<'a>(grid: &'a Grid, runtimes: &'a [Runtime]) -> Vec<(&'a Runtime, &'a str)> {
    let infos = runtimes.iter().map(|runtime| &runtime.info);
    let found = grid.chosen(infos).into_iter().filter_map(|(info, label)| {
        Some((runtimes.iter().find(|runtime| runtime.info.name == info.name)?, label))
    });
    found.collect()
}

/// The runtimes that a plan needs, each once.
pub fn runtimes_of<'a>(plan: &Plan, runtimes: &'a [Runtime]) -> Vec<&'a Runtime> {
    let needed = |info: &RuntimeInfo| plan.cells.iter().any(|cell| cell.cell.runtime == info.name);
    runtimes.iter().filter(|runtime| needed(&runtime.info)).collect()
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::fixture::planned;

    fn plan(seed: u64) -> Plan {
        let cells = (0..20).map(|id| PlannedCell { counted: 1, ..planned(&id.to_string(), 3) }).collect();
        Plan { cells, ..Plan::empty(PresetName::Quick, seed) }
    }

    #[test]
    fn a_block_runs_every_cell_once_and_counts_after_the_burn_in() {
        let plan = plan(7);
        assert_eq!((plan.blocks(), plan.trials()), (3, 80));
        for block in 0..3 {
            let slots = plan.block(block);
            let timed: HashSet<usize> =
                slots.iter().filter(|slot| slot.place.pass == Pass::Timed).map(|slot| slot.cell).collect();
            assert_eq!(timed.len(), 20);
            let counted = slots.iter().filter(|slot| slot.place.pass == Pass::Counted).count();
            assert_eq!(counted, if block == 1 { 20 } else { 0 });
        }
    }

    #[test]
    fn the_seed_decides_the_order_and_blocks_differ() {
        let order = |seed, block| plan(seed).block(block).iter().map(|slot| slot.cell).collect::<Vec<_>>();
        assert_eq!(order(7, 0), order(7, 0));
        assert_ne!(order(7, 0), order(8, 0));
        assert_ne!(order(7, 0), order(7, 2));
    }

    #[test]
    fn the_rungs_of_a_ladder_run_from_the_lowest_up() {
        let mut plan = plan(7);
        for (tasks, planned) in (1..).zip(&mut plan.cells) {
            planned.ceiling = true;
            planned.cell.label = format!("runtime-{}", tasks % 2);
            planned.cell.tasks = tasks;
        }
        let block = plan.block(0);
        for label in ["runtime-0", "runtime-1"] {
            let cells = block.iter().map(|slot| &plan.cells[slot.cell].cell);
            let tasks: Vec<u64> = cells.filter(|cell| cell.label == label).map(|cell| cell.tasks).collect();
            assert!(tasks.is_sorted() && tasks.len() == 10, "{tasks:?}");
        }
        let labels = block.iter().map(|slot| plan.cells[slot.cell].cell.label.clone()).collect::<Vec<_>>();
        assert!(!labels.is_sorted(), "the ladders are still mixed");
    }

    #[test]
    fn no_two_jobs_share_a_seed() {
        let plan = plan(7);
        let slots: Vec<Slot> = (0..3).flat_map(|block| plan.block(block)).collect();
        let seeds: HashSet<u64> = slots.iter().map(|slot| slot.place.seed).collect();
        assert_eq!(seeds.len(), slots.len());
    }

    #[test]
    fn a_plan_comes_back_the_same_from_its_file() {
        let json = serde_json::to_string(&plan(7)).unwrap();
        assert_eq!(serde_json::from_str::<Plan>(&json).unwrap(), plan(7));
    }
}
