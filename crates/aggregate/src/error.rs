//! What can go wrong, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

/// Why a run could not be aggregated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file of the run could not be read at all.
    #[error(
        "reading {}: {error}; give the folder of a run, as `kilotask run EXPERIMENT --out DIR` makes it",
        path.display()
    )]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said; not a source, as the message tells it already.
        error: io::Error,
    },
    /// A run has not been summarised.
    #[error("{} has no {}; summarise the run first: kilotask aggregate {}", folder.display(), crate::VERDICTS, folder.display())]
    NotAggregated {
        /// The folder of the run.
        folder: PathBuf,
    },
    /// A file of the run says something that cannot be used.
    #[error("{}:{line}: {problem}; {mend}", path.display())]
    Content {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: u64,
        /// What was being read and what is wrong with it.
        problem: String,
        /// What to do.
        mend: String,
    },
    /// A result could not be written.
    #[error(
        "writing {}: {error}; make the folder writable and see that its disk has room, then aggregate again",
        path.display()
    )]
    Write {
        /// Which file.
        path: PathBuf,
        /// What the system said; not a source, as the message tells it already.
        error: io::Error,
    },
}

/// What is wrong with a line of a file, found by code that does not know which file it is.
#[derive(Debug)]
pub(crate) struct Problem {
    pub line: u64,
    pub what: String,
    pub mend: String,
}

impl Problem {
    pub fn new(line: u64, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { line, what: what.into(), mend: mend.into() }
    }

    /// The error, once the file is known.
    pub fn at(self, path: &Path) -> Error {
        Error::Content { path: path.into(), line: self.line, problem: self.what, mend: self.mend }
    }
}
