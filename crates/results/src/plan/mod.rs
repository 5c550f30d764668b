//! The plan of a run: which cells, how often, and what was claimed: `plan.json`.
//!
//! It holds all that is needed to run it again; the order of the trials follows from its seed.

mod blocks;
mod check;
mod ranked;
mod seal;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};

use protocol::Params;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cell::Cell;
use crate::checksum::RowKey;
use crate::claims::{self, Claim};
use crate::described::Described;
use crate::error::{Error, Problem};
use crate::folder::{OLDEST_SCHEMA, SCHEMA};
use crate::read;
use crate::sanitize::{MAX_NAME, one_line};
use crate::value::named;

/// Blocks that warm the machine up and reach no timing summary; declared before the run.
pub const BURN_IN_BLOCKS: u32 = 1;

/// More cells than these are not a run.
pub const MAX_CELLS: usize = 100_000;
/// The most blocks of a cell up to the first look.
pub const MAX_BLOCKS: u32 = 100_000;
/// The most memory that a limit may allow, MiB.
pub const MAX_MEMORY_MIB: u64 = 1 << 30;

/// How to fix a plan that makes no sense.
const REMEDY: &str = "use the unedited plan.json that the run wrote";

named! {
    /// How much is measured.
    pub enum PresetName {
        /// A first look.
        Quick = "quick",
        /// Enough for verdicts on what differs by some per cent.
        Default = "default",
        /// Everything, many times.
        Full = "full",
    }
}

/// How often everything is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// Timed trials of each cell, the burn-in block included.
    pub blocks: u32,
    /// Counted trials of each cell.
    #[serde(default = "one")]
    pub counted: u32,
    /// Traced trials of each cell.
    #[serde(default = "one")]
    pub traced: u32,
    /// Trials that count instructions, of each cell of which they can be counted.
    #[serde(default, skip_serializing_if = "is_none")]
    pub instructions: u32,
    /// The most rounds a trial runs, whatever the workload asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_rounds: Option<u32>,
    /// The most tasks a cell has; larger ones are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tasks: Option<u64>,
}

fn one() -> u32 {
    1
}

/// Everything needed to run it again: `plan.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Version of the files, [`SCHEMA`].
    pub schema: u32,
    /// Which plan it is: made at random, and kept whatever block 0 and the looks add. The rows of its trials are bound to it
    /// ([`checksum`](crate::checksum)); a plan without one is older than that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Version of the lab that made it.
    pub kilotask: String,
    /// How much was asked for.
    pub preset: PresetName,
    /// Decides the order of the trials and the seeds of their jobs.
    pub seed: u64,
    /// Blocks left out of timing summaries.
    pub burn_in_blocks: u32,
    /// Sittings that the blocks are divided among: between two of them the harness starts afresh.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub sittings: u32,
    /// How often the claims are looked at: after the blocks of the plan, and while any is undecided again after as many
    /// more, and each time after twice as many as before.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub looks: u32,
    /// The cells that go on, those of undecided claims: after the first look, the second, …, as far as they were taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub going_on: Vec<BTreeSet<String>>,
    /// What runs on this machine showed before of what sittings differ by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier: Option<EarlierRuns>,
    /// How much time the cells get in each block; absent where each has one process in every block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equal_time: Option<EqualTime>,
    /// The run stops once every cell's makespan is known to this share of it, either way; absent where
    /// only blocks and time bound it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<f64>,
    /// What its blocks were chosen for; absent where they are those of the preset, or were given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensitivity: Option<Sensitivity>,
    /// CPUs that the lab may use: what claims about cores are checked with.
    pub cores: u32,
    /// The experiments, with the hashes of their files.
    pub experiments: Vec<PlannedExperiment>,
    /// The cells.
    pub cells: Vec<PlannedCell>,
    /// What runners said of the runtimes, by the runtime's own name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub described: BTreeMap<String, Described>,
    /// Runtimes whose runner lives outside the checkout, each with the whole path of that runner.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub runners: BTreeMap<String, PathBuf>,
    /// What an experiment asked for and is not run, with the reason.
    pub left_out: Vec<LeftOut>,
    /// What was claimed, to be judged by what comes out.
    #[serde(default)]
    pub claims: Vec<Claim>,
    /// [`claims::hash`] of the claims as its version wrote them, taken before the first trial.
    #[serde(default)]
    pub claims_sha256: String,
    /// How many blocks the whole plan has up to the first look, where this is what of it some groups are
    /// ([`of_groups`](Self::of_groups)); in no file.
    #[serde(skip)]
    pub blocks_of_whole: Option<u32>,
}

