//! The laboratory: runs the trials of a plan for real.
//!
//! It does not start what is known to end without a result: a runtime that does not start on this
//! machine, a workload that its runner describes as unsupported, a cell that it has refused, more tasks than a runtime
//! could run in this block.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use protocol::Status;
use results::Pass;

use crate::discover::Runtime;
use crate::patience::{self, patiently};
use crate::plan::PlannedCell;
use crate::trial::{self, Instruments, Interrupted, Outcome, Place};

/// Runs trials; tests have a mock.
pub trait Execute {
    /// Runs one trial of a cell.
    fn execute(&mut self, planned: &PlannedCell, place: Place) -> Result<Outcome, Interrupted>;

    /// Takes note of how a trial of an earlier sitting ended, in its place among the others.
    fn recall(&mut self, planned: &PlannedCell, place: Place, status: Status, reason: &str) {
        let _ = (planned, place, status, reason);
    }

    /// What a trial that counts instructions takes beyond a timed one of its cell.
    fn counting_takes(&self) -> Duration {
        Duration::ZERO
    }

    /// How long to wait before a trial that a trouble of the lab's own spoilt is run again.
    fn pause(&self) -> Duration {
        Duration::ZERO
    }
}

/// Runs one trial; again, a few times, where a trouble of the lab's own spoils it.
///
/// # Errors
/// That somebody interrupts.
pub(crate) fn run_patiently(
    executor: &mut impl Execute,
    planned: &PlannedCell,
    place: Place,
) -> Result<Outcome, Interrupted> {
    let is_spoilt = |outcome: &Outcome| outcome.sample.status == Status::LabError;
    patiently(executor.pause(), is_spoilt, || executor.execute(planned, place))
}

/// Reasons not to start something, by its name.
pub type Refusals = HashMap<String, (Status, String)>;

/// Runs trials for real.
pub struct Laboratory<'a> {
    runtimes: HashMap<&'a str, &'a Runtime>,
    instruments: Instruments<'a>,
    /// Runtimes that do not start here.
    refused_runtimes: Refusals,
    /// Cells that their runner has refused in a pass: asked once, not for every trial.
    refused_cells: HashMap<(String, Pass), (Status, String)>,
    /// The last failure on each ladder.
    ceilings: HashMap<String, CeilingHit>,
}

/// The failure of one rung of a ladder: more tasks are not tried in the same block.
struct CeilingHit {
    block: u32,
    tasks: u64,
    how: String,
}

impl<'a> Laboratory<'a> {
    /// A laboratory with these runtimes; `refused` are those whose probe failed.
    pub fn new(runtimes: &'a [Runtime], refused: Refusals, instruments: Instruments<'a>) -> Self {
        Self {
            runtimes: runtimes.iter().map(|runtime| (runtime.info.name.as_str(), runtime)).collect(),
            instruments,
            refused_runtimes: refused,
            refused_cells: HashMap::new(),
            ceilings: HashMap::new(),
        }
    }

    /// Runs a trial, within the memory limit of its own cell.
    fn measure(&mut self, planned: &PlannedCell, place: Place) -> Result<Outcome, Interrupted> {
        let bounds = self.instruments.bounds;
        let own = planned.memory_limit_mib.map_or(u64::MAX, |mib| mib.saturating_mul(1 << 20));
        self.instruments.bounds.memory_bytes = bounds.memory_bytes.min(own);
        let runtime = self.runtimes[planned.cell.runtime.as_str()];
        let outcome = trial::run(runtime, &planned.cell, place, &mut self.instruments);
        self.instruments.bounds = bounds;
        outcome
    }

    /// Takes note of a rung that failed.
    fn note_ceiling(&mut self, planned: &PlannedCell, place: Place, status: Status, reason: &str) {
        let has_failed = !matches!(status, Status::Ok | Status::LabError);
        if let Some(ladder) = planned.ladder().filter(|_| has_failed) {
            let how = format!("{status}: {reason}");
            let hit = CeilingHit { block: place.block, tasks: planned.cell.tasks, how };
            self.ceilings.insert(format!("{ladder:?}"), hit);
        }
    }

    /// Why a rung is not tried: a lower one of its ladder has failed in this block.
    fn beyond_ceiling(&self, planned: &PlannedCell, place: Place) -> Option<String> {
        let hit = self.ceilings.get(&format!("{:?}", planned.ladder()?))?;
        let beyond = hit.block == place.block && hit.tasks < planned.cell.tasks;
        beyond.then(|| format!("not tried: {} tasks already failed ({})", hit.tasks, hit.how))
    }
}

