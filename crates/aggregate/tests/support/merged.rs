//! Made-up folders into which the parts of several machines were merged.

use std::path::Path;

use results::fixture::write_merged;
use results::{Claim, MachineRow, Plan, TrialRow};

/// A machine with so many CPUs.
pub fn machine(name: &str, cpus: u32) -> MachineRow {
    MachineRow { machine: name.into(), cpus, parts: 1, ..MachineRow::default() }
}

/// A machine, and its rows, all of one part.
pub type OfMachine = (MachineRow, Vec<TrialRow>);

/// Writes a merged folder with claims; the rows of each machine are made one after the other.
pub fn write_merged_with<T: IntoIterator<Item = TrialRow>>(
    dir: &Path,
    claims: &[Claim],
    plan: Plan,
    machines: impl IntoIterator<Item = (MachineRow, T)>,
) {
    let plan = Plan { claims: claims.to_vec(), claims_sha256: results::hash(claims), ..plan };
    write_merged(dir, &plan, machines);
}
