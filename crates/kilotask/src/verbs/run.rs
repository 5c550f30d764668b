//! `kilotask run`: runs experiments, and shows their table.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use harness::counters::Counters;
use harness::experiment::PresetName;
use harness::journal::read_plan;
use harness::plan::{Plan, PlannedCell};
use results::{Deal, Shard, human};

use crate::arguments::{BoundArguments, MachineArguments, RunnerArguments, deal, duration, percent};
use crate::exit::ExitStatus;
use crate::lab::{Lab, Wanted, check_machine, say};
use crate::pilot::{self, Pilot};
use crate::planning::{Planning, open_for, preset};
use crate::sitting::{FinishedRun, Request, SittingRun, sit};
use crate::table;
use crate::turn::Turn;
use crate::verbs::sensitivity::SensitivityArguments;

/// Run experiments into a folder, then summarise them
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  kilotask run experiments/thousand-tasks.toml --out results/mine\n  \
kilotask run experiments/*.toml --out results/mine --preset quick --seed 7\n  \
kilotask run experiments/*.toml --preset full --dry-run\n  \
kilotask run experiments/echo.toml --runtimes 'tokio*,threads' --out results/mine\n  \
kilotask run experiments/article.toml --out results/mine --blocks 101 --budget 5m --precision 2%\n  \
kilotask run experiments/article.toml --sensitivity 5% --pilot results/latest --claims asyncio-faster,few-tasks-10 --dry-run\n  \
kilotask run basics --runner ~/my-runner --out results/mine          # anywhere, without a checkout\n  \
kilotask run --out results/mine --resume\n  \
kilotask run --plan dealt/plan.json --shard 0/4 --out dealt/parts   # after: kilotask plan")]
pub struct Arguments {
    /// The experiment files, or `basics`, which is built in; none with --resume, which continues the plan in the folder
    #[arg(required_unless_present_any = ["resume", "plan"], conflicts_with = "resume", value_name = "EXPERIMENT")]
    experiments: Vec<PathBuf>,

    /// Measure only these runtimes of the experiments; `*` stands for any letters
    #[arg(long, value_name = "A,B", value_delimiter = ',', conflicts_with = "resume")]
    runtimes: Vec<String>,

    /// The folder for the results; must not hold another run
    #[arg(long, value_name = "DIR", required_unless_present = "dry_run")]
    out: Option<PathBuf>,

    /// Run a shard of this plan, which kilotask plan has written; --out is then the folder for the parts of all shards,
    /// and each turn of a shard makes a folder in it
    #[arg(long, value_name = "FILE", requires = "out", conflicts_with_all = ["experiments", "runtimes", "dry_run",
        "preset", "seed", "blocks", "sittings", "looks", "processes", "budget", "precision", "sensitivity", "resume"])]
    plan: Option<PathBuf>,

    /// Which shard: K/N runs every N-th block, from block K on, after a burn-in block of its own; the same again goes on with
    /// what is left [default: 0/1, all blocks]
    #[arg(long, value_name = "K/N", requires = "plan")]
    shard: Option<Shard>,

    /// How the plan is dealt to the shards: `groups` are all blocks of some of the groups, for a plan of which one block is
    /// too long for any machine; the same for all shards [default: blocks]
    #[arg(long, value_name = "blocks|groups", requires = "plan", value_parser = deal)]
    deal: Option<Deal>,

    /// Show what would run, and run nothing
    #[arg(long, conflicts_with = "resume")]
    dry_run: bool,

    /// How much to measure
    #[arg(long, default_value = "default", value_parser = preset, value_name = "quick|default|full")]
    preset: PresetName,

    /// Decides the order of the trials and the seeds of their jobs [default: from the clock]
    #[arg(long)]
    seed: Option<u64>,

    /// Timed trials of each cell, including the burn-in block [default: the preset's]
    #[arg(long, value_name = "N", conflicts_with = "resume", value_parser = clap::value_parser!(u32).range(2..=100_000))]
    blocks: Option<u32>,

    /// Trials of each cell that count instructions, where they can be counted; `compare` needs six [default: the preset's]
    #[arg(long, value_name = "N", conflicts_with = "resume", value_parser = clap::value_parser!(u32).range(..=100_000))]
    instructions: Option<u32>,

    /// Number of sittings that the blocks are divided into; the lab restarts between two of them [default: 3,
    /// or fewer if there are few blocks; 1 with --precision]
    #[arg(long, value_name = "N", conflicts_with = "resume", value_parser = clap::value_parser!(u32).range(1..=100))]
    sittings: Option<u32>,

    /// Number of looks at the claims: after each look, the cells of undecided claims get as many blocks again
    /// [default: 1; 2 with --preset full]
    #[arg(long, value_name = "N", conflicts_with_all = ["resume", "precision"], value_parser = clap::value_parser!(u32).range(1..=5))]
    looks: Option<u32>,

    /// Limit on the processes of a short cell in one block, in groups that claims are about [default: as many
    /// as fit into 0.1 s, up to 16; 1 with --preset quick]
    #[arg(long, value_name = "N", conflicts_with = "resume", value_parser = clap::value_parser!(u32).range(1..=1000))]
    processes: Option<u32>,

    /// Stop, with all cells together, before a block that would exceed this time. After block 0, long cells that no claim is
    /// about get fewer blocks if the plan would not fit
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    budget: Option<Duration>,

    /// Stop, with all cells together, when the 95 % interval of each makespan is within this much of
    /// it
    #[arg(long, value_name = "PERCENT", conflicts_with = "resume", value_parser = percent)]
    precision: Option<f64>,

    #[command(flatten)]
    sensitivity: SensitivityArguments,

    /// Resume a run that was interrupted or that reached its budget
    #[arg(long)]
    resume: bool,

    #[command(flatten)]
    machine: MachineArguments,

    #[command(flatten)]
    runners: RunnerArguments,

    #[command(flatten)]
    bounds: BoundArguments,
}

impl Arguments {
    /// One experiment, so many blocks, and all else by default: what another verb runs.
    pub fn of(experiment: PathBuf, out: &Path, blocks: u32, seed: Option<u64>, resume: bool) -> Self {
        Self {
            experiments: vec![experiment],
            runtimes: Vec::new(),
            out: Some(out.into()),
            plan: None,
            shard: None,
            deal: None,
            dry_run: false,
            preset: PresetName::Default,
            seed,
            blocks: Some(blocks),
            instructions: None,
            sittings: Some(1),
            looks: Some(1),
            processes: None,
            budget: None,
            precision: None,
            sensitivity: SensitivityArguments::default(),
            resume,
            machine: MachineArguments::default(),
            runners: RunnerArguments::default(),
            bounds: BoundArguments::default(),
        }
    }

    /// What the plan is to be made of.
    fn wanted(&self) -> Planning<'_> {
        Planning {
            experiments: &self.experiments,
            runtimes: &self.runtimes,
            preset: self.preset,
            seed: self.seed,
            blocks: self.blocks,
            instructions: self.instructions,
            sittings: self.sittings,
            looks: self.looks,
            processes: self.processes,
            precision: self.precision,
            sensitivity: Some(&self.sensitivity),
            is_dry: self.dry_run,
            cpus: None,
        }
    }

    /// The plan. One of the preset `full` is by the times of the committed run: its long cells have no burn-in.
    fn plan(&self, lab: &Lab, counters: &Counters) -> Result<Plan> {
        let mut plan = self.wanted().plan(lab, counters)?;
        let is_settled_later = plan.equal_time.is_some() && plan.preset == PresetName::Full;
        if let Some(pilot) = pilot::committed(lab).filter(|_| is_settled_later) {
            Pilot::read(&pilot)?.note(&mut plan);
        }
        Ok(plan)
    }

    fn folder(&self) -> &Path {
        self.out.as_deref().expect("an option that all but --dry-run require")
    }
}

pub fn run(arguments: &Arguments) -> Result<ExitStatus> {
    if arguments.dry_run {
        say(&describe(&arguments.plan(&open(arguments)?, &Counters::find())?))?;
        return Ok(ExitStatus::Good);
    }
    if let Some(plan) = &arguments.plan {
        let turn = Turn {
            plan,
            shard: arguments.shard.unwrap_or(Shard::WHOLE),
            deal: arguments.deal.unwrap_or_default(),
            parts: arguments.folder(),
            machine: &arguments.machine,
            runners: &arguments.runners,
            bounds: &arguments.bounds,
        };
        return turn.run();
    }
    let finished = measure(arguments, |_| Ok(ExitStatus::Good))?;
    let Some(finished) = finished else { return Ok(ExitStatus::Interrupted) };
    let folder = arguments.folder();
    say(&table::screen::ending(folder, &finished.run))?;
    Ok(finished.status(folder))
}

/// The lab, with the versions that the experiments name, or the plan that is resumed.
fn open(arguments: &Arguments) -> Result<Lab> {
    let wanted = Wanted::runners(&arguments.runners);
    if arguments.resume {
        // What is wrong with the plan is reported when it is resumed.
        let plan = read_plan(arguments.folder()).ok();
        return Lab::open(&wanted.runtimes(plan.iter().flat_map(Plan::runtimes)));
    }
    open_for(&arguments.experiments, wanted)
}

/// Runs the experiments, then what `more` measures. `None` when it was interrupted.
pub fn measure(
    arguments: &Arguments,
    more: impl FnOnce(SittingRun) -> Result<ExitStatus>,
) -> Result<Option<FinishedRun>> {
    check_machine()?;
    let (lab, folder) = (open(arguments)?, arguments.folder());
    let request = Request {
        folder,
        resume: arguments.resume,
        budget: arguments.budget,
        bounds: &arguments.bounds,
        machine: arguments.machine.machine(),
        resume_command: format!(
            "kilotask run --out {} --resume{}{}",
            folder.display(),
            arguments.machine,
            arguments.runners
        ),
    };
    sit(&request, &lab, |counters| arguments.plan(&lab, counters), more)
}

/// How much a plan is, a line an experiment.
fn describe(plan: &Plan) -> String {
    let mut table = table::new_table(&["experiment", "cells", "trials", "left out", "what it asks"]);
    for experiment in &plan.experiments {
        let cells = plan.cells.iter().filter(|planned| planned.cell.experiment == experiment.name);
        let trials: u64 = cells.clone().map(PlannedCell::trials).sum();
        let left_out = plan.left_out.iter().filter(|out| out.experiment == experiment.name).count();
        let counts = [cells.count() as u64, trials, left_out as u64].map(human::count);
        table.add_row(
            std::iter::once(experiment.name.clone()).chain(counts).chain([experiment.question.clone()]),
        );
    }
    let (cells, trials, blocks) = (plan.cells.len() as u64, plan.trials(), plan.blocks().into());
    let [cells, trials, blocks] = [cells, trials, blocks].map(human::count);
    let preset = plan.preset.name();
    let more = plan.equal_time.map_or("", |_| {
        "\nBlock 0 shows how long each cell takes. Then short cells that claims are about get several \
         processes per block, and long cells get fewer blocks."
    });
    format!("{table}\n{cells} cells, {trials} trials in {blocks} blocks, preset {preset}{more}")
}
