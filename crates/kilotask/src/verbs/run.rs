//! `kilotask run`: experiments, from the plan to the table.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use harness::discover::Runtime;
use harness::environment::{RuntimeState, cpus, instruments, survey};
use harness::experiment::{Experiment, PresetName};
use harness::journal::{Done, Journal, Mended, Resumed, read_plan, read_trials};
use harness::laboratory::Laboratory;
use harness::plan::{Circumstances, Plan, PlannedCell, runtimes_of};
use harness::run::{Ending, Limits, run as run_plan};
use harness::trace::SyscallTracer;
use harness::trial::Instruments;
use protocol::Status;
use report::Run;
use signal_hook::consts::SIGXFSZ;

use crate::lab::{BoundArguments, Lab, RunnerArguments, duration, peers, percent, say, watch_for_interrupts};
use crate::progress::Teller;
use crate::verbs::aggregate::summarise;
use crate::verbs::trial::seed_of_the_clock;
use crate::exit::ExitStatus;
use crate::table;
use results::human;

/// Run experiments into a folder, then summarise them
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  kilotask run experiments/thousand-tasks.toml --out results/mine\n  \
kilotask run experiments/*.toml --out results/mine --preset quick --seed 7\n  \
kilotask run experiments/*.toml --preset full --dry-run\n  \
kilotask run experiments/article.toml --out results/mine --blocks 101 --budget 5m --precision 2%\n  \
kilotask run experiments/thousand-tasks.toml --out results/mine --runner ~/my-runner\n  \
kilotask run --out results/mine --resume")]
pub struct Arguments {
    /// The experiments' files; none with --resume, which goes on with the plan in the folder
    #[arg(required_unless_present = "resume", conflicts_with = "resume", value_name = "EXPERIMENT")]
    experiments: Vec<PathBuf>,

    /// The folder for the results; must not hold another run
    #[arg(long, value_name = "DIR", required_unless_present = "dry_run")]
    out: Option<PathBuf>,

    /// Say what would be run, and run nothing
    #[arg(long, conflicts_with = "resume")]
    dry_run: bool,

    /// How much to run
    #[arg(long, default_value = "default", value_parser = preset, value_name = "quick|default|full")]
    preset: PresetName,

    /// Decides the order of trials and the seeds of their jobs [default: the clock]
    #[arg(long)]
    seed: Option<u64>,

    /// Timed trials of each cell, the burn-in block included [default: the preset's]
    #[arg(long, value_name = "N", conflicts_with = "resume", value_parser = clap::value_parser!(u32).range(2..=100_000))]
    blocks: Option<u32>,

    /// Stop, all cells together, before a block that would take the run beyond this time
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    budget: Option<Duration>,

    /// Stop, all cells together, once each makespan is known to this much either way (95 % interval)
    #[arg(long, value_name = "PERCENT", conflicts_with = "resume", value_parser = percent)]
    precision: Option<f64>,

    /// Go on with a run that was broken off, or that its budget stopped
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
            budget: None,
            precision: None,
            resume,
            runners: RunnerArguments::default(),
            bounds: BoundArguments::default(),
        }
    }

    fn folder(&self) -> &Path {
        self.out.as_deref().expect("required of whoever runs anything")
    }
}

/// A run to be made or to be gone on with.
pub struct Order<'a> {
    /// Where to.
    pub folder: &'a Path,
    /// Whether to go on with the plan that stands there.
    pub resume: bool,
    /// The longest that this sitting may take.
    pub budget: Option<Duration>,
    /// The bounds of every runner.
    pub bounds: &'a BoundArguments,
    /// The command that goes on with it, once it was interrupted.
    pub go_on: String,
}

/// A run that has come to its end and is summarised.
pub struct Ended {
    /// What it says.
    pub run: Run,
    /// How many trials failed.
    failures: u64,
}

impl Ended {
    /// What it came to; trials that failed are told.
    pub fn verdict(&self, folder: &Path) -> ExitStatus {
        if self.failures == 0 {
            return ExitStatus::Good;
        }
        let path = folder.join("trials.csv");
        eprintln!("{} trials failed; their rows in {} say why", self.failures, path.display());
        ExitStatus::Failed
    }
}

/// A run whose plan is done, for whoever measures more in its folder.
pub struct Sitting<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The folder.
    pub journal: &'a Journal,
    /// Who runs trials.
    pub laboratory: Laboratory<'a>,
}

/// Runs the experiments.
pub fn run(arguments: &Arguments) -> Result<ExitStatus> {
    if arguments.dry_run {
        let can_trace = SyscallTracer::new().is_ok();
        say(&describe(&plan(arguments, &open(arguments)?, can_trace)?))?;
        return Ok(ExitStatus::Good);
    }
    measure(arguments, |_| Ok(ExitStatus::Good))
}

/// The lab, with the versions that the experiments name, or the plan that is gone on with.
fn open(arguments: &Arguments) -> Result<Lab> {
    if arguments.resume {
        // What is wrong with the plan is told when it is gone on with.
        let plan = read_plan(arguments.folder()).ok();
        return Lab::open_for(&arguments.runners, plan.iter().flat_map(Plan::runtimes));
    }
    let versions = arguments.experiments.iter().map(|path| Experiment::versions(path));
    let versions: Vec<_> = versions.collect::<Result<_, _>>()?;
    Lab::open_wanting(&arguments.runners, &versions.into_iter().flatten().collect::<Vec<_>>())
}

/// Runs the experiments, then what `more` measures, and shows the table of it all.
pub fn measure(arguments: &Arguments, more: impl FnOnce(Sitting) -> Result<ExitStatus>) -> Result<ExitStatus> {
    let (lab, folder) = (open(arguments)?, arguments.folder());
    let order = Order {
        folder,
        resume: arguments.resume,
        budget: arguments.budget,
        bounds: &arguments.bounds,
        go_on: format!("kilotask run --out {} --resume{}", folder.display(), arguments.runners),
    };
    let ended = carry_out(&order, &lab, |can_trace| plan(arguments, &lab, can_trace), more)?;
    let Some(ended) = ended else { return Ok(ExitStatus::Interrupted) };
    say(&table::ending(folder, &ended.run))?;
    Ok(ended.verdict(folder))
}

/// Runs a plan, given whether system calls can be counted, then what `more` measures; `None` when it was
/// interrupted, which is told.
pub fn carry_out(
    order: &Order,
    lab: &Lab,
    plan: impl FnOnce(bool) -> Result<Plan>,
    more: impl FnOnce(Sitting) -> Result<ExitStatus>,
) -> Result<Option<Ended>> {
    let tracer = SyscallTracer::new();
    outlive_file_limits()?;
    let (mut journal, plan, done, refused) =
        if order.resume { resume(order.folder, lab)? } else { start(order.folder, lab, &tracer, plan)? };
    let interrupted = watch_for_interrupts()?;
    let bounds = order.bounds.bounds(&interrupted);
    let instruments = Instruments { tracer: tracer.ok(), bounds, peers: peers()? };
    let mut laboratory = Laboratory::new(&lab.runtimes, refused, instruments);
    let mut teller = Teller::new(plan.trials());
    let mut precise = |block| is_precise(order.folder, &plan, block);
    let precise: Option<&mut dyn FnMut(u32) -> bool> =
        if plan.precision.is_some() { Some(&mut precise) } else { None };
    let limits = Limits { budget: order.budget, precise };
    let ending = run_plan(&plan, &done, &mut journal, &mut laboratory, limits, |now| teller.tell(now));
    teller.finish();
    let mut ending = ending?;
    if !ending.interrupted {
        let sitting = Sitting { plan: &plan, journal: &journal, laboratory };
        ending.interrupted = more(sitting)? == ExitStatus::Interrupted;
    }
    conclude(order, &plan, &journal, &ending)
}

/// A file that grows beyond `ulimit -f` is to be an error that can be told, not the end of us. Runners
/// have the signal as it always was: a handler, unlike a signal that is ignored, is not inherited.
fn outlive_file_limits() -> Result<()> {
    let noticed = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(SIGXFSZ, noticed).context("signals cannot be watched")?;
    Ok(())
}

/// Whether each cell that has a trial in this block is known as precisely as the plan asks. What
/// cannot be read now will be told when it is summarised.
fn is_precise(folder: &Path, plan: &Plan, block: u32) -> bool {
    let Some(target) = plan.precision else { return false };
    let Ok(half_widths) = aggregate::half_widths(folder) else { return false };
    let to_come = plan.cells.iter().filter(|planned| planned.timed > block);
    to_come
        .map(|planned| half_widths.get(&planned.cell.id))
        .all(|half| half.is_some_and(|half| *half <= target))
}

type Started = (Journal, Plan, Done, Refused);
type Refused = HashMap<String, (Status, String)>;

fn start(
    folder: &Path,
    lab: &Lab,
    tracer: &Result<SyscallTracer, harness::trace::Forbidden>,
    plan: impl FnOnce(bool) -> Result<Plan>,
) -> Result<Started> {
    let plan = plan(tracer.is_ok())?;
    let states: Vec<RuntimeState> =
        runtimes_of(&plan, &lab.runtimes).into_iter().map(RuntimeState::of).collect();
    let refused = refused(&states);
    let environment = survey(&lab.root, states, instruments(&lab.runtimes, tracer));
    let journal = Journal::create(folder, &plan, &environment)?;
    Ok((journal, plan, Done::new(), refused))
}

/// The plan of what is asked for, checked.
fn plan(arguments: &Arguments, lab: &Lab, can_trace: bool) -> Result<Plan> {
    let infos = lab.infos();
    let experiments: Vec<Experiment> =
        arguments.experiments.iter().map(|path| Experiment::read(path, &infos)).collect::<Result<_, _>>()?;
    let here = Circumstances { runtimes: &lab.runtimes, cores: cpus(), can_trace };
    let seed = arguments.seed.unwrap_or_else(seed_of_the_clock);
    let plan = Plan::new(&experiments, arguments.preset, arguments.blocks, seed, &here);
    let plan = Plan { precision: arguments.precision, ..plan };
    check(&plan)?;
    Ok(plan)
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
    format!("{table}\n{cells} cells, {trials} trials in {blocks} blocks, preset {}", plan.preset.name())
}

fn resume(folder: &Path, lab: &Lab) -> Result<Started> {
    let Resumed { journal, plan, done, mended } = Journal::resume(folder)?;
    tell_mended(folder, &mended);
    let needed = runtimes_of(&plan, &lab.runtimes);
    check_runners(folder, &plan, &needed)?;
    let states: Vec<RuntimeState> = needed.into_iter().map(RuntimeState::of).collect();
    check_versions(folder, &plan, &states)?;
    Ok((journal, plan, done, refused(&states)))
}

/// Each runtime of a plan is here, and from the very runner that the plan has it from.
fn check_runners(folder: &Path, plan: &Plan, here: &[&Runtime]) -> Result<()> {
    let plan_in = format!("the plan in {}", folder.display());
    for planned in &plan.cells {
        let name = &planned.cell.runtime;
        let expected = plan.runners.get(name).map(PathBuf::as_path);
        let found = here.iter().find(|runtime| runtime.info.name == *name);
        match (expected, found.map(|runtime| runtime.runner.external_path())) {
            (expected, Some(found)) if expected == found => {}
            (None, None) => bail!("{plan_in} needs runtime {name:?}, which is not here"),
            (Some(path), None) => bail!(
                "{plan_in} needs runtime {name:?} of the runner at {path}; go on with --runner {path}",
                path = path.display()
            ),
            (expected, Some(found)) => bail!(
                "{plan_in} has runtime {name:?} from {}, and here it is from {}; go on with the runner that it \
                 began with, or start a new run",
                place(expected),
                place(found)
            ),
        }
    }
    Ok(())
}

/// Where a runner stands, in words.
fn place(elsewhere: Option<&Path>) -> String {
    elsewhere.map_or_else(|| "this checkout".into(), |path| path.display().to_string())
}

/// A cell is of one version of its runtime: rows of another could not be summarised with those that
/// stand already.
fn check_versions(folder: &Path, plan: &Plan, states: &[RuntimeState]) -> Result<()> {
    let runtimes: HashMap<&str, &str> =
        plan.cells.iter().map(|planned| (&*planned.cell.id, &*planned.cell.runtime)).collect();
    let versions: HashMap<&str, &str> =
        states.iter().map(|state| (&*state.info.name, &*state.info.version)).collect();
    for row in read_trials(folder)?.into_iter().filter(|row| row.status == Status::Ok) {
        let Some(runtime) = runtimes.get(&*row.cell) else { continue };
        if let Some(version) = versions.get(runtime).filter(|version| **version != row.runtime_version) {
            bail!(
                "the trials in {} are of {runtime} {}, and here is {version}; go on with the version that it \
                 began with, or start a new run",
                folder.display(),
                row.runtime_version
            );
        }
    }
    Ok(())
}

fn tell_mended(folder: &Path, mended: &Mended) {
    let Mended { files, again } = *mended;
    if files {
        eprintln!("{}: what was written by half has been removed", folder.display());
    }
    if again > 0 {
        eprintln!("{again} trials lack rounds or spans that they had; they are run again");
    }
}

/// The runtimes that do not start here, with the reason for their rows.
fn refused(states: &[RuntimeState]) -> Refused {
    let not_ok = states.iter().filter(|state| state.status != Status::Ok);
    not_ok.map(|state| (state.info.name.clone(), (state.status, state.reason.clone()))).collect()
}

/// Refuses a plan of nothing, and one of two cells that could not be told apart.
pub fn check(plan: &Plan) -> Result<()> {
    if plan.cells.is_empty() {
        bail!("no runtime here supports what these experiments ask");
    }
    let mut seen = HashSet::new();
    if let Some(twice) = plan.cells.iter().find(|planned| !seen.insert(&planned.cell.id)) {
        bail!("cell {} is planned twice; an experiment or a combination is given twice", twice.cell.id);
    }
    Ok(())
}

fn conclude(order: &Order, plan: &Plan, journal: &Journal, ending: &Ending) -> Result<Option<Ended>> {
    if ending.interrupted {
        eprintln!("interrupted; every finished trial is kept. Go on with: {}", order.go_on);
        return Ok(None);
    }
    journal.write_ending(&ending.record(plan))?;
    let run = summarise(order.folder).with_context(|| format!("summarising {}", order.folder.display()))?;
    report::write_of(&run, order.folder)?;
    Ok(Some(Ended { run, failures: ending.failures() }))
}

fn preset(text: &str) -> Result<PresetName, String> {
    PresetName::ALL.into_iter().find(|preset| preset.name() == text).ok_or_else(|| {
        let known = harness::did_you_mean(text, PresetName::ALL.map(PresetName::name));
        format!("unknown preset{known}")
    })
}
