//! `kilotask trial`: runs one trial of one cell.

use anyhow::{Context, Result, bail, ensure};
use harness::cell::{Request, Workers, parse_duration_ns, parse_param};
use harness::counters::Counters;
use harness::environment::cpus;
use harness::preflight::{self, Needs};
use harness::scratch::Scratch;
use harness::trial::{self, Instruments, Place};
use protocol::wire::SEEDS;
use protocol::workload::{DURATION_NS, JITTER_NS};
use protocol::{Params, Status, Workload};
use results::held::NO_TRACE;
use results::table::Row;
use results::{Pass, TrialRow, human, show};

use crate::arguments::{BoundArguments, RunnerArguments, one_of};
use crate::exit::ExitStatus;
use crate::lab::{Lab, Wanted, check_machine, clock_seed, peers, say, watch_for_interrupts};
use crate::table::new_table;

/// Run one trial: one process, one runtime, one workload
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  kilotask trial tokio sleep\n  kilotask trial threads hold --tasks 10000 --param stack_bytes=65536\n  \
kilotask trial glommio sleep --tasks 1000000 --duration 10ms --json\n  \
kilotask trial tokio-current-thread yield --tasks 10 --pass instructions\n\n\
`kilotask describe-csv trials.csv` explains the columns."
)]
pub struct Arguments {
    /// Name of the runtime; `kilotask list` shows them
    runtime: String,

    /// What the tasks do, such as sleep; docs/workloads.md has all workloads
    workload: String,

    /// Tasks per round
    #[arg(long, default_value_t = 1000, allow_negative_numbers = true)]
    tasks: i128,

    /// Duration of each sleep, blocking call, answer or load, with its unit [default: the workload's]
    #[arg(long, allow_hyphen_values = true)]
    duration: Option<String>,

    /// Largest random extra time of each sleep, with its unit
    #[arg(long, allow_hyphen_values = true)]
    jitter: Option<String>,

    /// Worker threads: a number, or `all` for one per CPU [default: the runtime's own]
    #[arg(long, allow_hyphen_values = true)]
    workers: Option<String>,

    /// Number of rounds; round 0 is the cold one
    #[arg(long, default_value_t = 1)]
    rounds: u32,

    /// What is measured: timed (times), counted (allocations), traced (system calls) or instructions
    #[arg(long, default_value = "timed", value_parser = pass)]
    pass: Pass,

    /// A parameter of the workload or the runtime, in its own unit; can be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = param)]
    param: Vec<(String, String)>,

    /// Seed of tokens and jitter, below 2^52 [default: from the clock]
    #[arg(long, value_parser = clap::value_parser!(u64).range(..SEEDS))]
    seed: Option<u64>,

    /// Print one object with the columns of trials.csv instead of a table
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    runners: RunnerArguments,

    #[command(flatten)]
    bounds: BoundArguments,
}

pub fn run(arguments: &Arguments) -> Result<ExitStatus> {
    let request = request(arguments)?;
    check_machine()?;
    let lab = Lab::open(&Wanted::runners(&arguments.runners).runtimes([&*arguments.runtime]))?;
    let runtime = lab.runtime(&arguments.runtime)?;
    request.check_params(&[&runtime.info]).map_err(anyhow::Error::msg)?;
    let interrupted = watch_for_interrupts()?;
    let sample = match request.on(&runtime.info, &runtime.info.name, cpus()) {
        Ok(cell) => {
            preflight::check(Needs::of([&cell])).map_err(anyhow::Error::msg)?;
            let seed = arguments.seed.unwrap_or_else(clock_seed);
            let place = Place::alone(arguments.pass, seed);
            let bounds = arguments.bounds.bounds(&interrupted);
            let mut instruments = Instruments {
                counters: counters(arguments.pass)?,
                bounds,
                peers: peers()?,
                scratch: Scratch::default(),
            };
            // Asked first, as in a run: what the machine lacks is no failure of the runtime.
            let outcome = match runtime.probe_unless(&interrupted) {
                Err(fault) => Ok(trial::refused(runtime, &cell, place, fault.status(), &fault.to_string())),
                Ok(()) => trial::run_patiently(runtime, &cell, place, &mut instruments),
            };
            match outcome {
                Ok(outcome) => outcome.sample,
                Err(trial::Interrupted) => return Ok(ExitStatus::Interrupted),
            }
        }
        Err(reason) => bail!("{}: {reason}", runtime.info.name),
    };
    say(&if arguments.json { serde_json::to_string(&sample)? } else { describe(&sample)? })?;
    ensure!(sample.status != Status::LabError, "{}. This says nothing of the runtime", sample.reason);
    Ok(ExitStatus::failed_if(sample.status.is_failure()))
}

