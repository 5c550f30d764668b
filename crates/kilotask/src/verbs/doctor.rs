//! `kilotask doctor`: checks whether each runtime and each instrument works here.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use comfy_table::Cell;
use harness::circumstances::limits_on_cpus;
use harness::counters::Counters;
use harness::environment::{Environment, RuntimeState, instruments, state_of, survey};
use harness::machine::machine as this_machine;
use protocol::Status;
use results::human;

use crate::arguments::RunnerArguments;
use crate::exit::ExitStatus;
use crate::lab::{Lab, Wanted, say};
use crate::table::{new_table, status_cell};

/// Check whether each runtime and instrument works here, and how to fix those that do not
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  kilotask doctor\n  sudo kilotask doctor        # tracepoints often need root"
)]
pub struct Arguments {
    /// Print one object instead of tables
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    runners: RunnerArguments,
}

pub fn run(arguments: &Arguments) -> Result<ExitStatus> {
    let lab = Lab::open(&Wanted::runners(&arguments.runners))?;
    let states: Vec<RuntimeState> = lab.runtimes.iter().map(state_of).collect();
    let mut broken = states.iter().any(|state| state.status.is_failure());
    let counters = Counters::find();
    // Either may be what somebody asks for.
    let _ = (counters.hardware(), counters.callgrind());
    let instruments = instruments(&lab.runtimes, &counters);
    let environment = survey(lab.checkout.as_deref(), this_machine(None), states, instruments);
    broken |= environment.lab.values().any(|found| found != "ok");
    if arguments.json {
        say(&serde_json::to_string_pretty(&environment)?)?;
    } else {
        say(&runtimes(&environment.runtimes))?;
        say(&works_table("instrument", &environment.instruments))?;
        say(&works_table("what the lab needs", &environment.lab))?;
        say(&machine(&environment, lab.checkout.as_deref()))?;
    }
    Ok(ExitStatus::failed_if(broken))
}

fn runtimes(states: &[RuntimeState]) -> String {
    let mut table = new_table(&["runtime", "works here", "why not, and how to fix it"]);
    for state in states {
        table.add_row([
            Cell::new(&state.info.name),
            status_cell(state.status.name(), state.status),
            Cell::new(&state.reason),
        ]);
    }
    table.to_string()
}

fn works_table(what: &str, all: &BTreeMap<String, String>) -> String {
    let mut table = new_table(&[what, "works here", "why not, and how to fix it"]);
    for (name, state) in all {
        let works = state == "ok";
        let (word, reason) = if works { ("ok", "") } else { ("unavailable", state.as_str()) };
        let status = if works { Status::Ok } else { Status::Unavailable };
        table.add_row([Cell::new(name), status_cell(word, status), Cell::new(reason)]);
    }
    table.to_string()
}

fn machine(environment: &Environment, checkout: Option<&Path>) -> String {
    let unknown = || "unknown".to_string();
    let mut table = new_table(&["machine", ""]);
    let mut row = |name: &str, value: String| {
        table.add_row([name.to_string(), value]);
    };
    row("checkout", checkout.map_or_else(|| "none".to_string(), |checkout| checkout.display().to_string()));
    row("name", environment.machine.as_ref().map_or_else(unknown, |machine| machine.name.clone()));
    row("kernel", environment.kernel.clone());
    row("CPUs", format!("{} × {}", environment.cpus, environment.cpu_model.clone().unwrap_or_else(unknown)));
    for (name, limit) in limits_on_cpus() {
        row(name, limit);
    }
    row("memory", environment.memory_bytes.map_or_else(unknown, |bytes| human::bytes(bytes as f64)));
    if let Some(bytes) = environment.memory_limit_bytes {
        row("memory of the control group", human::bytes(bytes as f64));
    }
    row("temporary files on", environment.temporary_file_system.clone().unwrap_or_else(unknown));
    row("virtualisation", environment.virtualisation.clone().unwrap_or_else(unknown));
    row("clock source", environment.clock_source.clone().unwrap_or_else(unknown));
    row("timer slack", environment.timer_slack_ns.map_or_else(unknown, |ns| human::duration(ns as f64)));
    row("governor", environment.governor.clone().unwrap_or_else(unknown));
    for (name, limit) in &environment.limits {
        row(name, limit.map_or_else(|| "unlimited or unknown".into(), human::count));
    }
    table.to_string()
}
