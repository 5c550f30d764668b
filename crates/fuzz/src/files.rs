//! Files that people hand to the lab. They are read from disk, as that is how they come, with all checks of a file.

use std::cell::LazyCell;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use bundle::Opened;
use flate2::Compression;
use flate2::write::GzEncoder;
use harness::experiment::Experiment;
use harness::{discover, schedule};
use protocol::{RuntimeInfo, Workload};
use results::plan::Plan;
use results::{Metric, TrialRow, read};
use tempfile::TempDir;

/// The most cells of a plan whose blocks are made: a larger one is as valid, and only slow.
const CELLS: usize = 1000;

thread_local! {
    static RUNTIMES: LazyCell<Rc<[RuntimeInfo]>> = LazyCell::new(|| ["tokio", "threads"].map(that_does_all).into());
    static FOLDER: LazyCell<TempDir> = LazyCell::new(folder);
}

/// An experiment, for the runtimes of a checkout in which `tokio` and `threads` do everything.
pub fn experiment(bytes: &[u8]) {
    let runtimes = RUNTIMES.with(|runtimes| Rc::clone(runtimes));
    let path = file("experiment.toml", bytes);
    let _ = Experiment::read(&path, &runtimes.iter().collect::<Vec<_>>());
    let _ = Experiment::versions(&path);
}

fn that_does_all(name: &str) -> RuntimeInfo {
    RuntimeInfo {
        name: name.into(),
        version: "1.0.0".into(),
        language: "rust".into(),
        model: "made up".into(),
        workloads: Workload::ALL.iter().map(|workload| workload.name().to_string()).collect(),
        ..RuntimeInfo::default()
    }
}

/// A plan, and the trials of its first blocks.
pub fn plan(bytes: &[u8]) {
    let Ok(plan) = Plan::read(&file("plan.json", bytes)) else { return };
    let _ = (plan.trials(), plan.stages(), plan.blocks_by_sitting());
    if plan.cells.len() <= CELLS {
        for block in 0..plan.blocks().min(3) {
            let slots = schedule::slots(&plan, block);
            assert!(slots.iter().all(|slot| slot.cell < plan.cells.len()));
        }
    }
}

/// The trials of a run, and every metric of each.
pub fn trials(bytes: &[u8]) {
    let Ok(rows) = read::rows::<TrialRow>(&file("trials.csv", bytes)) else { return };
    for row in rows {
        let values = Metric::ALL.map(|metric| metric.value(&row));
        assert!(values.iter().flatten().all(|value| value.is_finite()), "{row:?}: {values:?}");
    }
}

/// What a `runner.toml` says. Nothing that it names is started.
pub fn manifest(bytes: &[u8]) {
    let _ = discover::check_manifest(&file("runner.toml", bytes));
}

/// The archive in a bundle. It is compressed here: a fuzzer would never get past the sum that gzip keeps.
pub fn bundle(bytes: &[u8]) {
    let mut zipped = GzEncoder::new(Vec::new(), Compression::none());
    zipped.write_all(bytes).expect("memory does not fail");
    let path = file("bundle.tar.gz", &zipped.finish().expect("memory does not fail"));
    let within = path.parent().expect("it stands in a folder");
    if let Ok(opened) = Opened::open(&path, within) {
        let _ = opened.check();
    }
}

/// A folder in memory, where there is one: a disk would be most of the time.
fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a temporary folder can be made")
}

/// A file of this name with these bytes.
fn file(name: &str, bytes: &[u8]) -> PathBuf {
    FOLDER.with(|folder| {
        let path: &Path = folder.path();
        let path = path.join(name);
        fs::write(&path, bytes).expect("the temporary folder can be written");
        path
    })
}
