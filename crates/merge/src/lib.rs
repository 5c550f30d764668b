//! Joins the parts of one plan that several machines have run.
//!
//! A part is a folder that `kilotask run --plan` has filled: some blocks of the plan, on one machine. All parts have to be of
//! the same plan, commit and versions; then every block that a machine has whole is taken once, and what is not whole is
//! left out and told. No row is changed: what a part has written stands in the merged files byte for byte, with the machine
//! and the part behind it.
//!
//! It is a pure function of files: the same parts give the same bytes, in whatever order they are named.

mod choose;
mod error;
mod find;
mod machines;
mod merged;
mod part;
mod same;
#[cfg(test)]
mod tests;
mod write;

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use results::Plan;
use results::folder::PLAN;
use results::plan::BURN_IN_BLOCKS;

pub use error::MergeError;
pub use merged::{Machine, Merged, MergedPart};

use part::PartRun;

/// Joins the parts in these folders, or below them, into a folder.
///
/// # Errors
/// When there is no part, a file of one cannot be used, the parts are not of one plan in the same versions, or the folder
/// holds something else or cannot be written.
pub fn merge(out: &Path, given: &[PathBuf]) -> Result<Merged, MergeError> {
    let folders = find::parts(out, given)?;
    let first = &folders[0];
    let plan_file = part::bytes_of(&first.join(PLAN))?;
    let plan = Plan::read(&first.join(PLAN))?;
    write::check_out(out, &plan)?;
    let read = |folder: &PathBuf| PartRun::read(folder, first, &plan, &plan_file);
    let parts: Vec<PartRun> = folders.par_iter().map(read).collect::<Result<_, _>>()?;
    let parts = choose::distinct(parts)?;
    same::check(&parts)?;
    let (machines, notes) = machines::of(&parts);
    let chosen = choose::blocks(&parts, &machines);
    let ends = plan.stages().last().map_or(0, |blocks| blocks.end);
    let merged = Merged {
        missing_blocks: (BURN_IN_BLOCKS..ends).filter(|block| !chosen.is_there(*block)).collect(),
        trials: chosen.trials,
        machines: chosen.machines(&machines),
        parts: chosen.parts,
        notes,
    };
    write::folder(out, &plan, &parts, &machines, &chosen.pieces, &merged)?;
    Ok(merged)
}
