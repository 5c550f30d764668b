//! Machines on which something is not known, as a cell of it failed there.

use std::collections::HashSet;

/// How many machines lack what is about these cells, as one of them failed there: given the cells that failed on each
/// machine, and the numbers of the machines that have it.
pub(super) fn failed_on(
    failed: &[HashSet<String>],
    cells: &[String],
    machines: impl IntoIterator<Item = u32>,
) -> usize {
    let has_it: HashSet<u32> = machines.into_iter().collect();
    let has_failed = |failed: &HashSet<String>| cells.iter().any(|cell| failed.contains(cell));
    let others = (0..).zip(failed).filter(|(machine, _)| !has_it.contains(machine));
    others.filter(|(_, failed)| has_failed(failed)).count()
}
