//! An experiment: one TOML file, one question.
//!
//! Everything in it is checked when it is read, before anything runs. A mistake is reported with
//! its file, its line and the nearest right word.

mod built_in;
mod claims;
mod grid;
mod presets;
mod reader;
mod syntax;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use protocol::RuntimeInfo;
use results::cell::{bounded, check_rounds};
use results::plan::MAX_BLOCKS;
pub use results::plan::{Preset, PresetName};
use results::regular;
use toml::Spanned;

pub use self::claims::UnboundClaim;
pub use self::grid::{Grid, Labelled};
pub use self::presets::Presets;
pub use self::reader::ExperimentError;
use crate::names::{Versioned, is_plain};
use reader::Reader;

/// An experiment, read and checked against the runtimes there are.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Experiment {
    /// Its file's name without the ending.
    pub name: String,
    pub path: PathBuf,
    /// SHA-256 of its file, hexadecimal.
    pub sha256: String,
    pub question: String,
    pub presets: Presets,
    /// What is to be run on each runtime.
    pub grids: Vec<Grid>,
    pub claims: Vec<UnboundClaim>,
}

impl Experiment {
    /// Reads an experiment and checks it against the runtimes there are.
    pub fn read(path: &Path, runtimes: &[&RuntimeInfo]) -> Result<Self, ExperimentError> {
        let text = text_of(path)?;
        let reader = Reader { path, text: &text, runtimes };
        let file = reader.file()?;
        let name = reader.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if !is_plain(&name) {
            return Err(
                reader.error(0..0, format!("{name:?} is no name for an experiment: use a-z, 0-9 and -"))
            );
        }
        if let Some(presets) = &file.presets {
            let mut all = presets.get_ref().all();
            all.try_for_each(check_preset).map_err(|message| reader.error(presets.span(), message))?;
        }
        if file.workload.is_empty() {
            return Err(reader.error(0..0, "no [[workload]]".into()));
        }
        let runtimes = reader.selection(&file.runtimes)?;
        reader.check_size(&file, runtimes.as_deref())?;
        let grids = file
            .workload
            .iter()
            .map(|table| reader.grid(&name, runtimes.as_deref(), table))
            .collect::<Result<Vec<_>, _>>()?;
        let claims = reader.claims(&file, &grids)?;
        Ok(Self {
            name,
            path: reader.path.into(),
            sha256: results::sha256(reader.text.as_bytes()),
            question: file.question,
            presets: file.presets.map(Spanned::into_inner).unwrap_or_default(),
            grids,
            claims,
        })
    }

    /// The labels of the runtimes that take part in any of its workloads.
    pub fn labels<'a>(&'a self, runtimes: &'a [&RuntimeInfo]) -> BTreeSet<&'a str> {
        let chosen = self.grids.iter().flat_map(|grid| grid.chosen(runtimes.iter().copied()));
        chosen.map(|(_, label)| label).collect()
    }

    /// Leaves out all runtimes but those whose labels are kept.
    pub fn keep(&mut self, is_kept: impl Fn(&str) -> bool, runtimes: &[&RuntimeInfo]) {
        for grid in &mut self.grids {
            let chosen = grid.chosen(runtimes.iter().copied()).into_iter();
            let kept = chosen.filter(|(_, label)| is_kept(label));
            let labelled =
                kept.map(|(info, label)| Labelled { runtime: info.name.clone(), label: label.into() });
            grid.runtimes = Some(labelled.collect());
        }
    }

    /// The versions of runtimes that an experiment names, each once. Of the file, only the syntax is
    /// checked.
    pub fn versions(path: &Path) -> Result<BTreeSet<Versioned>, ExperimentError> {
        Reader { path, text: &text_of(path)?, runtimes: &[] }.versions()
    }
}

/// Checks that a preset can be run.
fn check_preset(preset: Preset) -> Result<(), String> {
    if preset.blocks < 2 {
        return Err(format!("{} blocks are too few: block 0 is burn-in, so 2 is the least", preset.blocks));
    }
    bounded("blocks", preset.blocks, MAX_BLOCKS)?;
    bounded("counted trials", preset.counted.max(1), MAX_BLOCKS)?;
    bounded("traced trials", preset.traced.max(1), MAX_BLOCKS)?;
    bounded("trials that count instructions", preset.instructions.max(1), MAX_BLOCKS)?;
    check_rounds(preset.max_rounds.unwrap_or(1))?;
    bounded("tasks", preset.max_tasks.unwrap_or(1), u64::MAX)
}

/// The text of a file; or of a built-in experiment, which has its name alone, where no file is called like it.
fn text_of(path: &Path) -> Result<String, ExperimentError> {
    if let Some(text) = built_in::text_of(path).filter(|_| !path.exists()) {
        return Ok(text.into());
    }
    let fail =
        |error: io::Error| ExperimentError { path: path.into(), line: None, message: error.to_string() };
    regular::read_text(path).map_err(fail)
}
