//! Made-up runs, for the tests and the bench.

#![allow(dead_code)] // each of its users needs a part
#![allow(missing_docs)]

pub mod noise;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use results::folder::{PLAN, TRIALS};
use results::write::{csv_rows, header};
use results::{CellRef, Claim, Expectation, Metric, Plan, PresetName, Quantity, Source, TrialRow};
use tempfile::TempDir;

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
        started_at: "2026-01-01T00:00:00Z".into(),
        ..TrialRow::default()
    }
}

/// A timed trial with this makespan.
pub fn timed(runtime: &str, block: u32, makespan_ns: u64) -> TrialRow {
    TrialRow { makespan_ns: Some(makespan_ns), ..sample(runtime, block) }
}

/// The folder of a run with these trials, whose block 0 is burn-in.
pub fn run(samples: &[TrialRow]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    write_plan(dir.path());
    write_trials(dir.path(), samples.iter().cloned());
    dir
}

pub fn write_plan(dir: &Path) {
    write_plan_with(dir, &[]);
}

/// A plan with claims, and their hash.
pub fn write_plan_with(dir: &Path, claims: &[Claim]) {
    let plan = Plan {
        claims: claims.to_vec(),
        claims_sha256: results::hash(claims),
        ..Plan::empty(PresetName::Default, 7)
    };
    std::fs::write(dir.join(PLAN), serde_json::to_string(&plan).unwrap()).unwrap();
}

/// The cell of [`sample`].
pub fn cell_ref(runtime: &str) -> CellRef {
    CellRef { cell: runtime.into(), runtime: runtime.into(), group: "g".into(), tasks: 10 }
}

pub fn value(of: &str) -> Quantity {
    Quantity::Value { of: cell_ref(of) }
}

pub fn ratio(of: &str, over: &str) -> Quantity {
    Quantity::Ratio { of: cell_ref(of), over: cell_ref(over) }
}

/// A claim about makespans in experiment `e`.
pub fn claim(id: &str, quantity: Quantity, expect: &str) -> Claim {
    claim_about(Metric::Makespan, id, quantity, expect)
}

pub fn claim_about(metric: Metric, id: &str, quantity: Quantity, expect: &str) -> Claim {
    Claim {
        experiment: "e".into(),
        id: id.into(),
        says: "so it is said".into(),
        source: Source { title: "T".into(), author: "A".into(), date: "2025".into(), address: None },
        metric,
        expect: Expectation::parse(expect, quantity.unit(metric.unit())).unwrap(),
        quantity,
        untestable: None,
    }
}

pub fn write_trials(dir: &Path, samples: impl Iterator<Item = TrialRow>) -> PathBuf {
    let path = dir.join(TRIALS);
    let mut file = BufWriter::new(File::create(&path).unwrap());
    file.write_all(&header::<TrialRow>()).unwrap();
    for sample in samples {
        file.write_all(&csv_rows(&[sample])).unwrap();
    }
    file.flush().unwrap();
    path
}
