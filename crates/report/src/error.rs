//! What can go wrong, and what to do.

use std::io;
use std::path::PathBuf;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file of the run cannot be used, or a file of the report cannot be written.
    #[error(transparent)]
    Files(#[from] results::Error),
    /// The folder of the figures cannot be made or cleared.
    #[error("writing {}: {error}; make the folder writable and see that its disk has room", path.display())]
    Figures {
        /// The folder.
        path: PathBuf,
        /// What the system said. It is not a source, since the message contains it.
        error: io::Error,
    },
    /// The page could not be laid out.
    #[error("laying out the page: {0}")]
    Layout(String),
}
