//! Made-up runs, for the tests.

use std::path::{Path, PathBuf};

use protocol::Status;
use results::folder::{PLAN, TRIALS};
use results::write::{csv_file, json_file};
use results::{Pass, Plan, PresetName, TrialRow};
use tempfile::TempDir;

/// A timed trial that is `ok`, of a cell named after its runtime, with this makespan.
pub fn timed(runtime: &str, block: u32, makespan_ns: u64) -> TrialRow {
    TrialRow {
        experiment: "e".into(),
        cell: runtime.into(),
        group: "g".into(),
        block,
        pass: Pass::Timed,
        runtime: runtime.into(),
        runtime_version: "1.0".into(),
        language: "rust".into(),
        workload: "sleep".into(),
        tasks: 10,
        workers: 2,
        rounds: 1,
        params: "duration_ns=1000000".into(),
        status: Status::Ok,
        makespan_ns: Some(makespan_ns),
        started_at: format!("2026-01-01T00:00:{block:02}.250000Z"),
        ..TrialRow::default()
    }
}

/// The folder of a run with these trials, whose block 0 is burn-in.
pub fn run(samples: &[TrialRow]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let plan = Plan::empty(PresetName::Default, 7);
    std::fs::write(dir.path().join(PLAN), json_file(&plan)).unwrap();
    std::fs::write(dir.path().join(TRIALS), csv_file(samples)).unwrap();
    dir
}

/// Writes the spans of a cell.
pub fn write_spans(dir: &Path, cell: &str, spans: &[(u64, u64)]) {
    std::fs::create_dir_all(dir.join("spans")).unwrap();
    let mut text = String::from("start_ns,finish_ns\n");
    text.extend(spans.iter().map(|(start, finish)| format!("{start},{finish}\n")));
    std::fs::write(dir.join("spans").join(format!("{cell}.csv")), text).unwrap();
}

/// The committed run.
pub fn reference() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results/reference")
}
