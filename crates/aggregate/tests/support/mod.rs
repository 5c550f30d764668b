//! Made-up runs, for the tests and the bench.

#![allow(dead_code)] // each of its users needs a part
#![allow(missing_docs)]

pub mod merged;
pub mod noise;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use results::fixture::planned;
use results::folder::{PLAN, TRIALS};
use results::plan::BURN_IN_BLOCKS;
use results::write::{header, sealed_rows};
use results::{CellRef, Claim, Expectation, Metric, Plan, PresetName, Quantity, RowKey, Source, TrialRow};

/// A plan with claims, and their hash.
pub fn write_plan_with(dir: &Path, claims: &[Claim]) {
    write_plan(dir, claims, Plan::empty(PresetName::Default, 7));
}

/// A plan with claims, and so many blocks that count in so many sittings.
pub fn write_plan_of(dir: &Path, claims: &[Claim], blocks: u32, sittings: u32) {
    write_plan(dir, claims, plan_of(blocks, sittings));
}

pub fn write_plan(dir: &Path, claims: &[Claim], plan: Plan) {
    let plan = Plan { claims: claims.to_vec(), claims_sha256: results::hash(claims), ..plan };
    std::fs::write(dir.join(PLAN), plan.file()).unwrap();
}

/// A plan of one cell, of a version whose rows are not held against it: simulations have cells of their own.
pub fn plan_of(blocks: u32, sittings: u32) -> Plan {
    let cells = vec![planned("a", BURN_IN_BLOCKS + blocks)];
    Plan { schema: 6, cells, sittings, ..Plan::empty(PresetName::Default, 7) }
}

/// The cell of a trial of [`results::fixture`].
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
        variant: false,
        source: Source { title: "T".into(), author: "A".into(), date: "2025".into(), address: None },
        metric,
        expect: Expectation::parse(expect, quantity.unit(metric.unit())).unwrap(),
        quantity,
        untestable: None,
    }
}

pub fn write_trials(dir: &Path, samples: impl Iterator<Item = TrialRow>) -> PathBuf {
    write_sealed_trials(dir, samples, RowKey::NONE)
}

/// The same with checksums, as the lab writes them.
pub fn write_sealed_trials(dir: &Path, samples: impl Iterator<Item = TrialRow>, key: RowKey) -> PathBuf {
    let path = dir.join(TRIALS);
    let mut file = BufWriter::new(File::create(&path).unwrap());
    file.write_all(&header::<TrialRow>()).unwrap();
    for sample in samples {
        file.write_all(&sealed_rows(&[sample], key)).unwrap();
    }
    file.flush().unwrap();
    path
}
