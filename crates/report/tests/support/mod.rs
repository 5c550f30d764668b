//! A small fixed result that contains each thing that a report shows: runtimes of several kinds,
//! texts that are markup, several sizes, a failure, something left out, claims,
//! spans and a calibration.

use std::fs;
use std::path::Path;

use protocol::{Params, Status};
use results::write::{csv_file, json_file};
use results::{Cell, Claim, Pass, Plan, PlannedCell, TrialRow, Workers, folder};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A text that would be a script if it were not escaped.
pub const MARKUP: &str = "<script>alert(1)</script>";

/// The runtimes, with fixed cost and cost of a task, nanoseconds, and memory of a task, bytes.
const RUNTIMES: [(&str, u64, u64, u64); 4] = [
    ("floor", 1_060_000, 50, 8),
    ("tokio", 2_100_000, 1_000, 450),
    ("threads", 1_100_000, 75_000, 10_000),
    ("another", 1_500_000, 3_000, 2_000),
];
/// Timed trials of each cell, the burn-in block included.
const BLOCKS: u32 = 8;

/// The folder of the run, summarised.
pub fn run() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let cells = cells();
    let trials: Vec<TrialRow> = cells.iter().flat_map(|planned| trials_of(&planned.cell)).collect();
    write_spans(dir.path(), &cells);
    let ending = json!({
        "stopped": "plan", "blocks": BLOCKS, "of": BLOCKS, "ended_at": "2026-11-25T06:50:33Z"
    });
    let files = [
        (folder::PLAN, plan(&cells).file()),
        (folder::ENVIRONMENT, json_file(&environment())),
        (folder::ENDING, json_file(&ending)),
        (folder::TRIALS, csv_file(&trials)),
        (folder::CALIBRATION, CALIBRATION.into()),
    ];
    for (name, bytes) in files {
        fs::write(dir.path().join(name), bytes).unwrap();
    }
    aggregate::aggregate(dir.path()).unwrap();
    dir
}

const CALIBRATION: &str = "figure,n,value,ci_low,ci_high,unit,nominal,holds
false alarms by verdict,285,0.0245614,0.00993071,0.0499489,share,0.05,true
power by verdict of slower-5,285,0.905263,0.865159,0.936637,share,,
bias of slower-5 against a timing from outside,2000,0.000777183,-0.00145303,0.00334658,share,0,true
";

fn cells() -> Vec<PlannedCell> {
    let sleep = Params::from([("duration_ns".into(), 1_000_000), ("jitter_ns".into(), 0)]);
    let groups = [
        ("sleep", 10, "-1ms", &sleep),
        ("sleep", 100, "-1ms", &sleep),
        ("sleep", 1000, "-1ms", &sleep),
        ("hold", 1000, "", &Params::new()),
        ("echo", 10, "-w1", &Params::new()),
    ];
    let cell = |(workload, tasks, rest, params): (&str, u64, &str, &Params), label: &str| {
        let group = format!("thousand-tasks_{workload}-{tasks}{rest}");
        Cell {
            id: format!("{group}_{label}"),
            experiment: "thousand-tasks".into(),
            group,
            label: label.into(),
            runtime: label.into(),
            workload: workload.into(),
            tasks,
            workers: 1,
            workers_asked: rest.starts_with("-w").then_some(Workers::Count(1)),
            rounds: 1,
            params: params.clone(),
        }
    };
    let cells = groups.into_iter().flat_map(|group| RUNTIMES.map(|runtime| cell(group, runtime.0)));
    let planned = |cell| PlannedCell {
        cell,
        timed: BLOCKS,
        processes: 1,
        counted: 1,
        traced: 1,
        instructions: 1,
        ceiling: false,
        memory_limit_mib: None,
        expected_us: None,
        burn_in: true,
    };
    cells.map(planned).collect()
}

fn trials_of(cell: &Cell) -> Vec<TrialRow> {
    let passes =
        [(Pass::Timed, 0..BLOCKS), (Pass::Counted, 1..2), (Pass::Traced, 1..2), (Pass::Instructions, 1..2)];
    let blocks = passes.into_iter().flat_map(|(pass, blocks)| blocks.map(move |block| (pass, block)));
    blocks.map(|(pass, block)| trial(cell, pass, block)).collect()
}

fn trial(cell: &Cell, pass: Pass, block: u32) -> TrialRow {
    let trial = TrialRow {
        runtime_version: "1.0.0".into(),
        language: "rust".into(),
        started_at: format!("2026-11-25T06:5{block}:00.{:03}Z", cell.tasks % 1000),
        ..cell.blank_row(block, 0, pass)
    };
    if (&*cell.workload, &*cell.label) == ("echo", "threads") {
        let reason = "no sockets | *here*".into();
        return TrialRow { status: Status::Unsupported, reason, ..trial };
    }
    measured(trial)
}

/// What a runtime costs: see [`RUNTIMES`].
fn costs(label: &str) -> (u64, u64, u64) {
    let (_, fixed, per_task, memory) = RUNTIMES.into_iter().find(|runtime| runtime.0 == label).unwrap();
    (fixed, per_task, memory)
}

