//! Made-up runs, for the tests of the crates that read runs (feature `fixture`).

use std::path::PathBuf;

use protocol::Params;
use tempfile::TempDir;

use crate::folder::{PLAN, TRIALS};
use crate::write::{csv_file, json_file};
use crate::{Cell, Plan, PlannedCell, PresetName, TrialRow};

/// A timed trial that is `ok`, of a cell named after its runtime, in which nothing was measured.
pub fn sample(runtime: &str, block: u32) -> TrialRow {
    TrialRow {
        experiment: "e".into(),
        cell: runtime.into(),
        group: "g".into(),
        block,
        runtime: runtime.into(),
        runtime_version: "1.0".into(),
        language: "rust".into(),
        workload: "sleep".into(),
        tasks: 10,
        workers: 2,
        rounds: 1,
        params: "duration_ns=1000000".into(),
        started_at: format!("2026-01-01T00:00:{block:02}.250000Z"),
        ..TrialRow::default()
    }
}

/// A timed trial with this makespan.
pub fn timed(runtime: &str, block: u32, makespan_ns: u64) -> TrialRow {
    TrialRow { makespan_ns: Some(makespan_ns), ..sample(runtime, block) }
}

/// A cell of this name with so many timed trials.
pub fn planned(id: &str, timed: u32) -> PlannedCell {
    let cell = Cell {
        id: id.into(),
        experiment: "x".into(),
        group: "x".into(),
        label: id.into(),
        runtime: id.into(),
        workload: "sleep".into(),
        tasks: 1,
        workers: 1,
        workers_asked: None,
        rounds: 1,
        params: Params::new(),
    };
    PlannedCell { cell, timed, processes: 1, counted: 0, traced: 0, ceiling: false, memory_limit_mib: None }
}

/// The folder of a run of these trials, whose block 0 is burn-in.
pub fn run(trials: &[TrialRow]) -> TempDir {
    run_of(&Plan::empty(PresetName::Default, 7), trials)
}

/// The folder of a run of this plan.
pub fn run_of(plan: &Plan, trials: &[TrialRow]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, bytes) in [(PLAN, json_file(plan)), (TRIALS, csv_file(trials))] {
        std::fs::write(folder.path().join(name), bytes).expect("a temporary folder can be written");
    }
    folder
}

/// The run that is committed with the lab.
pub fn reference() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../results/reference")
}
