//! What can go wrong, and what to do about it.

use std::io;
use std::path::PathBuf;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read at all.
    #[error("reading {}: {error}; give the folder of a run that `kilotask aggregate` has summarised", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said; not a source, as the message tells it already.
        error: io::Error,
    },
    /// A file says something that cannot be used.
    #[error("{}: {problem}; {mend}", path.display())]
    Content {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it, with its line where that is known.
        problem: String,
        /// What to do.
        mend: &'static str,
    },
    /// A file of the report could not be written.
    #[error("writing {}: {error}; make the folder writable and see that its disk has room", path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// What the system said; not a source, as the message tells it already.
        error: io::Error,
    },
    /// The trials could not be read.
    #[error(transparent)]
    Trials(#[from] aggregate::Error),
    /// The page could not be laid out.
    #[error("laying out the page: {0}")]
    Layout(String),
}