/// The trial with its measurements.
fn measured(trial: TrialRow) -> TrialRow {
    let (tasks, workload, runtime) = (trial.tasks, trial.workload.as_str(), trial.runtime.as_str());
    let (fixed, per_task, memory) = costs(runtime);
    // Some spread, the same in every run of the test.
    let percent = 97 + (u64::from(trial.block) * 7 + fixed) % 7;
    let makespan = (fixed + per_task * tasks) * percent / 100;
    // No task takes longer than all of them.
    let within = |latency_ns: u64| Some(latency_ns.min(makespan));
    TrialRow {
        process_lifetime_ns: Some(2 * makespan),
        startup_ns: Some(800_000),
        makespan_ns: Some(makespan),
        completed: Some(tasks),
        operations: Some(tasks),
        load_duration_ns: (workload == "echo").then_some(makespan / 2),
        peak_in_flight: Some(if runtime == "threads" { tasks.min(40) } else { tasks }),
        latency_p50_ns: within(fixed),
        latency_p90_ns: within(fixed + 20_000),
        latency_p99_ns: within(fixed + 90_000),
        latency_p999_ns: within(fixed + 300_000),
        latency_max_ns: within(fixed + 900_000),
        lateness_p99_ns: Some(fixed - 1_000_000),
        cpu_user_ns: Some(per_task * tasks / 2),
        cpu_system_ns: Some(per_task * tasks / 4),
        rss_ready_bytes: Some(2_000_000),
        rss_holding_bytes: (workload == "hold").then_some(2_000_000 + memory * tasks),
        rss_peak_bytes: Some(2_100_000 + memory * tasks),
        virtual_ready_bytes: Some(3_000_000),
        virtual_holding_bytes: (workload == "hold").then_some(3_000_000 + 2 * memory * tasks),
        switches_voluntary: Some(tasks / 2),
        switches_involuntary: Some(0),
        faults_minor: Some(tasks),
        syscalls: (trial.pass == Pass::Traced).then_some(3 * tasks),
        callgrind_instructions: (trial.pass == Pass::Instructions).then_some(per_task * tasks * 4),
        allocations: (trial.pass == Pass::Counted).then_some(2 * tasks),
        // Block 3 of one cell was disturbed, by more than the ticks of the clock that counts stolen time.
        steal_ns: Some(if (runtime, tasks, trial.block) == ("tokio", 100, 3) {
            makespan + 50_000_000
        } else {
            0
        }),
        other_processes_cpu_ns: Some(0),
        ..trial
    }
}

fn write_spans(dir: &Path, cells: &[PlannedCell]) {
    fs::create_dir(dir.join(folder::SPANS)).unwrap();
    let drawn = |cell: &&Cell| (&*cell.workload, cell.tasks) == ("sleep", 1000);
    for cell in cells.iter().map(|planned| &planned.cell).filter(drawn) {
        let Some(path) = folder::spans_of(dir, &cell.id) else { continue };
        let (fixed, per_task, _) = costs(&cell.label);
        let rows = (0..cell.tasks).fold(String::new(), |rows, task| {
            rows + &format!("{},{}\n", task * per_task, task * per_task + fixed)
        });
        fs::write(path, format!("start_ns,finish_ns\n{rows}")).unwrap();
    }
}

fn plan(cells: &[PlannedCell]) -> Plan {
    let claims =
        [claim("slower", ">= 10", Some(10.0), None), claim("alike", "0.9 to 1.1", Some(0.9), Some(1.1))];
    let plan = json!({
        "schema": results::SCHEMA, "kilotask": "0.1.0", "preset": "default", "seed": 7, "burn_in_blocks": 1, "cores": 2,
        "experiments": [{
            "name": "thousand-tasks", "file": "thousand-tasks.toml", "question": "Which is first?", "sha256": "",
            "preset": { "blocks": BLOCKS, "counted": 1, "traced": 1 }
        }],
        "cells": cells,
        "left_out": [{
            "experiment": "thousand-tasks", "workload": "sleep", "tasks": 10000, "runtime": "threads", "reason": "too long"
        }],
        "claims": claims, "claims_sha256": results::hash(&claims)
    });
    serde_json::from_value(plan).unwrap()
}

/// A claim about the makespan of `threads` over that of `tokio`.
fn claim(id: &str, text: &str, low: Option<f64>, high: Option<f64>) -> Claim {
    let cell = |runtime: &str| {
        json!({
            "cell": format!("thousand-tasks_sleep-1000-1ms_{runtime}"), "runtime": runtime, "group": "sleep-1000-1ms", "tasks": 1000
        })
    };
    let claim = json!({
        "experiment": "thousand-tasks", "id": id, "says": format!("{id}, says {MARKUP}"),
        "source": { "title": "Of <b>tasks</b>", "author": "somebody", "date": "2026", "address": "https://example.org/?a=1&b=2" },
        "metric": "makespan_ns", "quantity": { "ratio": { "of": cell("threads"), "over": cell("tokio") } },
        "expect": { "text": text, "low": low, "high": high }
    });
    serde_json::from_value(claim).unwrap()
}

fn environment() -> Value {
    json!({
        "kilotask": "0.1.0", "commit": "abc", "toolchain": "rustc 1", "kernel": "Linux 6", "cpu_model": "a <fast> one",
        "cpus": 2, "memory_bytes": 1_073_741_824, "limits": { "open_files": 20000, "memlock_bytes": null },
        "instruments": { "frequency": "not told here", "memory": "ok" },
        "runtimes": [{ "name": MARKUP, "version": "1", "language": "rust", "model": "a & b", "workloads": [], "status": "ok" }]
    })
}
