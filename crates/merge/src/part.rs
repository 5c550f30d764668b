//! One part, read and checked: where the rows of each block stand in its files.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

use results::difference::differences_of;
use results::folder::{ENVIRONMENT, PART, PLAN, ROUNDS, TRIALS};
use results::machine::{Kind, machine_name_like};
use results::read::{Located, Rows};
use results::write::header;
use results::{
    Deal, Environment, Error, Machine, Part, Plan, Roster, RoundRow, Shard, TrialRow, read, regular,
};
use serde_json::Value;

use crate::error::MergeError;

/// No plan is larger.
const MAX_PLAN_BYTES: u64 = 64 << 20;
/// No line of column names is longer.
const MAX_HEADER_BYTES: usize = 64 << 10;

/// A part that can be merged.
pub struct PartRun {
    pub folder: PathBuf,
    pub part: Part,
    pub machine: Machine,
    pub kind: Kind,
    pub environment: Environment,
    /// The blocks of which every trial has its row.
    pub whole: BTreeSet<u32>,
    /// Rows that were not written to their end.
    pub torn: u64,
    pub trials: Places,
    pub rounds: Places,
    /// When the first trial of each block began.
    pub began: BTreeMap<u32, String>,
}

/// Where the rows of each block stand in a file.
#[derive(Default)]
pub struct Places {
    by_block: BTreeMap<u32, Vec<Range<u64>>>,
    rows: BTreeMap<u32, u64>,
}

impl Places {
    fn note(&mut self, block: u32, bytes: Range<u64>) {
        *self.rows.entry(block).or_default() += 1;
        let pieces = self.by_block.entry(block).or_default();
        match pieces.last_mut() {
            Some(last) if last.end == bytes.start => last.end = bytes.end,
            _ => pieces.push(bytes),
        }
    }

    /// The blocks that have rows.
    pub fn blocks(&self) -> impl Iterator<Item = u32> {
        self.by_block.keys().copied()
    }

    /// Where the rows of a block stand.
    pub fn of(&self, block: u32) -> &[Range<u64>] {
        self.by_block.get(&block).map_or(&[], Vec::as_slice)
    }

    /// How many rows a block has.
    pub fn rows(&self, block: u32) -> u64 {
        self.rows.get(&block).copied().unwrap_or(0)
    }
}

impl PartRun {
    /// Reads a part, which has to be of the plan of the first one; each row is held against that plan and its rounds.
    pub fn read(folder: &Path, first: &Path, plan: &Plan, plan_file: &[u8]) -> Result<Self, MergeError> {
        if bytes_of(&folder.join(PLAN))? != plan_file {
            check_plan(folder, first, plan)?;
        }
        let part = Part::read(folder)?;
        let part = part.unwrap_or_else(|| Part::whole(plan, Shard::WHOLE, Deal::Blocks));
        if !part.deal.is_blocks() && part.groups != part.shard.groups(plan) {
            let what = format!(
                "its groups are not those that shard {} of this plan is dealt; use the file that the run wrote",
                part.shard
            );
            return Err(MergeError::Part { path: folder.join(PART), what });
        }
        let environment = environment_of(folder)?;
        let unnamed = || Machine { name: machine_name_like(&file_name(folder)), id: String::new() };
        let machine = environment.machine.clone().unwrap_or_else(unnamed);
        check_header::<TrialRow>(&folder.join(TRIALS))?;
        check_header::<RoundRow>(&folder.join(ROUNDS))?;
        let (mut trials, mut began) = (Places::default(), BTreeMap::new());
        let (roster, torn) = Roster::read(folder, plan, Some(&part), |Located { bytes, row, .. }| {
            trials.note(row.block, bytes);
            let earliest = began.entry(row.block).or_insert_with(|| row.started_at.clone());
            if row.started_at < *earliest {
                *earliest = row.started_at;
            }
            Ok(())
        })?;
        let whole = roster.whole_blocks();
        let rounds = rounds_of(&folder.join(ROUNDS), plan)?;
        let kind = environment.kind();
        Ok(Self {
            folder: folder.into(),
            part,
            machine,
            kind,
            environment,
            whole,
            torn,
            trials,
            rounds,
            began,
        })
    }

    /// Which groups it has: of several with the same, each block is needed once. Where the plan was dealt by blocks, each
    /// part has all groups.
    pub fn hand(&self) -> u32 {
        if self.part.deal.is_blocks() { 0 } else { self.part.shard.shard }
    }

    /// What it is called in the column `part`.
    pub fn name(&self) -> String {
        self.part.name(&self.machine.name)
    }
}

/// Refuses the plan of a part key by key, unless it says the same as that of the first.
fn check_plan(folder: &Path, first: &Path, plan: &Plan) -> Result<(), MergeError> {
    let other = Plan::read(&folder.join(PLAN))?;
    let json = |plan: &Plan| serde_json::to_value(plan).expect("a plan is JSON");
    let differences = differences_of(&json(plan), &json(&other));
    if differences.is_empty() {
        return Ok(());
    }
    Err(MergeError::AnotherPlan { a: first.into(), b: folder.into(), differences })
}

fn rounds_of(path: &Path, plan: &Plan) -> Result<Places, MergeError> {
    let mut rounds = Places::default();
    let mut rows = Rows::<RoundRow>::open(path, plan.row_key())?;
    while let Some(Located { bytes, row, .. }) = rows.next_row()? {
        rounds.note(row.block, bytes);
    }
    Ok(rounds)
}

fn environment_of(folder: &Path) -> Result<Environment, MergeError> {
    let path = folder.join(ENVIRONMENT);
    let value: Option<Value> = read::json_if_any(&path)?;
    let parsed = value.and_then(|value| serde_json::from_value(value).ok());
    let what = "it is missing or makes no sense, so that nobody knows which machine and which programs ran; use the file \
                that the run wrote";
    parsed.ok_or_else(|| MergeError::Part { path, what: what.into() })
}

/// The columns are those that this version writes: rows are copied as they stand.
fn check_header<T: results::table::Row>(path: &Path) -> Result<(), MergeError> {
    use std::io::Read;
    let mut begin = Vec::new();
    let file = regular::open(path).map_err(Error::reading(path))?;
    file.take(MAX_HEADER_BYTES as u64).read_to_end(&mut begin).map_err(Error::reading(path))?;
    if begin.starts_with(&header::<T>()) {
        return Ok(());
    }
    let what = "its columns are not those that this kilotask writes; merge it with the kilotask that ran it";
    Err(MergeError::Part { path: path.into(), what: what.into() })
}

/// The bytes of a file that is not large.
pub fn bytes_of(path: &Path) -> Result<Vec<u8>, MergeError> {
    Ok(regular::read(path, MAX_PLAN_BYTES).map_err(Error::reading(path))?)
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
