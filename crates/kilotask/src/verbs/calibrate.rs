//! `kilotask calibrate`: measures how often the lab itself is wrong.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use aggregate::BLOCKS;
use anyhow::{Context, Result, bail, ensure};
use harness::order_effect;
use harness::process::{Bounds, Supervised};
use harness::run::BrokenOff;
use results::folder::ORDERS;
use results::plan::{BURN_IN_BLOCKS, Plan, PlannedCell};

use super::run;
use crate::exit::ExitStatus;
use crate::lab::{Lab, say};
use crate::sitting::SittingRun;
use crate::table;

/// Measure the lab itself: its false alarms, coverage, power and bias
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  kilotask calibrate --out results/calibration\n  \
kilotask calibrate --out results/calibration --resume\n\n\
Runs programs whose difference is known and compares them many times: one program under two names, and the \
same with 1, 2 and 5 % more work. Writes calibration.csv beside the results.")]
pub struct Arguments {
    /// The folder for the results; must not hold another run
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Comparisons of each pair of programs; half as many of the orders of trials
    #[arg(long, default_value_t = 60, value_name = "N", conflicts_with = "resume",
        value_parser = clap::value_parser!(u32).range(1..=5000))]
    comparisons: u32,

    /// Decides the order of the trials and the seeds of their jobs [default: from the clock]
    #[arg(long, conflicts_with = "resume")]
    seed: Option<u64>,

    /// Resume the calibration in the folder
    #[arg(long)]
    resume: bool,

    /// Show every figure, and not only as many as fit one screen
    #[arg(long)]
    all: bool,
}

pub fn run(arguments: &Arguments) -> Result<ExitStatus> {
    let experiment = Lab::root()?.join("experiments/calibration.toml");
    let blocks = BURN_IN_BLOCKS + arguments.comparisons * BLOCKS;
    let arguments_of_run =
        run::Arguments::of(experiment, &arguments.out, blocks, arguments.seed, arguments.resume);
    let finished = run::measure(&arguments_of_run, |run| compare_orders(&arguments.out, run))?;
    let Some(finished) = finished else { return Ok(ExitStatus::Interrupted) };
    let rows = aggregate::calibrate(&arguments.out)
        .with_context(|| format!("calibrating from {}", arguments.out.display()))?;
    // Once more, now that calibration.csv is there.
    export::datapackage::write(&arguments.out)?;
    // The report was written before it had these figures.
    report::write(&arguments.out)?;
    say(&table::calibrate::ending(&arguments.out, &rows, arguments.all))?;
    Ok(finished.status(&arguments.out))
}

/// After all trials: the same two programs in blocks and one after the other, beside a background
/// load.
fn compare_orders(folder: &Path, run: SittingRun) -> Result<ExitStatus> {
    let SittingRun { sitting, mut laboratory } = run;
    let plan = &sitting.plan;
    if folder.join(ORDERS).exists() {
        return Ok(ExitStatus::Good);
    }
    let pair = [cell(plan, "same-a")?, cell(plan, "same-b")?];
    let comparisons = (plan.blocks() / BLOCKS / 2).max(1);
    let mut background_load = background_load(plan.seed)?;
    let show = |done: u32| {
        if done.is_multiple_of(10) {
            tell!("{done}/{comparisons} comparisons of orders, beside a background load");
        }
    };
    let samples = order_effect::compare(pair, &mut laboratory, comparisons, BLOCKS, plan.seed, show);
    let samples = match samples {
        Ok(samples) => samples,
        Err(BrokenOff::Interrupted) => return Ok(ExitStatus::Interrupted),
        Err(BrokenOff::Hindered(how)) => {
            bail!("{how}. Resume with: kilotask calibrate --out {} --resume", folder.display())
        }
    };
    let last_words = background_load.stderr_tail();
    ensure!(!background_load.has_ended(), "the background load ended too early: {last_words}");
    sitting.journal.write_orders(&samples)?;
    Ok(ExitStatus::Good)
}

fn cell<'a>(plan: &'a Plan, label: &str) -> Result<&'a PlannedCell> {
    let found = plan.cells.iter().find(|planned| planned.cell.label == label);
    found.with_context(|| format!("the plan has no cell of {label}; is runtime-control built?"))
}

/// The load that comes and goes; it ends when it is dropped. Supervised, since whatever else we
/// start is taken for something that a runner left behind, and ended with its trial.
fn background_load(seed: u64) -> Result<Supervised<'static>> {
    let program = env::current_exe().context("this program cannot find itself")?;
    // Nothing is asked of it, so that no wait for an answer has to be interrupted.
    let bounds = Bounds::uninterrupted(Duration::MAX, u64::MAX);
    Supervised::start(Command::new(program).args(["background-load", &seed.to_string()]), bounds)
        .context("starting the background load")
}
