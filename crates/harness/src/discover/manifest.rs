//! The manifests of runners, and what can be wrong with them.

use std::fs;
use std::path::{Path, PathBuf};

use results::regular;
use serde::de::DeserializeOwned;

/// Why discovery failed.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum DiscoverError {
    #[error(
        "no checkout of kilotask at {0} or above; change to one, or name it in KILOTASK_ROOT; or name runners with \
         --runner: they need none"
    )]
    NoRoot(PathBuf),
    #[error(
        "KILOTASK_ROOT names {0}, which is no kilotask checkout (its Cargo.toml has [workspace.metadata.kilotask])"
    )]
    NotARoot(PathBuf),
    #[error("{path}: {problem}")]
    Manifest { path: PathBuf, problem: String },
    #[error("two runners host a runtime called {name:?}: {first} and {second}; rename one")]
    Twice { name: String, first: PathBuf, second: PathBuf },
    #[error(
        "the path of the runner {} is not UTF-8 (it comes from --runner, KILOTASK_RUNNERS, or a folder of this checkout); \
         rename it: results name runners in JSON",
        .0.display()
    )]
    NotUnicode(PathBuf),
    #[error("no runner at {path}: {problem}")]
    External { path: PathBuf, problem: String },
}

/// The manifests called `name` in the folders of `parent`, by the names of the folders.
pub(super) fn manifests(parent: &Path, name: &str) -> Vec<PathBuf> {
    let Ok(folders) = fs::read_dir(parent) else { return Vec::new() };
    let mut found: Vec<PathBuf> =
        folders.flatten().map(|folder| folder.path().join(name)).filter(|path| path.is_file()).collect();
    found.sort();
    found
}

/// The folder of a manifest or of an executable.
pub(super) fn folder_of(manifest: &Path) -> PathBuf {
    manifest.parent().expect("a file stands in a folder").to_path_buf()
}

pub(super) fn read_toml<T: DeserializeOwned>(path: &Path) -> Result<T, DiscoverError> {
    let fail = |problem: String| DiscoverError::Manifest { path: path.to_path_buf(), problem };
    let text = regular::read_text(path).map_err(|error| fail(error.to_string()))?;
    toml::from_str(&text).map_err(|error| fail(error.to_string()))
}
