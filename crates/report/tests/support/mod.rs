//! A small fixed result that contains each thing that a report shows: runtimes of several kinds,
//! one of them with a name that is markup, several sizes, a failure, something left out, claims,
//! spans and a calibration.

use std::fs;
use std::path::Path;

use protocol::Status;
use results::{Pass, TrialRow};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A name that would be a script if it were not escaped.
pub const MARKUP: &str = "<script>alert(1)</script>";

/// The runtimes, with fixed cost and cost of a task, nanoseconds, and memory of a task, bytes.
const RUNTIMES: [(&str, u64, u64, u64); 4] = [
    ("floor", 1_060_000, 50, 8),
    ("tokio", 2_100_000, 1_000, 450),
    ("threads", 1_100_000, 75_000, 10_000),
    (MARKUP, 1_500_000, 3_000, 2_000),
];
/// Timed trials of each cell, the burn-in block included.
const BLOCKS: u32 = 8;

/// The folder of the run, summarised.
pub fn run() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let cells = cells();
    write(dir.path(), "plan.json", &plan(&cells));
    write(dir.path(), "environment.json", &environment());
    write(
        dir.path(),
        "ending.json",
        &json!({
            "stopped": "plan", "blocks": BLOCKS, "of": BLOCKS, "ended_at": "2026-11-25T06:50:33Z"
        }),
    );
    let mut trials = csv::Writer::from_path(dir.path().join("trials.csv")).unwrap();
    for trial in cells.iter().flat_map(trials_of) {
        trials.serialize(trial).unwrap();
    }
    trials.flush().unwrap();
    write_spans(dir.path(), &cells);
    fs::write(dir.path().join("calibration.csv"), CALIBRATION).unwrap();
    aggregate::aggregate(dir.path()).unwrap();
    dir
}

const CALIBRATION: &str = "figure,n,value,ci_low,ci_high,unit,nominal,holds
false alarms by verdict,285,0.0245614,0.00993071,0.0499489,share,0.05,true
power by verdict of slower-5,285,0.905263,0.865159,0.936637,share,,
bias of slower-5 against a timing from outside,2000,0.000777183,-0.00145303,0.00334658,share,0,true
";

