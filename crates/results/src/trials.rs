//! The trials of a run, wherever they stand: in its own folder, or among those of all machines of a merged one.

use std::path::Path;

use crate::error::{Error, Problem};
use crate::folder::merged_of;
use crate::merged;
use crate::plan::Plan;
use crate::roster::{self, Attendance};
use crate::rows::TrialRow;

/// Reads the trials of a run, or of one machine of a merged folder, and gives each with its line; each is held against its
/// plan and its rounds.
///
/// # Errors
/// When a file cannot be read, or a row cannot be true, with its line; or the folder is that of several machines.
pub fn read_trials(
    dir: &Path,
    plan: &Plan,
    mut with: impl FnMut(u64, TrialRow) -> Result<(), Problem>,
) -> Result<Attendance, Error> {
    read_parts(dir, plan, |line, row, _| with(line, row))
}

/// The same, with the part that each was in; it has a name where the parts of a machine were merged.
///
/// # Errors
/// As [`read_trials`].
pub fn read_parts(
    dir: &Path,
    plan: &Plan,
    mut with: impl FnMut(u64, TrialRow, &str) -> Result<(), Problem>,
) -> Result<Attendance, Error> {
    if let Some((merged, machine)) = merged_of(dir) {
        return merged::read_machine(&merged, plan, &machine, with);
    }
    merged::check_is_one_run(dir)?;
    roster::read_trials(dir, plan, |line, row| with(line, row, ""))
}
