//! `kilotask list`: every runtime with its state.

use std::fmt::Write;

use anyhow::Result;
use comfy_table::Cell;
use harness::environment::{RuntimeState, state_of};
use protocol::Workload;
use serde_json::{Value, json};

use crate::arguments::RunnerArguments;
use crate::exit::ExitStatus;
use crate::lab::{Lab, Wanted, say};
use crate::table::{new_table, status_cell};

/// List every runtime with its workloads and whether it works here
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  kilotask list\n  kilotask list --json | jq '.[].name'\n  \
kilotask list --runner ~/my-runner")]
pub struct Arguments {
    /// Print an array of runtimes instead of a table
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    runners: RunnerArguments,
}

pub fn run(arguments: &Arguments) -> Result<ExitStatus> {
    let lab = Lab::open(&Wanted::runners(&arguments.runners))?;
    let states: Vec<RuntimeState> = lab.runtimes.iter().map(state_of).collect();
    if arguments.json {
        let entries: Vec<Value> = states.iter().map(entry).collect();
        say(&serde_json::to_string_pretty(&entries)?)?;
    } else {
        let mut table =
            new_table(&["runtime", "version", "language", "how it schedules", "workloads", "here"]);
        for state in &states {
            let info = &state.info;
            let mut here = state.status.to_string();
            if state.runner.path.is_absolute() {
                let _ = write!(here, " (from {})", state.runner.path.display());
            }
            if !state.reason.is_empty() {
                let _ = write!(here, ": {}", state.reason);
            }
            table.add_row([
                Cell::new(&info.name),
                Cell::new(&info.version),
                Cell::new(&info.language),
                Cell::new(&info.model),
                Cell::new(when(info.on_request, workloads(&info.workloads))),
                status_cell(&here, state.status),
            ]);
        }
        say(&table.to_string())?;
    }
    let failed = states.iter().any(|state| state.status.is_failure());
    Ok(ExitStatus::failed_if(failed))
}

/// Marks a runtime that takes part only in experiments that name it.
fn when(on_request: bool, workloads: String) -> String {
    if on_request { format!("{workloads}, on request") } else { workloads }
}

/// The workloads, or those that are missing where these are fewer.
fn workloads(supported: &[String]) -> String {
    let is_missing = |name: &&str| !supported.iter().any(|other| other == name);
    let missing: Vec<&str> = Workload::NAMES.into_iter().filter(is_missing).collect();
    match missing.len() {
        0 => "all".into(),
        some if some < supported.len() => format!("all but {}", missing.join(", ")),
        _ => supported.join(", "),
    }
}

/// A runtime in the output of --json.
fn entry(state: &RuntimeState) -> Value {
    let info = &state.info;
    json!({
        "name": info.name,
        "version": info.version,
        "language": info.language,
        "model": info.model,
        "workloads": info.workloads,
        "unsupported": info.unsupported,
        "on_request": info.on_request,
        "status": state.status.to_string(),
        "reason": state.reason,
        "runner": state.runner.path,
    })
}
