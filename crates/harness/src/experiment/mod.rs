//! An experiment: one TOML file, one question.
//!
//! Everything in it is checked when it is read, before anything runs. A mistake is reported with
//! its file, its line and the nearest right word.

mod claims;
mod reader;
mod syntax;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use protocol::RuntimeInfo;
pub use results::plan::{Preset, PresetName};
use serde::Deserialize;

pub use self::claims::UnboundClaim;
use crate::cell::Request;
use crate::names::Versioned;
use reader::Reader;

/// The largest experiment file that is read, bytes.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// A mistake in an experiment file.
#[derive(Debug, thiserror::Error)]
#[error("{}{}: {message}", path.display(), line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct ExperimentError {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1, where it is known.
    pub line: Option<usize>,
    /// What is wrong, and how to fix it.
    pub message: String,
}

/// An experiment, read and checked against the runtimes there are.
#[derive(Debug, Clone)]
pub struct Experiment {
    /// Its file's name without the ending.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// SHA-256 of its file, hexadecimal.
    pub sha256: String,
    /// Its question, in one sentence.
    pub question: String,
    /// How often everything is repeated.
    pub presets: Presets,
    /// What is to be run on each runtime.
    pub grids: Vec<Grid>,
    /// The claims that it tests.
    pub claims: Vec<UnboundClaim>,
}

/// A runtime under the name that the results give it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labelled {
    /// The runtime's own name.
    pub runtime: String,
    /// Its name in the results.
    pub label: String,
}

/// The requests of one `[[workload]]`, and the runtimes that take part.
#[derive(Debug, Clone)]
pub struct Grid {
    /// The runtimes named for it, each with its label; `None` means all.
    pub runtimes: Option<Vec<Labelled>>,
    /// One request for each combination of the axes.
    pub requests: Vec<Request>,
    /// Runtimes left out, each with the reason.
    pub leave_out: BTreeMap<String, String>,
    /// Whether the numbers of tasks are a ladder, climbed until a runtime fails; how it fails is
    /// the result.
    pub ceiling: bool,
    /// The most resident memory of a runner, MiB, where it is less than that of the run.
    pub memory_limit_mib: Option<u64>,
    /// The most timed trials of a cell that any preset asks for.
    pub most_blocks: Option<u32>,
}

impl Grid {
    /// The runtimes that take part in it, each with its label. "All" does not include those that
    /// are opt-in.
    pub(crate) fn chosen<'a>(
        &'a self,
        runtimes: impl Iterator<Item = &'a RuntimeInfo> + Clone,
    ) -> Vec<(&'a RuntimeInfo, &'a str)> {
        match &self.runtimes {
            None => runtimes.filter(|info| !info.on_request).map(|info| (info, info.name.as_str())).collect(),
            Some(named) => named
                .iter()
                .filter_map(|one| {
                    let info = runtimes.clone().find(|info| info.name == one.runtime)?;
                    Some((info, one.label.as_str()))
                })
                .collect(),
        }
    }
}

/// How often everything is repeated, by preset.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Presets {
    quick: Option<Preset>,
    default: Option<Preset>,
    full: Option<Preset>,
}

impl Presets {
    /// The preset of that name, or a default where the experiment does not define it.
    pub fn get(&self, name: PresetName) -> Preset {
        let plain = |blocks| Preset { blocks, counted: 1, traced: 1, max_rounds: None, max_tasks: None };
        match name {
            PresetName::Quick => self.quick.unwrap_or(Preset { max_rounds: Some(2), ..plain(2) }),
            PresetName::Default => self.default.unwrap_or(plain(6)),
            PresetName::Full => self.full.unwrap_or(plain(31)),
        }
    }

    fn all(&self) -> impl Iterator<Item = Preset> {
        [self.quick, self.default, self.full].into_iter().flatten()
    }
}

impl Experiment {
    /// Reads an experiment and checks it against the runtimes there are.
    pub fn read(path: &Path, runtimes: &[&RuntimeInfo]) -> Result<Self, ExperimentError> {
        Reader { path, text: &text_of(path)?, runtimes }.experiment()
    }

    /// The versions of runtimes that an experiment names, each once.
    ///
    /// # Errors
    /// When its syntax is wrong; the rest is not checked.
    pub fn versions(path: &Path) -> Result<BTreeSet<Versioned>, ExperimentError> {
        Reader { path, text: &text_of(path)?, runtimes: &[] }.versions()
    }
}

fn text_of(path: &Path) -> Result<String, ExperimentError> {
    let fail = |message: String| ExperimentError { path: path.into(), line: None, message };
    let length = fs::metadata(path).map_err(|error| fail(error.to_string()))?.len();
    if length > MAX_FILE_BYTES {
        return Err(fail(format!("{length} bytes are too many for an experiment")));
    }
    fs::read_to_string(path).map_err(|error| fail(error.to_string()))
}
