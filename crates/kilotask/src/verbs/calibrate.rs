//! `kilotask calibrate`: how often the lab itself is wrong.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use aggregate::{BLOCKS, ORDERS};
use anyhow::{Context, Result};
use harness::order;
use harness::plan::{BURN_IN_BLOCKS, Plan, PlannedCell};

use super::run::{self, Sitting};
use crate::lab::{Lab, say};
use crate::{Verdict, table};

/// Repetitions of the comparison of orders, and trials of each runtime in one.
const REPETITIONS: u32 = 100;
const TRIALS: u32 = BLOCKS;

/// Measure the lab itself: its false alarms, its coverage, its power, its bias
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  kilotask calibrate --out results/calibration\n  \
kilotask calibrate --out results/calibration --resume\n\n\
Programs of known truth are run and compared again and again: one program under two names, and the same\n\
with 1, 2 and 5 % more to do. Writes calibration.csv beside what it measured.")]
pub struct Arguments {
    /// The folder for the results; must not hold another run
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Comparisons of each pair of programs
    #[arg(long, default_value_t = 200, value_name = "N", conflicts_with = "resume",
        value_parser = clap::value_parser!(u32).range(1..=5000))]
    comparisons: u32,

    /// Decides the order of trials and the seeds of their jobs [default: the clock]
    #[arg(long, conflicts_with = "resume")]
    seed: Option<u64>,

    /// Go on where it was broken off
    #[arg(long)]
    resume: bool,
}

/// Calibrates the lab.
pub fn run(arguments: &Arguments) -> Result<Verdict> {
    let experiment = Lab::open()?.root.join("experiments/calibration.toml");
    let blocks = BURN_IN_BLOCKS + arguments.comparisons * BLOCKS;
    let asked = run::Arguments::of(experiment, &arguments.out, blocks, arguments.seed, arguments.resume);
    let verdict = run::measure(&asked, |sitting| compare_orders(&arguments.out, sitting))?;
    if verdict != Verdict::Interrupted {
        let rows = aggregate::calibrate(&arguments.out)
            .with_context(|| format!("calibrating from {}", arguments.out.display()))?;
        say(&table::calibration::table(&rows))?;
    }
    Ok(verdict)
}

/// Once all trials are done: the same two programs in blocks and in turn, beside a neighbour.
fn compare_orders(folder: &Path, sitting: Sitting) -> Result<Verdict> {
    let Sitting { plan, journal, mut laboratory } = sitting;
    if folder.join(ORDERS).exists() {
        return Ok(Verdict::Good);
    }
    let pair = [cell(plan, "same-a")?, cell(plan, "same-b")?];
    let neighbour = Neighbour::start(plan.seed)?;
    let tell = |done| {
        if done % 10 == 0 {
            eprintln!("{done}/{REPETITIONS} comparisons of orders");
        }
    };
    let samples = order::compare(pair, &mut laboratory, REPETITIONS, TRIALS, plan.seed, tell);
    drop(neighbour);
    let Ok(samples) = samples else { return Ok(Verdict::Interrupted) };
    journal.write_orders(&samples)?;
    Ok(Verdict::Good)
}

fn cell<'a>(plan: &'a Plan, label: &str) -> Result<&'a PlannedCell> {
    let found = plan.cells.iter().find(|planned| planned.cell.label == label);
    found.with_context(|| format!("the plan has no cell of {label}; is runtime-control built?"))
}

/// The load that comes and goes. It ends with its input, so that it cannot outlive us.
struct Neighbour(Child);

impl Neighbour {
    fn start(seed: u64) -> Result<Self> {
        let program = env::current_exe().context("this program cannot find itself")?;
        let child = Command::new(program)
            .args(["neighbour", &seed.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .context("starting the load that comes and goes")?;
        Ok(Self(child))
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to kill.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