fn request(arguments: &Arguments) -> Result<Request> {
    let unknown = format!("unknown workload {:?}", arguments.workload);
    let workload = one_of(&unknown, &Workload::ALL, Workload::name, &arguments.workload);
    let workload = workload.map_err(anyhow::Error::msg)?;
    // Too few and too many are found by the check below.
    let tasks = u64::try_from(arguments.tasks.max(0)).unwrap_or(u64::MAX);
    let mut params = Params::new();
    for (name, value) in &arguments.param {
        params.insert(name.clone(), parse_param(workload, name, value).map_err(anyhow::Error::msg)?);
    }
    for (name, flag, given) in
        [(DURATION_NS, "--duration", &arguments.duration), (JITTER_NS, "--jitter", &arguments.jitter)]
    {
        if let Some(text) = given {
            params.insert(name.into(), parse_duration_ns(text).map_err(anyhow::Error::msg).context(flag)?);
        }
    }
    let workers = arguments.workers.as_deref().map(workers).transpose()?;
    let rounds = arguments.rounds;
    let request = Request { experiment: "trial".into(), workload, tasks, workers, rounds, params };
    request.check().map_err(anyhow::Error::msg)?;
    Ok(request)
}

fn workers(text: &str) -> Result<Workers> {
    if text == "all" {
        return Ok(Workers::All);
    }
    let count = text.parse().with_context(|| format!("--workers {text:?}: write a number or `all`"))?;
    Ok(Workers::Count(count))
}

/// What counts from outside here, which includes what the pass needs.
fn counters(pass: Pass) -> Result<Counters> {
    let counters = Counters::find();
    match pass {
        Pass::Timed | Pass::Counted => {}
        Pass::Traced => {
            counters.calls.clone().context("--pass traced")?;
        }
        Pass::Instructions => {
            counters.of_instructions().context("--pass instructions")?;
        }
    }
    Ok(counters)
}

fn pass(text: &str) -> Result<Pass, String> {
    one_of("unknown pass", &Pass::ALL, Pass::name, text)
}

fn param(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it like stack_bytes=65536")?;
    Ok((name.into(), value.into()))
}

/// The row as a table: its columns of trials.csv that have a value, in units for people.
fn describe(row: &TrialRow) -> Result<String> {
    let mut table = new_table(&[&row.runtime, &format!("{} × {}", human::count(row.tasks), row.workload)]);
    let reason = if row.reason.is_empty() { String::new() } else { format!(": {}", row.reason) };
    table.add_row(["status".to_string(), format!("{}{reason}", row.status)]);
    let params = format!("workers={};{}", row.workers, row.params);
    table.add_row(["parameters", params.trim_end_matches(';')]);
    let values = serde_json::to_value(row)?;
    if row.left_no_trace() {
        table.add_row(["note", NO_TRACE]);
    }
    let columns = TrialRow::TABLE.columns;
    // What comes before the reason says which trial it was.
    for column in columns.iter().skip_while(|column| column.name != "reason") {
        if let Some(value) = values[column.name].as_f64() {
            table.add_row([column.name, &show(value, column.unit)]);
        }
    }
    Ok(table.to_string())
}
