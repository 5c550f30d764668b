//! How long it takes to merge parts, and how much memory.
//!
//!     PARTS=64 CELLS=1000 BLOCKS=14 WHOLE=1 cargo bench -p merge
//!
//! Each part is of a machine of its own. With WHOLE=1 each has all blocks of the plan, else its share of them; either way
//! each has a burn-in block. The target is 64 parts of the default plan in at most 5 s and 500 MiB.

use std::fs;
use std::path::Path;
use std::time::Instant;

use results::environment::Environment;
use results::fixture::planned;
use results::folder::{ENVIRONMENT, PART, PLAN, ROUNDS, TRIALS};
use results::write::{csv_file, json_file};
use results::{Deal, Machine, Part, Pass, Plan, PlannedCell, PresetName, RoundRow, Shard, TrialRow};

/// Rounds of a trial.
const ROUNDS_EACH: u32 = 2;

fn main() {
    let [parts, cells, blocks, whole] = [("PARTS", 64), ("CELLS", 1000), ("BLOCKS", 65), ("WHOLE", 0)]
        .map(|(name, default)| from_environment(name, default));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let cells = (0..cells).map(|cell| planned(&format!("runtime-{cell}"), blocks));
    let plan = Plan { cells: cells.map(with_rounds).collect(), ..Plan::empty(PresetName::Default, 7) };
    for machine in 0..parts {
        let shard = if whole > 0 { Shard::WHOLE } else { Shard { shard: machine, of: parts } };
        write_part(&folder.path().join("parts"), &plan, shard, machine);
    }
    let before = peak_kib();
    let began = Instant::now();
    let merged = merge::merge(&folder.path().join("merged"), &[folder.path().join("parts")])
        .expect("the parts are sound");
    let seconds = began.elapsed().as_secs_f64();
    let bytes: u64 =
        [TRIALS, ROUNDS].map(|name| length(&folder.path().join("merged").join(name))).iter().sum();
    println!(
        "{parts} parts, {} trials, {} MiB: {seconds:.2} s, {} MiB at peak ({} MiB before)",
        merged.trials,
        bytes >> 20,
        peak_kib() >> 10,
        before >> 10
    );
}

fn from_environment(name: &str, default: u32) -> u32 {
    std::env::var(name).map_or(default, |value| value.parse().expect("a number"))
}

fn with_rounds(planned: PlannedCell) -> PlannedCell {
    let id = format!("made-up-experiment_sleep-1000_{}", planned.cell.id);
    let params = [("duration_ns".into(), 1_000_000), ("jitter_ns".into(), 0)].into();
    let cell = results::Cell { id, rounds: ROUNDS_EACH, params, ..planned.cell };
    PlannedCell { cell, ..planned }
}

/// A part that has all of its blocks.
fn write_part(parts: &Path, plan: &Plan, shard: Shard, machine: u32) {
    let name = format!("m{machine}");
    let part = Part { turn: machine, ..Part::whole(plan, shard, Deal::Blocks) };
    let folder = parts.join(part.name(&name));
    fs::create_dir_all(&folder).expect("the folder can be written");
    let blocks = || [0].iter().chain(&part.blocks);
    let trials: Vec<TrialRow> =
        blocks().flat_map(|block| plan.cells.iter().map(|planned| trial(planned, *block))).collect();
    let rounds: Vec<RoundRow> =
        trials.iter().flat_map(|trial| (0..ROUNDS_EACH).map(|round| round_of(trial, round))).collect();
    let machine = Some(Machine { id: name.clone(), name });
    let environment = Environment { machine, ..Environment::default() };
    let files = [
        (PLAN, plan.file()),
        (PART, json_file(&part)),
        (ENVIRONMENT, json_file(&environment)),
        (TRIALS, csv_file(&trials)),
        (ROUNDS, csv_file(&rounds)),
    ];
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).expect("the folder can be written");
    }
}

/// A row about as long as a real one.
fn trial(planned: &PlannedCell, block: u32) -> TrialRow {
    let time = Some(1_234_567 + u64::from(block));
    let bytes = Some(12_345_678);
    TrialRow {
        runtime_version: "1.2.3".into(),
        language: "rust".into(),
        process_lifetime_ns: Some(9_876_543),
        startup_ns: time,
        makespan_ns: time,
        go_to_done_ns: Some(8_765_432),
        later_makespan_ns: time,
        completed: Some(1),
        operations: Some(1),
        cpu_user_ns: time,
        cpu_system_ns: time,
        rss_ready_bytes: bytes,
        rss_peak_bytes: bytes,
        virtual_ready_bytes: bytes,
        virtual_peak_bytes: bytes,
        switches_voluntary: Some(1000),
        switches_involuntary: Some(10),
        faults_minor: Some(500),
        steal_ns: Some(0),
        other_processes_cpu_ns: Some(10_000_000),
        started_at: "2026-01-01T00:00:00.123456Z".into(),
        ..planned.cell.blank_row(block, 7, Pass::Timed)
    }
}

fn round_of(trial: &TrialRow, round: u32) -> RoundRow {
    RoundRow {
        cell: trial.cell.clone(),
        block: trial.block,
        round,
        makespan_ns: trial.makespan_ns.unwrap_or_default(),
        completed: 1,
        ..RoundRow::default()
    }
}

fn length(path: &Path) -> u64 {
    path.metadata().map_or(0, |data| data.len())
}

/// The most memory that this process has had, KiB.
fn peak_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
