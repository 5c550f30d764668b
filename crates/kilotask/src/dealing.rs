//! A plan that is dealt to several machines: made whole before any of them begins, so that all have the same one.
//!
//! An ordinary run settles how often each cell runs after its block 0, and may look at its claims and go on. With several
//! machines each would settle that for itself, so that it is settled beforehand: by the times of an earlier run, and with a
//! single look at the claims, after all blocks.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aggregate::stats::sign::fewest_to_decide;
use anyhow::{Context, Result, ensure};
use harness::experiment::PresetName;
use harness::pace;
use harness::plan::{Plan, PlannedExperiment};
use harness::trace::SyscallTracer;
use results::folder::{PLAN, TRIALS};
use results::plan::BURN_IN_BLOCKS;
use results::roster::read_trials;
use results::{Pass, Shard, TrialRow, disk, human};

use crate::arguments::RunnerArguments;
use crate::lab::{Lab, Wanted};
use crate::planning::{Planning, claims_to_decide, open_for, preset};

/// What is measured, and how a plan of it is made for several machines.
#[derive(clap::Args)]
pub struct DealArguments {
    /// The experiment files
    #[arg(required = true, value_name = "EXPERIMENT")]
    pub experiments: Vec<PathBuf>,

    /// The folder for the plan; may hold the parts and what they are merged into as well
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,

    /// How much to measure
    #[arg(long, default_value = "default", value_parser = preset, value_name = "quick|default|full")]
    pub preset: PresetName,

    /// Decides the order of the trials and the seeds of their jobs [default: from the clock]
    #[arg(long)]
    pub seed: Option<u64>,

    /// Timed trials of each cell on all machines together, and block 0, which each shard runs for itself [default: the
    /// preset's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=100_000))]
    pub blocks: Option<u32>,

    /// Number of sittings that the blocks are divided into; the lab of each machine restarts between two of them
    /// [default: 3, or fewer if there are few blocks]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub sittings: Option<u32>,

    /// Limit on the processes of a short cell in one block, in groups that claims are about [default: as many as fit into
    /// 0.1 s by the pilot, up to 16; 1 with --preset quick, and for cells that the pilot does not have]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub processes: Option<u32>,

    /// An earlier run, of any machine, that shows how long each cell takes [default: results/reference]
    #[arg(long, value_name = "DIR")]
    pub pilot: Option<PathBuf>,

    /// CPUs of each machine that the plan is for [default: those that may be used here]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub cpus: Option<u32>,

    #[command(flatten)]
    pub runners: RunnerArguments,
}

/// A plan that can be dealt, and how long it will take.
pub struct Dealt {
    pub plan: Plan,
    pace: Option<Pace>,
}

/// How long a plan takes, by the times of another run.
struct Pace {
    pilot: PathBuf,
    burn_in: Duration,
    block: Duration,
    /// Cells whose time is not known.
    unknown: usize,
}

/// The run that shows how long cells take where none is named, from the checkout on.
const REFERENCE: &str = "results/reference";

impl DealArguments {
    /// Makes the plan.
    pub fn plan(&self) -> Result<Dealt> {
        let lab = open_for(&self.experiments, Wanted::runners(&self.runners))?;
        let mut plan = self.wanted().plan(&lab, SyscallTracer::new().is_ok())?;
        let pilot = self.pilot(&lab)?;
        let pace = match pilot {
            None => {
                plan.equal_time = None;
                None
            }
            Some(pilot) => {
                let trials =
                    burn_in_of(&pilot).with_context(|| format!("reading the pilot {}", pilot.display()))?;
                pace::settle(&mut plan, &trials, None);
                Some(Pace::of(&plan, &trials, pilot))
            }
        };
        Ok(Dealt { plan, pace })
    }

    fn wanted(&self) -> Planning<'_> {
        Planning {
            experiments: &self.experiments,
            preset: self.preset,
            seed: self.seed,
            blocks: self.blocks,
            sittings: self.sittings,
            looks: Some(1),
            processes: self.processes,
            precision: None,
            sensitivity: None,
            is_dry: false,
            cpus: self.cpus,
        }
    }

    /// The run that is to show how long cells take, if there is one.
    fn pilot(&self, lab: &Lab) -> Result<Option<PathBuf>> {
        if let Some(named) = &self.pilot {
            ensure!(named.join(PLAN).exists(), "--pilot {}: it holds no run", named.display());
            return Ok(Some(named.clone()));
        }
        let reference = lab.checkout.as_ref().map(|checkout| checkout.join(REFERENCE));
        Ok(reference.filter(|reference| reference.join(PLAN).exists()))
    }

    /// Writes the plan into the folder, where no other one may be.
    pub fn write(&self, plan: &Plan) -> Result<PathBuf> {
        let path = self.out.join(PLAN);
        ensure!(
            !path.exists() && !self.out.join(TRIALS).exists(),
            "{} already holds a plan or a run; choose another --out",
            self.out.display()
        );
        disk::make_folder(&self.out)
            .and_then(|()| disk::replace(&path, &plan.file()))
            .with_context(|| path.display().to_string())?;
        Ok(path)
    }
}

