//! Why a run cannot be bundled or a bundle not be taken, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

/// Why a run cannot be bundled or a bundle not be taken.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // The text of each says what it is.
#[non_exhaustive]
pub enum Error {
    #[error("reading {}: {error}; name a file that kilotask bundle has written", path.display())]
    Read { path: PathBuf, error: io::Error },
    #[error("{} is no bundle: it is not compressed with gzip; kilotask bundle RUN writes one", .0.display())]
    NoBundle(PathBuf),
    #[error(
        "{}: {what}; ask for the file as kilotask bundle wrote it, or for the folder of the run",
        bundle.display()
    )]
    Refused { bundle: PathBuf, what: String },
    #[error(
        "writing {}: {error}; make sure that the folder is writable and its disk has space, then repeat the command",
        path.display()
    )]
    Write { path: PathBuf, error: io::Error },
    #[error("{} has no {file}; name the folder of a run, as `kilotask run EXPERIMENT --out DIR` creates it", folder.display())]
    Lacks { folder: PathBuf, file: &'static str },
    #[error(
        "{} is one machine of a merged folder, which has its plan and its rows; bundle {}, or the part that the machine wrote",
        folder.display(), merged.display()
    )]
    OfMerged { folder: PathBuf, merged: PathBuf },
    #[error(
        "{} changed while it was bundled; wait until the run has ended, then repeat the command",
        .0.display()
    )]
    Changed(PathBuf),
    #[error("{0}")]
    Run(String),
}

impl Error {
    /// Whether it is what a bundle says that does not hold, and not that it could not be read.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }

    /// Says of which file something could not be read.
    pub(crate) fn reading(path: &Path) -> impl Fn(io::Error) -> Self {
        let path = path.to_path_buf();
        move |error| Self::Read { path: path.clone(), error }
    }

    /// Says of which file something could not be written.
    pub(crate) fn writing(path: &Path) -> impl Fn(io::Error) -> Self {
        let path = path.to_path_buf();
        move |error| Self::Write { path: path.clone(), error }
    }
}