/// A cell: workload, tasks, the rest of its name, and its runtime.
type Cell = (&'static str, u64, &'static str, (&'static str, u64, u64, u64));

fn cells() -> Vec<Cell> {
    let groups = [
        ("sleep", 10, "-1ms"),
        ("sleep", 100, "-1ms"),
        ("sleep", 1000, "-1ms"),
        ("hold", 1000, ""),
        ("echo", 10, "-w1"),
    ];
    groups
        .into_iter()
        .flat_map(|(workload, tasks, rest)| RUNTIMES.map(|runtime| (workload, tasks, rest, runtime)))
        .collect()
}

fn group(cell: &Cell) -> String {
    format!("thousand-tasks_{}-{}{}", cell.0, cell.1, cell.2)
}

fn id(cell: &Cell) -> String {
    format!("{}_{}", group(cell), cell.3.0)
}

fn trials_of(cell: &Cell) -> Vec<TrialRow> {
    let passes = [(Pass::Timed, 0..BLOCKS), (Pass::Counted, 1..2), (Pass::Traced, 1..2)];
    let blocks = passes.into_iter().flat_map(|(pass, blocks)| blocks.map(move |block| (pass, block)));
    blocks.map(|(pass, block)| trial(cell, pass, block)).collect()
}

fn trial(cell: &Cell, pass: Pass, block: u32) -> TrialRow {
    let (workload, tasks, _, (runtime, ..)) = *cell;
    let sample = TrialRow {
        experiment: "thousand-tasks".into(),
        cell: id(cell),
        group: group(cell),
        block,
        pass,
        runtime: runtime.into(),
        runtime_version: "1.0.0".into(),
        language: "rust".into(),
        workload: workload.into(),
        tasks,
        workers: 1,
        rounds: 1,
        params: if workload == "sleep" { "duration_ns=1000000;jitter_ns=0".into() } else { String::new() },
        started_at: format!("2026-11-25T06:5{block}:00.{:03}Z", tasks % 1000),
        ..TrialRow::default()
    };
    if (workload, runtime) == ("echo", "threads") {
        let reason = "no sockets | *here*".into();
        return TrialRow { status: Status::Unsupported, reason, ..sample };
    }
    measured(sample, cell)
}

/// The trial with its measurements.
fn measured(trial: TrialRow, cell: &Cell) -> TrialRow {
    let (workload, tasks, _, (runtime, fixed, per_task, memory)) = *cell;
    // Some spread, the same in every run of the test.
    let percent = 97 + (u64::from(trial.block) * 7 + fixed) % 7;
    let makespan = (fixed + per_task * tasks) * percent / 100;
    TrialRow {
        wall_ns: Some(2 * makespan),
        startup_ns: Some(800_000),
        makespan_ns: Some(makespan),
        completed: Some(tasks),
        operations: Some(tasks),
        load_ns: (workload == "echo").then_some(makespan / 2),
        peak_in_flight: Some(if runtime == "threads" { tasks.min(40) } else { tasks }),
        latency_p50_ns: Some(fixed),
        latency_p90_ns: Some(fixed + 20_000),
        latency_p99_ns: Some(fixed + 90_000),
        latency_p999_ns: Some(fixed + 300_000),
        latency_max_ns: Some(fixed + 900_000),
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
        allocations: (trial.pass == Pass::Counted).then_some(2 * tasks),
        // Block 3 of one cell was disturbed.
        steal_ns: Some(if (runtime, tasks, trial.block) == ("tokio", 100, 3) { makespan } else { 0 }),
        others_ns: Some(0),
        ..trial
    }
}

fn write_spans(dir: &Path, cells: &[Cell]) {
    fs::create_dir(dir.join("spans")).unwrap();
    for cell in cells.iter().filter(|cell| cell.0 == "sleep" && cell.1 == 1000 && !cell.3.0.contains('/')) {
        let (_, fixed, per_task, _) = cell.3;
        let rows = (0..cell.1).fold(String::new(), |rows, task| {
            rows + &format!("{},{}\n", task * per_task, task * per_task + fixed)
        });
        fs::write(dir.join(format!("spans/{}.csv", id(cell))), format!("start_ns,finish_ns\n{rows}"))
            .unwrap();
    }
}

fn plan(cells: &[Cell]) -> Value {
    let planned = cells.iter().map(|cell| {
        json!({
            "id": id(cell), "experiment": "thousand-tasks", "group": group(cell), "label": cell.3.0,
            "runtime": cell.3.0, "workload": cell.0, "tasks": cell.1, "workers": 1, "rounds": 1, "params": {},
            "timed": BLOCKS, "counted": 1, "traced": 1
        })
    });
    let cell = |runtime: &str| {
        json!({
            "cell": format!("thousand-tasks_sleep-1000-1ms_{runtime}"), "runtime": runtime, "group": "sleep-1000-1ms", "tasks": 1000
        })
    };
    let claim = |id: &str, text: &str, low: Option<f64>, high: Option<f64>| {
        json!({
            "experiment": "thousand-tasks", "id": id, "says": format!("{id}, says {MARKUP}"),
            "source": { "title": "Of <b>tasks</b>", "author": "somebody", "date": "2026", "address": "https://example.org/?a=1&b=2" },
            "metric": "makespan_ns", "quantity": { "ratio": { "of": cell("threads"), "over": cell("tokio") } },
            "expect": { "text": text, "low": low, "high": high }
        })
    };
    let claims = json!([
        claim("slower", ">= 10", Some(10.0), None),
        claim("alike", "0.9 to 1.1", Some(0.9), Some(1.1))
    ]);
    let parsed: Vec<results::Claim> = serde_json::from_value(claims).unwrap();
    json!({
        "schema": results::SCHEMA, "kilotask": "0.1.0", "preset": "default", "seed": 7, "burn_in_blocks": 1, "cores": 2,
        "experiments": [{
            "name": "thousand-tasks", "file": "thousand-tasks.toml", "question": "Which is first?", "sha256": "",
            "preset": { "blocks": BLOCKS, "counted": 1, "traced": 1 }
        }],
        "cells": planned.collect::<Vec<_>>(),
        "left_out": [{
            "experiment": "thousand-tasks", "workload": "sleep", "tasks": 10000, "runtime": "threads", "reason": "too long"
        }],
        "claims": parsed, "claims_sha256": results::hash(&parsed)
    })
}

fn environment() -> Value {
    json!({
        "kilotask": "0.1.0", "commit": "abc", "toolchain": "rustc 1", "kernel": "Linux 6", "cpu_model": "a <fast> one",
        "cpus": 2, "memory_bytes": 1_073_741_824, "limits": { "open_files": 20000, "memlock_bytes": null },
        "instruments": { "frequency": "not told here", "memory": "ok" },
        "runtimes": [{ "name": MARKUP, "version": "1", "language": "rust", "model": "a & b", "workloads": [], "status": "ok" }]
    })
}

fn write(dir: &Path, name: &str, value: &Value) {
    fs::write(dir.join(name), serde_json::to_string_pretty(value).unwrap()).unwrap();
}
