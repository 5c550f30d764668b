//! Finds the runners of a checkout and those that a person names, without a registry: a new folder
//! is enough.
//!
//! - `rust_crates`: `crates/*/Cargo.toml` with `[package.metadata.kilotask]`. `runner` names the
//!   executable and `counted` its counted build; both are looked for where a release build puts
//!   them, and those of a version of the `contestant` where its isolated build puts them.
//! - `foreign_runners`: `runners/*/runner.toml`. `command` is run in that folder; `requires` names
//!   programs that must be on the PATH or, with a slash, files that must be in the folder;
//!   `install` says how to get them, `build` how to make the runner ([`build`](crate::build)),
//!   `runtimes` what to list when the runner cannot be asked.
//! - `external_runners`: runners outside the checkout.

pub(crate) mod cargo_layout;
pub(crate) mod code;
mod description;
mod external_runners;
mod foreign_runners;
mod manifest;
mod own_params;
mod program;
mod question;
mod runner;
pub(crate) mod rust_crates;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};

use results::regular;

use crate::names::Versioned;
pub(crate) use foreign_runners::ForeignRunner;
pub use manifest::DiscoverError;
use runner::Found;
pub use runner::{Runner, Runtime};

/// Names the checkout to work in.
const ROOT: &str = "KILOTASK_ROOT";

/// Reads a `runner.toml`, and starts nothing that it names.
pub fn check_manifest(path: &Path) -> Result<(), DiscoverError> {
    ForeignRunner::read(path).map(|_| ())
}

/// What stands in the `Cargo.toml` of a checkout, and in that of no other workspace.
const MARK: &str = "[workspace.metadata.kilotask]";

/// The checkout to work in: `KILOTASK_ROOT`, seen from `from`, or the nearest folder, from there upwards, that is one.
pub fn find_root(from: &Path) -> Result<PathBuf, DiscoverError> {
    let is_checkout = |folder: &Path| {
        regular::read_text(&folder.join("Cargo.toml")).is_ok_and(|text| text.lines().any(|line| line == MARK))
    };
    if let Some(named) = env::var_os(ROOT).filter(|named| !named.is_empty()) {
        let root = from.join(named);
        return if is_checkout(&root) { Ok(root) } else { Err(DiscoverError::NotARoot(root)) };
    }
    let found = from.ancestors().find(|folder| is_checkout(folder));
    found.map(Path::to_path_buf).ok_or_else(|| DiscoverError::NoRoot(from.to_path_buf()))
}

/// The runtimes of one runner: an executable, or a folder with a `runner.toml`.
pub fn hosted_by(runner: &Path) -> Result<Vec<Runtime>, DiscoverError> {
    let found = external_runners::runners(&[runner.into()])?;
    Ok(found.into_iter().flat_map(Found::runtimes).collect())
}

/// All runtimes of a checkout, sorted by name. Each runner is asked to describe itself; one that
/// cannot is listed all the same, with the reason. Two of one name are an error.
pub fn discover(root: &Path) -> Result<Vec<Runtime>, DiscoverError> {
    discover_with(Some(root), &[], &[])
}

/// The same, of a checkout if there is one, with external runners, each an executable or a folder with a `runner.toml`;
/// and with the versions that are wanted, which are listed whether they are built or not.
pub fn discover_with(
    root: Option<&Path>,
    external: &[PathBuf],
    wanted: &[Versioned],
) -> Result<Vec<Runtime>, DiscoverError> {
    let mut runtimes: BTreeMap<String, Runtime> = BTreeMap::new();
    let mut found = external_runners::runners(external)?;
    if let Some(root) = root {
        let own = [rust_crates::runners(root, wanted)?, foreign_runners::runners(root)?];
        found = own.into_iter().flatten().chain(found).collect();
    }
    for found in found {
        // It stands in files of JSON.
        if found.runner.place.to_str().is_none() {
            return Err(DiscoverError::NotUnicode(found.runner.place));
        }
        for runtime in found.runtimes() {
            let name = runtime.info.name.clone();
            if let Some(other) = runtimes.get(&name) {
                let (first, second) = (other.runner.place.clone(), runtime.runner.place.clone());
                return Err(DiscoverError::Twice { name, first, second });
            }
            runtimes.insert(name, runtime);
        }
    }
    Ok(runtimes.into_values().collect())
}