impl Execute for Laboratory<'_> {
    fn execute(&mut self, planned: &PlannedCell, place: Place) -> Result<Outcome, Interrupted> {
        if self.instruments.bounds.interrupted.load(Ordering::Relaxed) {
            return Err(Interrupted);
        }
        let cell = &planned.cell;
        let runtime = self.runtimes[cell.runtime.as_str()];
        let in_this_pass = (cell.id.clone(), place.pass);
        let refused =
            self.refused_runtimes.get(&cell.runtime).or_else(|| self.refused_cells.get(&in_this_pass));
        if let Some((status, reason)) = refused {
            return Ok(trial::refused(runtime, cell, place, *status, reason));
        }
        // `kilotask verify` checks that the runner says the same when it is asked.
        if let Some(why) = runtime.info.unsupported.get(&cell.workload) {
            let reason = format!("{} has no {}: {why}", cell.runtime, cell.workload);
            return Ok(trial::refused(runtime, cell, place, Status::Unsupported, &reason));
        }
        if let Some(reason) = self.beyond_ceiling(planned, place) {
            return Ok(trial::refused(runtime, cell, place, Status::Unsupported, &reason));
        }
        let outcome = self.measure(planned, place)?;
        let sample = &outcome.sample;
        if matches!(sample.status, Status::Unavailable | Status::Unsupported) {
            self.refused_cells.insert(in_this_pass, (sample.status, sample.reason.clone()));
        }
        self.note_ceiling(planned, place, sample.status, &sample.reason);
        Ok(outcome)
    }

    fn pause(&self) -> Duration {
        patience::PAUSE
    }

    fn counting_takes(&self) -> Duration {
        self.instruments.counters.counting_takes()
    }

    /// A ceiling that an earlier sitting hit in this block still holds.
    fn recall(&mut self, planned: &PlannedCell, place: Place, status: Status, reason: &str) {
        // A runtime that was unavailable then may be here now.
        if status != Status::Unavailable && self.beyond_ceiling(planned, place).is_none() {
            self.note_ceiling(planned, place, status, reason);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::cell::Cell;
    use crate::fixture::{planned, runtimes};
    use crate::process::Bounds;

    #[test]
    fn a_ceiling_that_was_hit_before_a_run_was_interrupted_still_holds_after_it() {
        let rung = |tasks| {
            let rung = PlannedCell { ceiling: true, ..planned("a", 2) };
            PlannedCell { cell: Cell { tasks, ..rung.cell }, ..rung }
        };
        let place = |block| Place { block, ..Place::alone(Pass::Timed, 0) };
        let instruments = Instruments::plain(Bounds::uninterrupted(Duration::ZERO, 0));
        let mut laboratory = Laboratory::new(&[], HashMap::new(), instruments);

        laboratory.recall(&rung(10), place(1), Status::Ok, "");
        assert_eq!(laboratory.beyond_ceiling(&rung(100), place(1)), None);
        laboratory.recall(&rung(100), place(1), Status::Crashed, "out of threads");
        laboratory.recall(&rung(1000), place(1), Status::Unsupported, "not tried: …");
        let why = laboratory.beyond_ceiling(&rung(10_000), place(1)).unwrap();
        assert_eq!(why, "not tried: 100 tasks already failed (crashed: out of threads)");
        assert_eq!(laboratory.beyond_ceiling(&rung(10_000), place(2)), None);
    }

    /// Else Ctrl-C would wait for as many rows as a plan has of what does not run here.
    #[test]
    fn an_interrupt_is_seen_where_every_trial_is_refused() {
        static STOP: AtomicBool = AtomicBool::new(false);
        let runtimes = runtimes(&["a"]);
        let bounds = Bounds { interrupted: &STOP, ..Bounds::uninterrupted(Duration::ZERO, 0) };
        let refused = Refusals::from([("a".into(), (Status::Unavailable, "not here".into()))]);
        let mut laboratory = Laboratory::new(&runtimes, refused, Instruments::plain(bounds));
        let place = Place::alone(Pass::Timed, 7);
        let refused = laboratory.execute(&planned("a", 2), place).unwrap();
        assert_eq!(refused.sample.status, Status::Unavailable);
        STOP.store(true, Ordering::Relaxed);
        assert_eq!(laboratory.execute(&planned("a", 2), place).unwrap_err(), Interrupted);
    }

    #[test]
    fn a_cell_that_cannot_be_counted_from_outside_is_still_timed() {
        let runtimes = runtimes(&["a"]);
        // Nothing counts from outside: what is traced or has its instructions counted is unsupported.
        let instruments = Instruments::plain(Bounds::uninterrupted(Duration::from_secs(30), u64::MAX));
        let mut laboratory = Laboratory::new(&runtimes, HashMap::new(), instruments);
        let status = |laboratory: &mut Laboratory, pass| {
            let outcome = laboratory.execute(&planned("a", 2), Place::alone(pass, 7)).unwrap();
            outcome.sample.status
        };
        assert_eq!(status(&mut laboratory, Pass::Traced), Status::Unsupported);
        assert_eq!(status(&mut laboratory, Pass::Instructions), Status::Unsupported);
        assert_ne!(status(&mut laboratory, Pass::Timed), Status::Unsupported);
        assert_eq!(status(&mut laboratory, Pass::Traced), Status::Unsupported);
    }
}
