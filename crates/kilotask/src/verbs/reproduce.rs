//! `kilotask reproduce`: runs the plan of another run here, and compares the verdicts.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aggregate::{Pair, check_comparable};
use anyhow::{Context, Result, ensure};
use harness::counters::Counters;
use harness::environment::cpus;
use harness::journal::read_plan;
use harness::plan::{Circumstances, Plan};
use harness::reproduce::{adapt_plan, changed_experiments};

use crate::arguments::{BoundArguments, MachineArguments, RunnerArguments, duration};
use crate::exit::ExitStatus;
use crate::lab::{Lab, Wanted, check_machine, say, tell_presence};
use crate::sitting::{Request, sit};
use crate::table;

/// Run the plan of another run here, and compare the verdicts of both
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  kilotask reproduce --out results/mine\n  \
kilotask reproduce results/reference --out results/mine --blocks 7 --budget 10m\n  \
kilotask reproduce /mnt/theirs --out results/mine --resume\n\n\
Cells, parameters, workers, seed and claims are those of the plan, not those of the experiments here. A claim agrees \
if its verdict is the same, is undecided if one of the two runs does not decide it, and disagrees otherwise. Cells that \
cannot run here are left out, with the reason.")]
pub struct Arguments {
    /// The folder of the run to repeat [default: results/reference of this checkout]
    #[arg(value_name = "REFERENCE")]
    reference: Option<PathBuf>,

    /// The folder for the results; must not hold another run
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Limit on the timed trials of each cell, including the burn-in block; a claim needs at least
    /// 7 to be decided
    #[arg(long, value_name = "N", conflicts_with = "resume", value_parser = clap::value_parser!(u32).range(2..=100_000))]
    blocks: Option<u32>,

    /// Stop, with all cells together, before a block that would exceed this time
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    budget: Option<Duration>,

    /// Resume the run in the folder
    #[arg(long)]
    resume: bool,

    /// Show every difference and claim in full, and not only as much as fits one screen
    #[arg(long)]
    all: bool,

    #[command(flatten)]
    machine: MachineArguments,

    #[command(flatten)]
    runners: RunnerArguments,

    #[command(flatten)]
    bounds: BoundArguments,
}

pub fn run(arguments: &Arguments) -> Result<ExitStatus> {
    let reference = match &arguments.reference {
        Some(reference) => reference.clone(),
        None => Lab::root()?.join("results/reference"),
    };
    let there = plan_of(&reference)?;
    check_machine()?;
    let lab = Lab::open(&Wanted::runners(&arguments.runners).runtimes(there.runtimes()))?;
    show_changes(&there, &lab);
    if arguments.resume && arguments.out.join(results::folder::PLAN).exists() {
        check_reproduces(&there, &reference, &arguments.out)?;
    }
    let request = Request {
        folder: &arguments.out,
        resume: arguments.resume,
        budget: arguments.budget,
        bounds: &arguments.bounds,
        machine: arguments.machine.machine(),
        resume_command: format!(
            "kilotask reproduce {} --out {} --resume{}{}",
            reference.display(),
            arguments.out.display(),
            arguments.machine,
            arguments.runners
        ),
    };
    let plan = |counters: &Counters| plan_here(&there, &lab, counters, arguments);
    let finished = sit(&request, &lab, plan, |_| Ok(ExitStatus::Good))?;
    let Some(finished) = finished else { return Ok(ExitStatus::Interrupted) };
    let folders = Pair { a: std::slice::from_ref(&reference), b: std::slice::from_ref(&arguments.out) };
    let comparison = aggregate::compare(folders, &[])
        .with_context(|| format!("comparing it with {}", reference.display()))?;
    say(&table::reproduce::ending(&reference, &arguments.out, &comparison, arguments.all))?;
    Ok(finished.status(&arguments.out))
}

/// The plan to repeat. All that will be needed of the other run is checked now, not after hours of
/// measuring.
fn plan_of(reference: &Path) -> Result<Plan> {
    let plan = read_plan(reference)
        .with_context(|| format!("{} holds no run that can be reproduced", reference.display()))?;
    let presence = check_comparable(reference)
        .with_context(|| format!("{} holds no run that can be compared with another", reference.display()))?;
    tell_presence(reference, &presence);
    Ok(plan)
}

/// Shows, before anything runs, what has changed since the other run.
fn show_changes(there: &Plan, lab: &Lab) {
    let changed = lab.checkout.iter().flat_map(|root| changed_experiments(there, &root.join("experiments")));
    for (experiment, how) in changed {
        tell!(
            "experiments/{} {how}; this run uses the cells and claims of the plan, not those of the file",
            experiment.file
        );
    }
    let cores = cpus();
    if cores != there.cores {
        tell!(
            "the plan was made for {} CPUs, and this machine has {cores}: cells keep their workers, and \
             claims their thresholds",
            there.cores
        );
    }
}

/// The plan as far as it can be run here; shows what is left out.
fn plan_here(there: &Plan, lab: &Lab, counters: &Counters, arguments: &Arguments) -> Result<Plan> {
    let here = Circumstances { runtimes: &lab.runtimes, cores: cpus(), counters };
    let plan = adapt_plan(there, &here, arguments.blocks);
    harness::sitting::check(&plan)?;
    // What the other run left out comes first, and was shown there.
    let new = &plan.left_out[there.left_out.len()..];
    if !new.is_empty() {
        let rest = format!("kilotask table {} --left-out, after the run", arguments.out.display());
        let left_out = table::left_out(new, &rest);
        tell!(
            "Left out because they cannot run here; claims about them will be untestable:\n{}",
            left_out.trim_end()
        );
    }
    if counters.calls.is_err() && there.cells.iter().any(|planned| planned.traced > 0) {
        tell!(
            "system calls cannot be counted here, so the traced trials of the plan are left out; kilotask \
             doctor says why"
        );
    }
    let counts_instructions = |plan: &Plan| plan.cells.iter().any(|planned| planned.instructions > 0);
    if counts_instructions(there) && !counts_instructions(&plan) {
        tell!(
            "instructions cannot be counted here, so those trials of the plan are left out; kilotask doctor says why"
        );
    }
    Ok(plan)
}

/// Refuses to resume a run that does not reproduce this one, and this one itself.
fn check_reproduces(there: &Plan, reference: &Path, out: &Path) -> Result<()> {
    let same_folder =
        fs::canonicalize(reference).is_ok_and(|path| fs::canonicalize(out).is_ok_and(|out| out == path));
    ensure!(!same_folder, "--out {} is the run to reproduce; choose another folder", out.display());
    let here = read_plan(out)?;
    let reproduces = here.seed == there.seed && here.claims == there.claims;
    ensure!(
        reproduces,
        "the run in {} does not reproduce the one in {}: its seed or claims are different; name the run \
         that it reproduces, or start a new one without --resume",
        out.display(),
        reference.display()
    );
    Ok(())
}
