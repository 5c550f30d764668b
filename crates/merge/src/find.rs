//! Finds the parts in folders that were named, and below them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use results::Error;
use results::folder::{MACHINES, PLAN, TRIALS};

use crate::error::MergeError;

/// How far below a folder that was named parts may lie: `dealt/parts/shard-0/n0.0`.
const DEPTH: u32 = 4;
/// The most parts that are merged.
const MOST_PARTS: usize = 100_000;

/// The folders of parts in these folders, each once, sorted; not in the one that they are merged into.
pub fn parts(out: &Path, given: &[PathBuf]) -> Result<Vec<PathBuf>, MergeError> {
    let out = fs::canonicalize(out).ok();
    let mut found = BTreeSet::new();
    for folder in given {
        let folder = fs::canonicalize(folder).map_err(Error::reading(folder))?;
        look(&folder, out.as_deref(), DEPTH, &mut found)?;
    }
    if found.is_empty() {
        let given: Vec<String> = given.iter().map(|path| path.display().to_string()).collect();
        return Err(MergeError::NoParts { given: given.join(", ") });
    }
    Ok(found.into_iter().collect())
}

fn look(
    folder: &Path,
    out: Option<&Path>,
    depth: u32,
    found: &mut BTreeSet<PathBuf>,
) -> Result<(), MergeError> {
    if Some(folder) == out || folder.join(MACHINES).exists() {
        return Ok(());
    }
    // Without a plan a turn ended before it began; a plan alone is that which was dealt.
    if folder.join(PLAN).exists() && folder.join(TRIALS).exists() {
        if found.len() == MOST_PARTS {
            let what = format!("more than {MOST_PARTS} parts are too many");
            return Err(MergeError::Part { path: folder.into(), what });
        }
        found.insert(folder.into());
        return Ok(());
    }
    if depth == 0 {
        return Ok(());
    }
    for entry in fs::read_dir(folder).map_err(Error::reading(folder))? {
        let entry = entry.map_err(Error::reading(folder))?;
        // A link may lead in a circle.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            look(&entry.path(), out, depth - 1, found)?;
        }
    }
    Ok(())
}
