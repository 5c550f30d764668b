//! A plan that is dealt to several machines: made whole before any of them begins, so that all have the same one.
//!
//! An ordinary run settles how often each cell runs after its block 0, and may look at its claims and go on. With several
//! machines each would settle that for itself, so that it is settled beforehand: by the times of an earlier run, and with a
//! single look at the claims, after all blocks.

use std::path::{Path, PathBuf};
use std::time::Duration;

use aggregate::stats::sign::fewest_to_decide;
use anyhow::{Context, Result, ensure};
use harness::counters::Counters;
use harness::experiment::PresetName;
use harness::pace;
use harness::plan::{Plan, PlannedCell, PlannedExperiment};
use results::deal::{hands, lots_of};
use results::folder::{PLAN, TRIALS};
use results::plan::BURN_IN_BLOCKS;
use results::{Deal, Shard, disk, human};

use crate::arguments::{RunnerArguments, deal};
use crate::lab::{Lab, Wanted};
use crate::pilot::{self, Pilot};
use crate::planning::{Planning, claims_to_decide, open_for, preset};

/// What is measured, and how a plan of it is made for several machines.
#[derive(clap::Args)]
pub struct DealArguments {
    /// The experiment files
    #[arg(required = true, value_name = "EXPERIMENT")]
    pub experiments: Vec<PathBuf>,

    /// Measure only these runtimes of the experiments; `*` stands for any letters
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub runtimes: Vec<String>,

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

    /// What goes to a machine: `blocks` of all groups, or `groups` in all blocks, for a plan of which one block is too long
    /// for any machine
    #[arg(long, default_value = "blocks", value_parser = deal, value_name = "blocks|groups")]
    pub deal: Deal,

    #[command(flatten)]
    pub runners: RunnerArguments,
}

/// A plan that can be dealt, and how long it will take.
pub struct Dealt {
    pub plan: Plan,
    deal: Deal,
    /// The run that shows how long it takes.
    pilot: Option<PathBuf>,
}

/// How long some cells of a plan take, by the times of another run.
struct Pace {
    burn_in: Duration,
    block: Duration,
    /// Cells whose time is not known.
    unknown: usize,
}

impl DealArguments {
    /// Makes the plan.
    pub fn plan(&self) -> Result<Dealt> {
        let lab = open_for(&self.experiments, Wanted::runners(&self.runners))?;
        let mut plan = self.wanted().plan(&lab, &Counters::find())?;
        let pilot = self.pilot(&lab)?;
        match &pilot {
            None => plan.equal_time = None,
            Some(folder) => {
                let pilot = Pilot::read(folder)?;
                pilot.note(&mut plan);
                pace::settle(&mut plan, &pilot.trials, None, Duration::ZERO);
            }
        }
        Ok(Dealt { plan, deal: self.deal, pilot })
    }

