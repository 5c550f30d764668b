//! What follows from the rows of a run.

use std::path::Path;

use results::folder::is_merged;
use results::{Error, Presence};

/// Works out all that follows from the rows in a folder, and writes it there; gives how many of its trials the run has.
///
/// # Errors
/// What whoever reads a run refuses: a plan that was changed, a row with another checksum, rounds that contradict their
/// trial.
pub fn derive(folder: &Path) -> Result<Presence, Error> {
    if is_merged(folder) {
        aggregate::aggregate_merged(folder).map(|merged| merged.presence)
    } else {
        aggregate::aggregate(folder).map(|run| run.presence)
    }
}
