//! `kilotask merge`: joins the parts of a plan that several machines have run.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Result, ensure};
use bundle::Opened;
use harness::scratch::Scratch;
use merge::{Merged, MergedPart};
use report::format::list;
use results::folder::is_merged;
use results::human;

use crate::exit::ExitStatus;
use crate::lab::say;
use crate::sitting::summarise_merged;
use crate::table::{self, new_table};

/// Join the parts of one plan that several machines have run, and judge its claims on each and on all
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  kilotask merge dealt/merged dealt/parts\n  \
kilotask merge all from-n0/parts from-n1/parts           # parts that were copied from several machines\n  \
kilotask merge dealt/merged dealt/parts                  # once more, when more shards are done\n  \
kilotask merge all mine/parts theirs.kilotask.tar.gz     # parts that others have bundled\n\n\
All parts have to be of the same plan, commit, lock file and versions of the runtimes. Each block that a machine has whole \
is taken once; what is not whole is left out and told. The result is the same in whatever order the parts are named.")]
pub struct Arguments {
    /// The folder to write; may hold what the same plan was merged into before
    out: PathBuf,

    /// Folders with parts in them, at any depth up to four, and bundles of parts
    #[arg(required = true, value_name = "PART")]
    parts: Vec<PathBuf>,
}

pub fn run(arguments: &Arguments) -> Result<ExitStatus> {
    let mut scratch = Scratch::default();
    let bundles = open_bundles(&arguments.parts, &mut scratch)?;
    let folders = arguments.parts.iter().filter(|part| !part.is_file()).cloned();
    let folders: Vec<PathBuf> = folders.chain(bundles.iter().map(Opened::run)).collect();
    let merged = merge::merge(&arguments.out, &folders)?;
    tell_what_is_not_there(&merged);
    say(&format!(
        "{}\n{}: {} rows of {} machines",
        machines(&merged),
        arguments.out.display(),
        human::count(merged.trials),
        merged.machines.len()
    ))?;
    let judged = summarise_merged(&arguments.out)?;
    say(&format!("\n{}", table::merged::ending(&arguments.out, &judged)))?;
    Ok(ExitStatus::Good)
}

/// The bundles among what is to be merged, unpacked until they are dropped. Their rows are checked as those of any part.
fn open_bundles(parts: &[PathBuf], scratch: &mut Scratch) -> Result<Vec<Opened>> {
    let files = parts.iter().filter(|part| part.is_file());
    let open = |file: &PathBuf| {
        let opened = Opened::open(file, scratch.root()?)?;
        ensure!(
            !is_merged(&opened.run()),
            "{} holds several machines that were merged already; name the bundles of their parts",
            file.display()
        );
        Ok(opened)
    };
    files.map(open).collect()
}

/// The most shards whose missing blocks are named one by one.
const MOST_SHARDS: usize = 8;

/// What was left out, and what is missing.
fn tell_what_is_not_there(merged: &Merged) {
    for note in &merged.notes {
        tell!("{note}");
    }
    for part in &merged.parts {
        let MergedPart { name, machine, not_whole, copies, torn_rows, .. } = part;
        if !not_whole.is_empty() {
            tell!("{name} on {machine}: {} not whole, left out", blocks(not_whole));
        }
        if !copies.is_empty() {
            tell!(
                "{name} on {machine}: {} left out, as an earlier part of this machine has them",
                blocks(copies)
            );
        }
        if *torn_rows > 0 {
            tell!("{name} on {machine}: its last row was not written to its end, left out");
        }
    }
    for (shard, missing) in merged.missing_of_shards.iter().take(MOST_SHARDS) {
        tell!(
            "no machine has {} of the groups of shard {shard}: run it again, then merge once more; what is there is judged \
             without them",
            blocks(missing)
        );
    }
    if merged.missing_of_shards.is_empty() && !merged.missing_blocks.is_empty() {
        tell!(
            "no machine has {}: run their shards again, then merge once more; what is there is judged without them",
            blocks(&merged.missing_blocks)
        );
    }
}

fn machines(merged: &Merged) -> String {
    let mut table = new_table(&["machine", "parts", "blocks"]);
    for machine in &merged.machines {
        let parts = merged.parts.iter().filter(|part| part.machine == machine.name).count();
        table.add_row([machine.name.clone(), parts.to_string(), blocks(&machine.blocks)]);
    }
    table.to_string()
}

/// Blocks in words, those in a row as a range: `blocks 1 to 4 and 9`.
fn blocks(blocks: &BTreeSet<u32>) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for block in blocks {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *block => *last = *block,
            _ => ranges.push((*block, *block)),
        }
    }
    if ranges.is_empty() {
        return "no block".into();
    }
    let words = ranges
        .into_iter()
        .map(|(first, last)| if first == last { first.to_string() } else { format!("{first} to {last}") });
    let word = if blocks.len() == 1 { "block" } else { "blocks" };
    format!("{word} {}", list(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_in_a_row_are_a_range() {
        let said = |numbers: &[u32]| blocks(&numbers.iter().copied().collect());
        assert_eq!(said(&[]), "no block");
        assert_eq!(said(&[3]), "block 3");
        assert_eq!(said(&[1, 2, 3, 4, 9]), "blocks 1 to 4 and 9");
        assert_eq!(said(&[1, 3, 5]), "blocks 1, 3 and 5");
    }
}