/// A timed trial of each cell of a run, that of block 0 where it has one, as if it were of block 0.
fn burn_in_of(pilot: &Path) -> Result<Vec<TrialRow>> {
    let plan = Plan::read(&pilot.join(PLAN))?;
    let (mut seen, mut trials) = (HashSet::new(), Vec::new());
    read_trials(pilot, &plan, |_, trial| {
        if trial.pass == Pass::Timed && trial.process_lifetime_ns.is_some() && seen.insert(trial.cell.clone())
        {
            trials.push(TrialRow { block: 0, ..trial });
        }
        Ok(())
    })?;
    Ok(trials)
}

impl Pace {
    fn of(plan: &Plan, trials: &[TrialRow], pilot: PathBuf) -> Self {
        let lasted = pace::lasted(trials);
        let of_cell = |id: &str| lasted.get(id).copied();
        let burn_in = plan.cells.iter().filter_map(|planned| of_cell(&planned.cell.id)).sum();
        let all = plan.cells.iter().filter_map(|planned| {
            let trials = u32::try_from(planned.trials()).unwrap_or(u32::MAX);
            Some(of_cell(&planned.cell.id)?.saturating_mul(trials))
        });
        let blocks = plan.blocks().saturating_sub(BURN_IN_BLOCKS).max(1);
        let block = all.sum::<Duration>().saturating_sub(burn_in) / blocks;
        let unknown = plan.cells.iter().filter(|planned| of_cell(&planned.cell.id).is_none()).count();
        Self { pilot, burn_in, block, unknown }
    }
}

impl Dealt {
    /// How much it is, how long it takes, and what to do next, given where it stands.
    pub fn text(&self, path: &Path) -> String {
        let plan = &self.plan;
        let [cells, trials, blocks] =
            [plan.cells.len() as u64, plan.trials(), plan.blocks().into()].map(human::count);
        let seed = plan.seed;
        format!(
            "{}: {cells} cells, {trials} trials in {blocks} blocks, seed {seed}\n{}",
            path.display(),
            self.duration()
        )
    }

    fn duration(&self) -> String {
        let Some(Pace { pilot, burn_in, block, unknown }) = &self.pace else {
            return "No earlier run says how long that takes (--pilot names one), so that each cell has one process in each \
                    block."
                .into();
        };
        let known = self.plan.cells.len() - unknown;
        if known == 0 {
            return format!(
                "No cell of it is in {}, so that it is not known how long it takes.",
                pilot.display()
            );
        }
        let missing = match unknown {
            0 => String::new(),
            _ => format!(
                " {} of its cells are not known there, and their time is not in it.",
                human::count(*unknown as u64)
            ),
        };
        format!(
            "By {}: {} for block 0, which each shard runs first, and {} for each other block.{missing}",
            pilot.display(),
            human::duration(burn_in.as_nanos() as f64),
            human::duration(block.as_nanos() as f64)
        )
    }

    /// How long block 0 and one more take, as far as it is known: no shorter turn ends a block.
    pub fn shortest_turn(&self) -> Option<Duration> {
        self.pace.as_ref().map(|pace| pace.burn_in + pace.block)
    }

    /// How it comes out for each of so many shards, and what is wrong with that, if anything is.
    pub fn shards(&self, of: u32) -> (String, Vec<String>) {
        let blocks = |shard| Shard { shard, of }.blocks(&self.plan).len() as u64;
        let (fewest, most) =
            (0..of).map(blocks).fold((u64::MAX, 0), |(low, high), it| (low.min(it), high.max(it)));
        let each = if fewest == most { most.to_string() } else { format!("{fewest} to {most}") };
        let time = self.pace.as_ref().map_or_else(String::new, |pace| {
            let most = pace.burn_in + pace.block * u32::try_from(most).unwrap_or(u32::MAX);
            format!(", {} at most", human::duration(most.as_nanos() as f64))
        });
        let mut warnings: Vec<String> =
            self.plan.experiments.iter().filter_map(|one| self.too_few(one, of)).collect();
        if fewest == 0 {
            warnings.push(format!(
                "there are more shards than blocks: some shards have none (--blocks {})",
                of + BURN_IN_BLOCKS
            ));
        }
        (format!("{of} shards of {each} blocks each{time}."), warnings)
    }

    /// That the blocks of one shard cannot decide a claim of an experiment: its machine has no verdict then.
    fn too_few(&self, experiment: &PlannedExperiment, of: u32) -> Option<String> {
        let claims = claims_to_decide(&self.plan, experiment);
        let needed = u32::try_from(fewest_to_decide(claims)).ok()?;
        let blocks = experiment.preset.blocks.saturating_sub(BURN_IN_BLOCKS) / of;
        (claims > 0 && blocks < needed).then(|| {
            format!(
                "{}: a shard has {blocks} blocks, and needs {needed} for a verdict of its machine on one of {claims} \
                 claims (--blocks {})",
                experiment.name,
                needed.saturating_mul(of).saturating_add(BURN_IN_BLOCKS)
            )
        })
    }
}
