//! What can go wrong, and what to do about it.

use std::io;
use std::path::PathBuf;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file of the run cannot be used, or one of the report not be written.
    #[error(transparent)]
    Files(#[from] aggregate::Error),
    /// The folder of the figures cannot be made or cleared.
    #[error("writing {}: {error}; make the folder writable and see that its disk has room", path.display())]
    Figures {
        /// The folder.
        path: PathBuf,
        /// What the system said; not a source, as the message tells it already.
        error: io::Error,
    },
    /// The page could not be laid out.
    #[error("laying out the page: {0}")]
    Layout(String),
}
