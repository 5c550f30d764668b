//! What was merged, and what was left out: `merge.json`.

use std::collections::{BTreeMap, BTreeSet};

use results::merged::SpansOf;
use serde::Serialize;

/// What was merged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Merged {
    /// The machines, by name.
    pub machines: Vec<Machine>,
    /// The parts, in the order of their machines.
    pub parts: Vec<MergedPart>,
    /// Blocks of the plan that no machine has whole.
    pub missing_blocks: BTreeSet<u32>,
    /// The same by shard, where the plan was dealt by groups.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub missing_of_shards: BTreeMap<u32, BTreeSet<u32>>,
    /// Of which part the spans of each cell are, as far as they are kept.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub spans: BTreeMap<String, SpansOf>,
    /// What somebody should know before believing that the machines are what they seem.
    pub notes: Vec<String>,
    /// Rows of trials.
    pub trials: u64,
}

/// A machine of the merged folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// Its name, which no other machine of the folder has.
    pub name: String,
    /// The blocks that it has whole.
    pub blocks: BTreeSet<u32>,
}

/// A part that was merged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MergedPart {
    /// What it is called in the column `part`.
    pub name: String,
    /// The machine that it ran on.
    pub machine: String,
    /// The blocks that were taken from it.
    pub blocks: BTreeSet<u32>,
    /// Blocks that it has not whole: left out.
    pub not_whole: BTreeSet<u32>,
    /// Blocks that an earlier part of the same machine has whole: left out.
    pub copies: BTreeSet<u32>,
    /// Rows that were not written to their end: left out.
    pub torn_rows: u64,
}