    fn wanted(&self) -> Planning<'_> {
        Planning {
            experiments: &self.experiments,
            runtimes: &self.runtimes,
            preset: self.preset,
            seed: self.seed,
            blocks: self.blocks,
            instructions: None,
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
        Ok(pilot::committed(lab))
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

impl Pace {
    /// How long the cells take that `is_own` chooses.
    fn of(plan: &Plan, is_own: impl Fn(&PlannedCell) -> bool) -> Self {
        let own = || plan.cells.iter().filter(|planned| is_own(planned));
        let of_trial = |planned: &PlannedCell| planned.expected_us.map(Duration::from_micros);
        let burn_in = own().filter(|planned| planned.burn_in).filter_map(of_trial).sum();
        let all = own().filter_map(|planned| {
            let trials = u32::try_from(planned.trials()).unwrap_or(u32::MAX);
            Some(of_trial(planned)?.saturating_mul(trials))
        });
        let blocks = blocks_that_count(plan).max(1);
        let block = all.sum::<Duration>().saturating_sub(burn_in) / blocks;
        let unknown = own().filter(|planned| planned.expected_us.is_none()).count();
        Self { burn_in, block, unknown }
    }

    /// How long block 0 and so many more take.
    fn of_blocks(&self, blocks: u32) -> Duration {
        self.burn_in + self.block.saturating_mul(blocks)
    }
}

/// The blocks of a plan beside the burn-in.
fn blocks_that_count(plan: &Plan) -> u32 {
    plan.blocks().saturating_sub(BURN_IN_BLOCKS)
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
        let Some(pilot) = &self.pilot else {
            return "No earlier run says how long that takes (--pilot names one), so that each cell has one process in each \
                    block."
                .into();
        };
        let Pace { burn_in, block, unknown } = Pace::of(&self.plan, |_| true);
        if unknown == self.plan.cells.len() {
            return format!(
                "No cell of it is in {}, so that it is not known how long it takes.",
                pilot.display()
            );
        }
        let missing = match unknown {
            0 => String::new(),
            _ => format!(
                " {} of its cells are not known there, and their time is not in it.",
                human::count(unknown as u64)
            ),
        };
        let of_all = if self.deal.is_blocks() { "" } else { ", of all groups together" };
        format!(
            "By {}: {} for block 0, which each shard runs first, and {} for each other block{of_all}.{missing}",
            pilot.display(),
            human::duration(burn_in.as_nanos() as f64),
            human::duration(block.as_nanos() as f64)
        )
    }

    /// How long block 0 and so many more take on the machine that has most of so many shards, as far as it is known.
    fn longest(&self, of: u32, blocks: u32) -> Option<Duration> {
        self.pilot.as_ref()?;
        let paces = match self.deal {
            Deal::Blocks => vec![Pace::of(&self.plan, |_| true)],
            Deal::Groups => hands(&self.plan, of)
                .iter()
                .map(|groups| Pace::of(&self.plan, |planned| groups.contains(&planned.cell.group)))
                .collect(),
        };
        paces.iter().map(|pace| pace.of_blocks(blocks)).max()
    }

    /// How long block 0 and one more take, as far as it is known: no shorter turn ends a block.
    pub fn shortest_turn(&self, of: u32) -> Option<Duration> {
        self.longest(of, 1)
    }

    /// How it comes out for each of so many shards, and what is wrong with that, if anything is.
    pub fn shards(&self, of: u32) -> (String, Vec<String>) {
        if self.deal.is_blocks() { self.shards_of_blocks(of) } else { self.shards_of_groups(of) }
    }

    fn shards_of_groups(&self, of: u32) -> (String, Vec<String>) {
        let groups = hands(&self.plan, of).into_iter().map(|groups| groups.len() as u64);
        let blocks = blocks_that_count(&self.plan);
        let mut warnings: Vec<String> =
            self.plan.experiments.iter().filter_map(|one| self.too_few(one, 1)).collect();
        let most = lots_of(&self.plan);
        if most < of as usize {
            warnings.push(format!(
                "there are more shards than groups that can be parted: some shards have none (--shards {most})"
            ));
        }
        let (each, time) = (range(groups), self.at_most(of, blocks));
        (format!("{of} shards of {each} groups each, {blocks} blocks of them{time}."), warnings)
    }

    fn shards_of_blocks(&self, of: u32) -> (String, Vec<String>) {
        let blocks = |shard| Shard { shard, of }.blocks(&self.plan).len() as u64;
        let of_each: Vec<u64> = (0..of).map(blocks).collect();
        let fewest = of_each.iter().min().copied().unwrap_or(0);
        let most = of_each.iter().max().and_then(|most| u32::try_from(*most).ok()).unwrap_or(u32::MAX);
        let (each, time) = (range(of_each.into_iter()), self.at_most(of, most));
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

    /// How long it takes on the machine that has most: `, 9.5 min at most`; nothing where that is not known.
    fn at_most(&self, of: u32, blocks: u32) -> String {
        let longest = self.longest(of, blocks);
        longest.map_or_else(String::new, |longest| {
            format!(", {} at most", human::duration(longest.as_nanos() as f64))
        })
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

/// The least and the most of some numbers: `3 to 5`, or `3` where all are the same.
fn range(numbers: impl Iterator<Item = u64>) -> String {
    let (least, most) = numbers.fold((u64::MAX, 0), |(least, most), it| (least.min(it), most.max(it)));
    if least >= most { most.to_string() } else { format!("{least} to {most}") }
}
