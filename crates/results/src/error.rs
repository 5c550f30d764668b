//! Why the folder of a run cannot be read or written, and how to fix it.

use std::io;
use std::path::{Path, PathBuf};

use crate::folder::{OLDEST_SCHEMA, SCHEMA};

/// Why the folder of a run cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file of the run could not be read at all.
    #[error(
        "reading {}: {error}; name the folder of a run, as `kilotask run EXPERIMENT --out DIR` creates it",
        path.display()
    )]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said; not a source, as the message has it already.
        error: io::Error,
    },
    /// A run has not been summarised.
    #[error("{} has no {file}; summarise the run first: kilotask aggregate {}", folder.display(), folder.display())]
    NotAggregated {
        /// The folder of the run.
        folder: PathBuf,
        /// The file that it lacks.
        file: String,
    },
    /// A folder of several machines was named where one run is asked for.
    #[error(
        "{} has the parts of several machines; name one of them, as {}/machines/NAME, or summarise all: \
         kilotask aggregate {}",
        folder.display(), folder.display(), folder.display()
    )]
    Merged {
        /// The merged folder.
        folder: PathBuf,
    },
    /// A file of the run says something that cannot be used.
    #[error("{}:{line}: {problem}; {remedy}", path.display())]
    Content {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: u64,
        /// What was being read and what is wrong with it.
        problem: String,
        /// What to do.
        remedy: String,
    },
    /// The run is of another version of the files.
    #[error("{} has schema version {found}; this kilotask reads {OLDEST_SCHEMA} to {SCHEMA}; {way_forward}", path.display())]
    Schema {
        /// Its plan.
        path: PathBuf,
        /// The version that the plan has.
        found: u32,
        /// What to do.
        way_forward: String,
    },
    /// A file could not be written.
    #[error(
        "writing {}: {error}; make the folder writable, make sure that the disk has space, then repeat the command",
        path.display()
    )]
    Write {
        /// Which file.
        path: PathBuf,
        /// What the system said; not a source, as the message has it already.
        error: io::Error,
    },
}

impl Error {
    /// Says of which file something could not be read.
    pub fn reading(path: &Path) -> impl Fn(io::Error) -> Self {
        let path = path.to_path_buf();
        move |error| Self::Read { path: path.clone(), error }
    }

    /// Says of which file something could not be written.
    pub fn writing(path: &Path) -> impl Fn(io::Error) -> Self {
        let path = path.to_path_buf();
        move |error| Self::Write { path: path.clone(), error }
    }
}

/// What is wrong with a line of a file, found by code that does not know which file it is.
#[derive(Debug)]
pub struct Problem {
    /// Which line, from 1.
    pub line: u64,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl Problem {
    /// A problem with a line.
    pub fn new(line: u64, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { line, what: what.into(), remedy: remedy.into() }
    }

    /// The error, once the file is known.
    pub fn at(self, path: &Path) -> Error {
        Error::Content { path: path.into(), line: self.line, problem: self.what, remedy: self.remedy }
    }
}
