//! The lines that a runner is given in a timed trial.

use std::fs;
use std::path::{Path, PathBuf};

use harness::cell::Cell;
use protocol::Go;
use protocol::wire::encode;
use results::Pass;

/// Writes them into a file of the folder, named after the workload. Spans go into a file beside it.
pub fn script(cell: &Cell, seed: u64, folder: &Path) -> PathBuf {
    let mut job = cell.job(Pass::Timed);
    job.spans_file = Some(folder.join("spans"));
    let file = folder.join(&job.workload);
    fs::write(&file, format!("{}{}", encode(&job), Go::with_seed(seed).line()))
        .expect("the folder can be written");
    file
}