/// Equal time instead of equal counts: the trial of block 0, which counts nowhere, shows how long each cell takes.
///
/// Cells of groups that claims are about run as many processes in each later block as fit into `block_ms`; the block's
/// value is their median. Cells that no claim is about and that take longer than `long_ms` run in fewer blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EqualTime {
    /// What the processes of a cell take together in one block, milliseconds.
    pub block_ms: u64,
    /// The most processes of a cell in one block.
    pub most_processes: u32,
    /// From this length on a cell runs less often, milliseconds. Less than in the preset where a budget asked for that.
    pub long_ms: u64,
    /// What all blocks will take, by block 0; absent until it has been run and the cells have their numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_seconds: Option<u64>,
}

/// What sittings differed by in earlier runs on the same machine.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlierRuns {
    /// How many runs.
    pub runs: u32,
    /// The deviation on the scale of logarithms, the root of the mean square over the runs, by [`kind_of_claim`].
    pub deviations: BTreeMap<String, f64>,
}

/// The kind of claims whose sittings are taken to differ by the same: those of an experiment about a number with this unit, of
/// one cell or of two that are compared.
pub fn kind_of_claim(experiment: &str, unit: &str, is_of_two: bool) -> String {
    format!("{experiment}: {unit}{}", if is_of_two { ", of two cells" } else { "" })
}

/// Why a plan has so many blocks and processes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sensitivity {
    /// The shift that the claims are to see, as a share.
    pub margin: f64,
    /// The run whose scatter was taken.
    pub pilot: PathBuf,
}

/// An experiment of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct PlannedExperiment {
    pub name: String,
    pub file: String,
    pub sha256: String,
    pub question: String,
    pub preset: Preset,
}

/// A cell of a plan, and how often it runs in each pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedCell {
    /// What runs.
    #[serde(flatten)]
    pub cell: Cell,
    /// Blocks with timed trials, the burn-in included.
    pub timed: u32,
    /// Timed trials of each block after the burn-in.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub processes: u32,
    /// Counted trials: one in each of the blocks 1, 2, …
    pub counted: u32,
    /// Traced trials: one in each of the blocks 1, 2, …
    pub traced: u32,
    /// Trials that count instructions: one in each of as many blocks, which are spread over the sittings.
    #[serde(default, skip_serializing_if = "is_none")]
    pub instructions: u32,
    /// Whether it is a rung of a ladder, whose cells run from fewest tasks to most until one fails:
    /// how it fails is the result, and no defect.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ceiling: bool,
    /// The most resident memory of a runner, MiB, where it is less than that of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_limit_mib: Option<u64>,
    /// How long one of its trials took in the run that the plan was made by, microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_us: Option<u64>,
    /// Whether it has a trial in the burn-in. What is known to take long has none: it warms up within its first trial.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub burn_in: bool,
}

impl PlannedCell {
    /// What the rungs of one ladder have in common; `None` where it is no rung.
    pub fn ladder(&self) -> Option<Ladder<'_>> {
        let cell = &self.cell;
        self.ceiling.then(|| (&*cell.experiment, &*cell.label, &*cell.workload, cell.workers, &cell.params))
    }
}

/// Experiment, label, workload, workers and parameters.
pub type Ladder<'a> = (&'a str, &'a str, &'a str, u32, &'a Params);

/// Something that is not run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct LeftOut {
    pub experiment: String,
    pub workload: String,
    pub tasks: u64,
    pub runtime: String,
    pub reason: String,
    /// The name of the cell, where the run that this one repeats has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell: Option<String>,
}

impl LeftOut {
    /// Whether it is this cell that is not run.
    pub fn is(&self, cell: &Cell) -> bool {
        self.own_key() == Self::key(cell)
    }

    /// What it has in common with the cell that is not run.
    pub fn own_key(&self) -> (&str, &str, u64, &str) {
        (&self.experiment, &self.workload, self.tasks, &self.runtime)
    }

    /// What a cell has in common with what says that it is not run.
    pub fn key(cell: &Cell) -> (&str, &str, u64, &str) {
        (&cell.experiment, &cell.workload, cell.tasks, &cell.label)
    }
}

