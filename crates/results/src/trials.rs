//! The trials of a run, wherever they stand: in its own folder, or among those of all machines of a merged one.

use std::path::Path;

use crate::error::{Error, Problem};
use crate::folder::{PLAN, merged_of};
use crate::merged::{self, machines, plan_on};
use crate::part::Part;
use crate::plan::Plan;
use crate::roster::{self, Attendance};
use crate::rows::TrialRow;

/// Reads what of a plan the folder of a run is to hold: all of it, but where the plan was dealt by groups, what the groups
/// of this part or this machine are.
///
/// # Errors
/// When a file cannot be read, or makes no sense.
pub fn read_plan(dir: &Path) -> Result<Plan, Error> {
    if let Some((merged, name)) = merged_of(dir) {
        let plan = Plan::read(&merged.join(PLAN))?;
        let machine = machines(&merged)?.into_iter().find(|row| row.machine == name);
        return Ok(machine.map_or_else(|| plan.clone(), |row| plan_on(&plan, &row)));
    }
    let plan = Plan::read(&dir.join(PLAN))?;
    let part = Part::read(dir)?.filter(|part| !part.deal.is_blocks());
    Ok(part.map_or_else(|| plan.clone(), |part| plan.of_groups(&part.groups)))
}

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
