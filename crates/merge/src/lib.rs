//! Joins the parts of one plan that several machines have run.
//!
//! A part is a folder that `kilotask run --plan` has filled: some blocks of the plan, on one machine. All parts have to be of
//! the same plan, commit and versions; then every block that a machine has whole is taken once, and what is not whole is
//! left out and told. Where the plan was dealt by groups, a block of a part is whole when its groups are. No row is changed: what a part has written stands in the merged files byte for byte, with the machine
//! and the part behind it. Of the spans those of one part for each cell are kept, for a picture.
//!
//! It is a pure function of files: the same parts give the same bytes, in whatever order they are named.

mod choose;
mod error;
mod find;
mod machines;
mod merged;
mod part;
mod same;
mod spans;
#[cfg(test)]
mod tests;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use results::deal::hands;
use results::folder::PLAN;
use results::{Part, Plan, Shard};

pub use error::MergeError;
pub use merged::{Machine, Merged, MergedPart};

use choose::Chosen;
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
    same::check_deal(&parts)?;
    let (machines, notes) = machines::of(&parts);
    let chosen = choose::blocks(&parts, &machines);
    let kept = spans::choose(&plan, &parts, &chosen.parts);
    spans::check(&parts, &kept)?;
    let (missing_blocks, missing_of_shards) = missing(&plan, &parts[0].part, &chosen);
    let merged = Merged {
        missing_blocks,
        missing_of_shards,
        trials: chosen.trials,
        machines: chosen.machines(&machines),
        spans: spans::origins(&kept, &chosen.parts),
        parts: chosen.parts,
        notes,
    };
    write::folder(out, &plan, &parts, &machines, &chosen.pieces, &merged)?;
    spans::write(out, &parts, &kept)?;
    Ok(merged)
}

/// The blocks that no machine has whole; and where the plan was dealt by groups, those of each shard.
fn missing(plan: &Plan, part: &Part, chosen: &Chosen) -> (BTreeSet<u32>, BTreeMap<u32, BTreeSet<u32>>) {
    let of_shard = |shard: Shard| -> BTreeSet<u32> {
        let all = Part::whole(plan, shard, part.deal).blocks.into_iter();
        all.filter(|block| !chosen.is_there(shard.shard, *block)).collect()
    };
    if part.deal.is_blocks() {
        return (of_shard(Shard::WHOLE), BTreeMap::new());
    }
    let of = part.shard.of;
    let shards = (0..).zip(hands(plan, of)).map(|(shard, _)| (shard, of_shard(Shard { shard, of })));
    let by_shard: BTreeMap<u32, BTreeSet<u32>> = shards.filter(|(_, blocks)| !blocks.is_empty()).collect();
    (by_shard.values().flatten().copied().collect(), by_shard)
}