impl Plan {
    /// A plan of nothing yet.
    pub fn empty(preset: PresetName, seed: u64) -> Self {
        Self {
            schema: SCHEMA,
            id: None,
            kilotask: env!("CARGO_PKG_VERSION").into(),
            preset,
            seed,
            burn_in_blocks: BURN_IN_BLOCKS,
            sittings: 1,
            looks: 1,
            going_on: Vec::new(),
            earlier: None,
            equal_time: None,
            precision: None,
            sensitivity: None,
            cores: 1,
            experiments: Vec::new(),
            cells: Vec::new(),
            described: BTreeMap::new(),
            runners: BTreeMap::new(),
            left_out: Vec::new(),
            claims: Vec::new(),
            claims_sha256: claims::hash(&[]),
            blocks_of_whole: None,
        }
    }

    /// The same with an `id` of its own.
    #[must_use]
    pub fn with_new_id(self) -> Self {
        // The standard library keys its own hash tables with what nobody can guess.
        let id = RandomState::new().hash_one(&self.kilotask);
        Self { id: Some(format!("{id:016x}")), ..self }
    }

    /// What the rows of its trials are bound to.
    pub fn row_key(&self) -> RowKey<'_> {
        RowKey::of(self.id.as_deref())
    }

    /// Reads a plan.
    ///
    /// # Errors
    /// When there is none, it is of another version of the files, it was changed since it was written, it makes no sense
    /// ([`check`](Self::check)), or its claims are not those whose hash was taken before the first trial.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = read::bounded(path).map_err(Error::reading(path))?;
        let unreadable = |error: serde_json::Error| {
            Problem::new(error.line() as u64, format!("reading the plan: {error}"), REMEDY).at(path)
        };
        // First of all: a plan of another version may have anything else in it, or not.
        let value: Value = serde_json::from_slice(&text).map_err(unreadable)?;
        let found = value["schema"].as_u64().and_then(|schema| u32::try_from(schema).ok()).unwrap_or(0);
        if !(OLDEST_SCHEMA..=SCHEMA).contains(&found) {
            return Err(Error::Schema { path: path.into(), found, way_forward: way_forward(&value) });
        }
        let plan: Self = serde_json::from_slice(&text).map_err(unreadable)?;
        let problem = |problem: String| Problem::new(1, problem, REMEDY).at(path);
        let has_hash = !plan.claims.is_empty() || !plan.claims_sha256.is_empty();
        if has_hash && claims::hash_in(found, &plan.claims) != plan.claims_sha256 {
            let changed = "its claims were changed: their hash is not the one taken before the first trial";
            return Err(problem(changed.into()));
        }
        plan.check().map_err(|what| problem(format!("it makes no sense: {what}")))?;
        Self::check_hash(&value, found).map_err(problem)?;
        Ok(plan)
    }

    /// The names of its runtimes, as often as they have cells.
    pub fn runtimes(&self) -> impl Iterator<Item = &str> {
        self.cells.iter().map(|planned| &*planned.cell.runtime)
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde passes a reference
fn is_one(sittings: &u32) -> bool {
    *sittings == 1
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde passes a reference
fn is_none(trials: &u32) -> bool {
    *trials == 0
}

fn yes() -> bool {
    true
}

#[allow(clippy::trivially_copy_pass_by_ref)] // Serde gives it so.
fn is_yes(yes: &bool) -> bool {
    *yes
}

/// What to do with a run of another version, given what its `plan.json` holds.
fn way_forward(plan: &Value) -> String {
    let text = |value: &Value| value.as_str().map(|text| one_line(text, MAX_NAME));
    let files = plan["experiments"].as_array().into_iter().flatten();
    let files: Vec<String> = files.filter_map(|one| text(&one["file"])).take(20).collect();
    let files = if files.is_empty() { String::new() } else { format!(" ({})", files.join(", ")) };
    let preset = text(&plan["preset"]).map_or_else(String::new, |preset| format!(" --preset {preset}"));
    let seed = plan["seed"].as_u64().map_or_else(String::new, |seed| format!(" --seed {seed}"));
    let options = if preset.is_empty() && seed.is_empty() { "" } else { " with" };
    let made_by = text(&plan["kilotask"]).map_or_else(String::new, |version| format!(", {version}"));
    format!(
        "run its experiments{files} again into a new folder{options}{preset}{seed}, or use it with the \
         kilotask that made it{made_by}"
    )
}
