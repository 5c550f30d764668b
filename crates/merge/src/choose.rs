//! Which rows of which part are taken: each block that a machine has whole, once.

use std::collections::{BTreeMap, BTreeSet};

use results::folder::{ROUNDS, TRIALS};
use results::plan::BURN_IN_BLOCKS;
use results::{regular, sha256};

use crate::error::MergeError;
use crate::machines::Machines;
use crate::merged::{Machine, MergedPart};
use crate::part::PartRun;

/// No file of a part is larger, where two parts of one name are compared.
const MAX_BYTES: u64 = 4 << 30;

/// What is taken.
pub struct Chosen {
    /// In the order of the merged files: the part and the block.
    pub pieces: Vec<(usize, u32)>,
    /// What was taken of each part.
    pub parts: Vec<MergedPart>,
    /// Rows of trials.
    pub trials: u64,
    /// The blocks of each machine, each with the [`hand`](PartRun::hand) of its part.
    blocks: Vec<BTreeSet<(u32, u32)>>,
}

impl Chosen {
    /// Whether any machine has this block of a hand.
    pub fn is_there(&self, hand: u32, block: u32) -> bool {
        self.blocks.iter().any(|blocks| blocks.contains(&(hand, block)))
    }

    /// The machines with their blocks.
    pub fn machines(&self, machines: &Machines) -> Vec<Machine> {
        let machine = |(name, blocks): (&String, &BTreeSet<(u32, u32)>)| Machine {
            name: name.clone(),
            blocks: blocks.iter().map(|(_, block)| *block).collect(),
        };
        machines.names.iter().zip(&self.blocks).map(machine).collect()
    }
}

/// The parts in an order that does not depend on where they lie, each once.
pub fn distinct(mut parts: Vec<PartRun>) -> Result<Vec<PartRun>, MergeError> {
    let key = |part: &PartRun| {
        let kind = format!("{:?}", part.kind);
        (part.machine.clone(), kind, part.part.shard.of, part.part.shard.shard, part.part.turn)
    };
    parts.sort_by_cached_key(|part| (key(part), part.folder.clone()));
    let mut kept: Vec<PartRun> = Vec::new();
    for part in parts {
        match kept.last() {
            Some(last) if key(last) == key(&part) => {
                if fingerprint(last)? != fingerprint(&part)? {
                    let (a, b) = (last.folder.clone(), part.folder.clone());
                    return Err(MergeError::TwoOfOneName { a, b, name: part.name() });
                }
            }
            _ => kept.push(part),
        }
    }
    Ok(kept)
}

fn fingerprint(part: &PartRun) -> Result<[String; 2], MergeError> {
    let hash = |name: &str| -> Result<String, MergeError> {
        let path = part.folder.join(name);
        Ok(sha256(&regular::read(&path, MAX_BYTES).map_err(results::Error::reading(&path))?))
    };
    Ok([hash(TRIALS)?, hash(ROUNDS)?])
}

/// Takes of each machine every block that it has whole, from the part that began it first; where the plan was dealt by
/// groups, of each shard.
pub fn blocks(parts: &[PartRun], machines: &Machines) -> Chosen {
    let mut taken: Vec<BTreeSet<u32>> = parts.iter().map(|_| BTreeSet::new()).collect();
    let (mut pieces, mut blocks) = (Vec::new(), Vec::new());
    for machine in 0..machines.names.len() {
        let mut by_block: BTreeMap<(u32, u32), usize> = BTreeMap::new();
        for place in machines.parts(machine) {
            for block in &parts[place].whole {
                let began = |part: usize| (&parts[part].began[block], part);
                let chosen = by_block.entry((parts[place].hand(), *block)).or_insert(place);
                if began(place) < began(*chosen) {
                    *chosen = place;
                }
            }
        }
        for ((_, block), place) in &by_block {
            taken[*place].insert(*block);
            pieces.push((*place, *block));
        }
        blocks.push(by_block.into_keys().filter(|(_, block)| *block >= BURN_IN_BLOCKS).collect());
    }
    let trials = pieces.iter().map(|(place, block)| parts[*place].trials.rows(*block)).sum();
    let part = |(place, part): (usize, &PartRun)| {
        of_part(part, &machines.names[machines.of_part[place]], &taken[place])
    };
    let parts = parts.iter().enumerate().map(part).collect();
    Chosen { pieces, parts, trials, blocks }
}

fn of_part(part: &PartRun, machine: &str, taken: &BTreeSet<u32>) -> MergedPart {
    // Every part has a burn-in block of its own, and one is enough for a machine.
    let is_copy = |block: &u32| *block >= BURN_IN_BLOCKS && !taken.contains(block);
    MergedPart {
        name: part.name(),
        machine: machine.into(),
        blocks: taken.clone(),
        not_whole: part.trials.blocks().filter(|block| !part.whole.contains(block)).collect(),
        copies: part.whole.iter().copied().filter(is_copy).collect(),
        torn_rows: part.torn,
    }
}
