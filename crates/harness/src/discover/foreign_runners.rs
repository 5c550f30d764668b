//! Runners in other languages: `runners/*/runner.toml`.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use super::description::{check_keys, check_listed};
use super::manifest::{DiscoverError, folder_of, manifests, read_toml};
use super::runner::{Found, Runner};
use crate::names::plain_like;

/// The file that makes a folder a runner in any language.
pub(super) const MANIFEST: &str = "runner.toml";

/// What a `runner.toml` says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    command: Vec<String>,
    #[serde(default)]
    requires: Vec<String>,
    /// How to get what it requires, as the end of a sentence: `apt install golang-go`.
    install: Option<String>,
    /// Words that its program writes to standard error where it cannot run here, as it is too old perhaps: then the runner
    /// is unavailable, which is no failure.
    #[serde(default)]
    cannot_run: Vec<String>,
    /// The command that builds it, run in its folder; none where there is nothing to build.
    #[serde(default)]
    build: Vec<String>,
    #[serde(default)]
    runtimes: Vec<String>,
    /// The files that each runtime's tasks are in, seen from its folder: the report links to their lines.
    #[serde(default)]
    code: BTreeMap<String, Vec<PathBuf>>,
}

/// A runner in another language, as its manifest declares it.
pub(crate) struct ForeignRunner {
    /// Its folder.
    pub(crate) folder: PathBuf,
    manifest: Manifest,
}

impl ForeignRunner {
    /// All of a checkout, in the order of their folders' names.
    pub(crate) fn all(root: &Path) -> Result<Vec<Self>, DiscoverError> {
        manifests(&root.join("runners"), MANIFEST).iter().map(|path| Self::read(path)).collect()
    }

    /// The one that a `runner.toml` declares.
    pub(super) fn read(path: &Path) -> Result<Self, DiscoverError> {
        let manifest: Manifest = read_toml(path)?;
        let fail = |problem: String| DiscoverError::Manifest { path: path.into(), problem };
        if manifest.command.is_empty() {
            return Err(fail("command is empty".into()));
        }
        check_listed(&manifest.runtimes).and_then(|()| check_keys(&manifest.code)).map_err(fail)?;
        Ok(Self { folder: folder_of(path), manifest })
    }

    /// The command that builds it, where there is one.
    pub(crate) fn build(&self) -> Option<Command> {
        let (program, arguments) = self.manifest.build.split_first()?;
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.folder);
        Some(command)
    }

    /// What it requires: files of its folder, or programs on the PATH.
    fn required(&self, files: bool) -> impl Iterator<Item = &String> {
        let all = self.manifest.requires.iter().chain(self.manifest.command.first());
        all.filter(move |name| name.contains('/') == files)
    }

    /// The tool that it lacks, and how to get it.
    pub(crate) fn missing_tool(&self) -> Option<String> {
        let missing = self.required(false).find(|program| !on_path(program))?;
        let install = self.manifest.install.as_deref().unwrap_or("install it");
        Some(format!("{missing} is not on the PATH; {install}"))
    }

    /// The file that its folder lacks, and how to build it.
    fn missing_file(&self) -> Option<String> {
        let missing = self.required(true).find(|name| !self.folder.join(name).is_file())?;
        if self.manifest.build.is_empty() {
            return Some(format!("{missing} is not in {}", self.folder.display()));
        }
        let build = self.manifest.build.join(" ");
        Some(format!("not built; run make build, or {build} in {}", self.folder.display()))
    }

    /// The runner, whose place is this.
    pub(super) fn found(self, place: PathBuf) -> Found {
        let missing = self.missing_tool().or_else(|| self.missing_file());
        let names = if self.manifest.runtimes.is_empty() {
            vec![plain_like(&self.folder.file_name().unwrap_or_default().to_string_lossy())]
        } else {
            self.manifest.runtimes
        };
        let command = self.manifest.command.into_iter().map(OsString::from).collect();
        let code = self.manifest.code;
        let cannot_run = self.manifest.cannot_run;
        let runner =
            Runner { cannot_run, code, ..Runner::new(self.folder.clone(), place, command, self.folder) };
        Found { runner, names, missing, version: None, on_request: false }
    }
}

/// All of a checkout.
pub(super) fn runners(root: &Path) -> Result<Vec<Found>, DiscoverError> {
    let found = |runner: ForeignRunner| {
        let place = runner.folder.strip_prefix(root).unwrap_or(&runner.folder).to_path_buf();
        runner.found(place)
    };
    Ok(ForeignRunner::all(root)?.into_iter().map(found).collect())
}

fn on_path(program: &str) -> bool {
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|bin| bin.join(program).is_file()))
}
