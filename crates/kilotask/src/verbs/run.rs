//! `kilotask run`: runs experiments, and shows their table.

use std::path::{Path, PathBuf};
use std::time::Duration;

use aggregate::stats::sign::fewest_to_decide;
use anyhow::Result;
use harness::environment::cpus;
use harness::experiment::{Experiment, PresetName};
use harness::journal::read_plan;
use harness::pace::EQUAL_TIME;
use harness::plan::{Circumstances, Plan, PlannedCell, PlannedExperiment};
use harness::sitting;
use harness::trace::SyscallTracer;
use results::{EqualTime, human};

use crate::arguments::{BoundArguments, RunnerArguments, duration, one_of, percent};
use crate::exit::ExitStatus;
use crate::lab::{Lab, Wanted, clock_seed, say};
use crate::sitting::{FinishedRun, Request, SittingRun, sit};
use crate::table;
use crate::verbs::sensitivity::{Choice, SensitivityArguments};

/// Run experiments into a folder, then summarise them
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  kilotask run experiments/thousand-tasks.toml --out results/mine\n  \
kilotask run experiments/*.toml --out results/mine --preset quick --seed 7\n  \
kilotask run experiments/*.toml --preset full --dry-run\n  \
kilotask run experiments/article.toml --out results/mine --blocks 101 --budget 5m --precision 2%\n  \
kilotask run experiments/article.toml --sensitivity 5% --pilot results/latest --claims asyncio-faster,few-tasks-10 --dry-run\n  \
kilotask run experiments/thousand-tasks.toml --out results/mine --runner ~/my-runner\n  \
kilotask run --out results/mine --resume")]
pub struct Arguments {
    /// The experiment files; none with --resume, which continues the plan in the folder
    #[arg(required_unless_present = "resume", conflicts_with = "resume", value_name = "EXPERIMENT")]
    experiments: Vec<PathBuf>,

    /// The folder for the results; must not hold another run
    #[arg(long, value_name = "DIR", required_unless_present = "dry_run")]
    out: Option<PathBuf>,

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

    /// Stop, with all cells together, before a block that would exceed this time
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
    runners: RunnerArguments,

    #[command(flatten)]
    bounds: BoundArguments,
}

impl Arguments {
    /// One experiment, so many blocks, and all else by default: what another verb runs.
    pub fn of(experiment: PathBuf, out: &Path, blocks: u32, seed: Option<u64>, resume: bool) -> Self {
        Self {
            experiments: vec![experiment],
            out: Some(out.into()),
            dry_run: false,
            preset: PresetName::Default,
            seed,
            blocks: Some(blocks),
            sittings: Some(1),
            looks: Some(1),
            processes: None,
            budget: None,
            precision: None,
            sensitivity: SensitivityArguments::default(),
            resume,
            runners: RunnerArguments::default(),
            bounds: BoundArguments::default(),
        }
    }

    fn folder(&self) -> &Path {
        self.out.as_deref().expect("an option that all but --dry-run require")
    }
}

pub fn run(arguments: &Arguments) -> Result<ExitStatus> {
    if arguments.dry_run {
        let can_trace = SyscallTracer::new().is_ok();
        say(&describe(&plan(arguments, &open(arguments)?, can_trace)?))?;
        return Ok(ExitStatus::Good);
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
    let versions = arguments.experiments.iter().map(|path| Experiment::versions(path));
    let versions: Vec<_> = versions.collect::<Result<_, _>>()?;
    Lab::open(&Wanted { versions: versions.into_iter().flatten().collect(), ..wanted })
}

/// Runs the experiments, then what `more` measures. `None` when it was interrupted.
pub fn measure(
    arguments: &Arguments,
    more: impl FnOnce(SittingRun) -> Result<ExitStatus>,
) -> Result<Option<FinishedRun>> {
    let (lab, folder) = (open(arguments)?, arguments.folder());
    let request = Request {
        folder,
        resume: arguments.resume,
        budget: arguments.budget,
        bounds: &arguments.bounds,
        resume_command: format!("kilotask run --out {} --resume{}", folder.display(), arguments.runners),
    };
    sit(&request, &lab, |can_trace| plan(arguments, &lab, can_trace), more)
}

fn plan(arguments: &Arguments, lab: &Lab, can_trace: bool) -> Result<Plan> {
    let infos = lab.infos();
    let known_truth = known_truth(arguments, lab);
    let files = arguments.experiments.iter().chain(&known_truth);
    let experiments: Vec<Experiment> =
        files.map(|path| Experiment::read(path, &infos)).collect::<Result<_, _>>()?;
    let here = Circumstances { runtimes: &lab.runtimes, cores: cpus(), can_trace };
    let seed = arguments.seed.unwrap_or_else(clock_seed);
    let plan = harness::plan::make(&experiments, arguments.preset, arguments.blocks, seed, &here);
    let plan = match arguments.sensitivity.choose(&plan, &arguments.experiments, &lab.root)? {
        None => plan,
        Some(Choice { plan, text }) => {
            // The table of a run is that of its end.
            if arguments.dry_run {
                say(&text)?;
            } else {
                tell!("{text}");
            }
            plan
        }
    };
    let one = arguments.precision.map(|_| 1);
    let sittings = arguments.sittings.or(one).unwrap_or(plan.sittings);
    let equal_time = match arguments.processes {
        None => plan.equal_time,
        Some(1) => None,
        Some(most_processes) => Some(EqualTime { most_processes, ..EQUAL_TIME }),
    };
    let looks = arguments.looks.or(one).unwrap_or(plan.looks);
    let plan = Plan { precision: arguments.precision, sittings, looks, equal_time, ..plan };
    sitting::check(&plan)?;
    for shortfall in plan.experiments.iter().filter_map(|experiment| too_few_blocks(&plan, experiment)) {
        tell!("{shortfall}");
    }
    Ok(plan)
}

/// The experiment of programs whose truth is known, with which a run shows what it can see and how often it is wrong. It
/// is part of every plan, unless it is given, or a look is to be quick, or all of the plan is of known truth.
fn known_truth(arguments: &Arguments, lab: &Lab) -> Option<PathBuf> {
    let is_given =
        |name: &str| arguments.experiments.iter().any(|path| path.file_stem() == Some(name.as_ref()));
    let file = lab.root.join("experiments/known-truth.toml");
    let is_needed =
        arguments.preset != PresetName::Quick && !is_given("known-truth") && !is_given("calibration");
    (is_needed && file.exists()).then_some(file)
}

/// That an experiment has too few blocks to decide any of its claims, and how to give it enough.
fn too_few_blocks(plan: &Plan, experiment: &PlannedExperiment) -> Option<String> {
    let name = &experiment.name;
    let claims = plan.claims.iter().filter(|claim| claim.experiment == *name && claim.untestable.is_none());
    // Those as published come first; where there are none, all come first.
    let published = claims.clone().filter(|claim| !claim.variant).count();
    let claims = if published > 0 { published } else { claims.count() };
    // The last look sees twice as many blocks as the one before, and each has its share of what may be wrong.
    let blocks = experiment.preset.blocks.saturating_sub(plan.burn_in_blocks) << (plan.looks - 1);
    let needed = u32::try_from(fewest_to_decide(claims * plan.looks as usize)).ok()?;
    (claims > 0 && blocks < needed).then(|| {
        let all = needed.div_ceil(1 << (plan.looks - 1)) + plan.burn_in_blocks;
        format!("{name}: too few blocks for its {claims} claims: it has {blocks}, and needs {needed} to decide one (--blocks {all})")
    })
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

fn preset(text: &str) -> Result<PresetName, String> {
    one_of("unknown preset", &PresetName::ALL, PresetName::name, text)
}
