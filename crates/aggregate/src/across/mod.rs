//! Several machines: each for itself, as a run is, and then what they say together.
//!
//! Read is a merged folder ([`results::merged`]), one machine after the other, so that memory holds the trials of one.
//! What follows from them goes into `machines/NAME/`. Of each ratio and each claim only a few numbers are kept
//! ([`one_machine`](crate::stats::one_machine)), from which `across.csv` and `verdicts-across.csv` are made in the end
//! ([`random_effects`](crate::stats::random_effects)); and of the crossovers `crossovers-across.csv`.
//!
//! Only what has no unit has a mean over machines: ratios, speed-ups, growths, crossovers. Whether a machine takes 20 ms
//! says something of that machine, and no other.

mod crossovers;
mod failed;
mod of_claim;
mod quantiles;
mod ratios;
mod sentence;
mod verdicts;

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use results::folder::{PLAN, TRIALS, of_machine};
use results::merged::{self, MergedTrials, machines};
use results::roster::Attendance;
use results::{
    AcrossRow, AcrossVerdictRow, Claim, CrossoverRow, Error, FlagRow, MachineRow, Plan, Presence, Problem,
    write,
};

use crate::aggregation::{Derived, publish, verdict_rows};
use crate::ratios::known_rows;
use crate::trials::{Gathering, Trials};
use crossovers::Crossovers;
use ratios::Ratios;
use verdicts::Verdicts;

/// What [`aggregate_merged`] found; the rows are also in the files.
#[derive(Debug, Clone, PartialEq)]
pub struct Merged {
    /// The machines, in the order of `machines.csv`.
    pub machines: Vec<MachineRow>,
    /// The rows of `across.csv`.
    pub across: Vec<AcrossRow>,
    /// The rows of `crossovers-across.csv`.
    pub crossovers: Vec<CrossoverRow>,
    /// The rows of `verdicts-across.csv`.
    pub verdicts: Vec<AcrossVerdictRow>,
    /// Trials that a trouble of the lab's own spoilt, which count nowhere.
    pub lab_errors: u64,
    /// How many of the trials of the plan any machine has.
    pub presence: Presence,
}

/// Summarises each machine of the merged folder `dir`, judges the claims on each and on all, and writes what it found there.
///
/// # Errors
/// A file that cannot be read or written, a row that cannot be true, or claims that are not those of the plan's hash; see
/// [`Error`]. The results of machines before that are then new.
pub fn aggregate_merged(dir: &Path) -> Result<Merged, Error> {
    let plan = Plan::read(&dir.join(PLAN))?;
    let machines = machines(dir)?;
    let mut rows = MergedTrials::open(dir, &plan, &machines)?;
    let (mut ratios, mut verdicts) = (Ratios::default(), Verdicts::of(&plan));
    let mut crossovers = Crossovers::default();
    let mut lab_errors = 0;
    loop {
        let mut gathering = Gathering::of(&plan);
        let next = rows.next_machine(|line, row, part| gathering.add(line, &row, part))?;
        let Some(name) = next else { break };
        let this = machines.iter().find(|row| row.machine == name);
        let plan = this.map_or_else(|| plan.clone(), |this| plan_on(&plan, this));
        let problem = |problem: Problem| problem.at(&dir.join(TRIALS));
        let mut trials = gathering.trials(&plan, Attendance::default()).map_err(problem)?;
        lab_errors += trials.lab_errors;
        let flags = std::mem::take(&mut trials.flags);
        let derived = Derived::of(&plan, &trials).map_err(problem)?;
        let failed = failed_cells(&trials);
        verdicts.note(&plan, &name, &derived.judgements, &failed);
        crossovers.note(&trials, failed.clone());
        ratios.note(&derived.ratios, failed);
        publish_of_machine(dir, &name, derived, &flags)?;
    }
    let presence = rows.finish()?.presence;
    let (across, crossovers, verdicts) = (ratios.rows(), crossovers.rows(), verdicts.rows(&plan));
    write::publish([
        write::stage(dir, &across)?,
        write::stage(dir, &crossovers)?,
        write::stage(dir, &verdicts)?,
    ])?;
    Ok(Merged { machines, across, crossovers, verdicts, lab_errors, presence })
}

/// The plan as it is to be judged on a machine: what of it the machine was dealt; and a bound that grows with the cores is
/// that of the machine that made the plan.
fn plan_on(plan: &Plan, machine: &MachineRow) -> Plan {
    let mut plan = merged::plan_on(plan, machine);
    let (cores, here) = (plan.cores, machine.cpus);
    if cores == here {
        return plan;
    }
    let depends = |claim: &&mut Claim| claim.expect.text.ends_with("x cores") && claim.untestable.is_none();
    for claim in plan.claims.iter_mut().filter(depends) {
        claim.untestable = Some(format!("its bound is that of {cores} CPUs, and this machine has {here}"));
    }
    plan
}

/// The cells that ran on a machine, and failed whenever they did: that is a result.
fn failed_cells(trials: &Trials) -> HashSet<String> {
    let is_measured: HashSet<&str> = trials.cells.iter().map(|cell| &*cell.identity.cell).collect();
    let failed = trials.tallies.iter().filter(|(_, tally)| tally.failed > 0);
    failed.map(|((_, cell), _)| cell.clone()).filter(|cell| !is_measured.contains(&**cell)).collect()
}

fn publish_of_machine(dir: &Path, name: &str, derived: Derived, flags: &[FlagRow]) -> Result<(), Error> {
    let Derived { summary, ratios, scaling, judgements } = derived;
    // Their names were checked when they were read.
    let folder = of_machine(dir, name).unwrap_or_else(|| dir.into());
    fs::create_dir_all(&folder).map_err(Error::writing(&folder))?;
    publish(&folder, &summary, &known_rows(ratios), &scaling, flags, &verdict_rows(judgements))
}
