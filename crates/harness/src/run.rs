//! A run: the plan's trials, one after another, each into the journal before the next.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use protocol::{Pass, Status};

use crate::discover::Runtime;
use crate::journal::{Done, Journal, JournalError};
use crate::plan::{Plan, PlannedCell};
use crate::trial::{self, Instruments, Interrupted, Outcome, Place};

/// Whoever runs a trial; a mock in tests.
pub trait Execute {
    /// Runs one trial of a cell.
    ///
    /// # Errors
    /// Only when interrupted.
    fn execute(&mut self, planned: &PlannedCell, place: Place) -> Result<Outcome, Interrupted>;
}

/// How far a run has come.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// Trials that have ended, those of an earlier sitting included.
    pub done: u64,
    /// Trials of the plan.
    pub total: u64,
    /// What is left, estimated.
    pub left: Duration,
    /// The trial that has just ended.
    pub last: &'a Outcome,
}

/// How a run ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ending {
    /// Trials of this sitting by status, those that looked for a ceiling apart.
    pub statuses: BTreeMap<Status, u64>,
    /// Trials that reached a ceiling: that they failed is their result.
    pub ceilings: u64,
    /// Whether it was broken off.
    pub interrupted: bool,
}

impl Ending {
    /// How many trials failed.
    pub fn failures(&self) -> u64 {
        self.statuses.iter().filter(|(status, _)| status.is_failure()).map(|(_, count)| count).sum()
    }
}

/// Runs what is left of a plan.
///
/// # Errors
/// When the journal cannot be written; what it holds can be resumed.
pub fn run(
    plan: &Plan,
    done: &Done,
    journal: &mut Journal,
    executor: &mut impl Execute,
    mut tell: impl FnMut(Progress),
) -> Result<Ending, JournalError> {
    let mut ending = Ending::default();
    let mut clock = Clock::new(plan);
    let slots = (0..plan.blocks()).flat_map(|block| plan.block(block));
    for (count, slot) in (1..).zip(slots) {
        let Place { block, pass, .. } = slot.place;
        let planned = &plan.cells[slot.cell];
        let cell = &planned.cell;
        if done.contains(&(cell.id.clone(), block, pass)) {
            clock.skip(slot.cell, pass);
            continue;
        }
        let began = Instant::now();
        let Ok(outcome) = executor.execute(planned, slot.place) else {
            ending.interrupted = true;
            return Ok(ending);
        };
        journal.append(&outcome)?;
        clock.tick(slot.cell, pass, began.elapsed());
        let status = outcome.sample.status;
        if planned.ceiling && status.is_failure() {
            ending.ceilings += 1;
        } else {
            *ending.statuses.entry(status).or_default() += 1;
        }
        tell(Progress { done: count, total: plan.trials(), left: clock.left(), last: &outcome });
    }
    Ok(ending)
}

/// Estimates the time left: a trial takes what its like took; of those that have not run yet, each
/// takes the mean of those that have.
struct Clock {
    waiting: HashMap<(usize, Pass), u32>,
    seen: HashMap<(usize, Pass), Duration>,
}

impl Clock {
    fn new(plan: &Plan) -> Self {
        let waiting = plan.cells.iter().enumerate().flat_map(|(index, cell)| {
            let times = [cell.timed, cell.counted, cell.traced];
            Pass::ALL.into_iter().zip(times).map(move |(pass, times)| ((index, pass), times))
        });
        Self { waiting: waiting.collect(), seen: HashMap::new() }
    }

    fn skip(&mut self, cell: usize, pass: Pass) {
        if let Some(times) = self.waiting.get_mut(&(cell, pass)) {
            *times = times.saturating_sub(1);
        }
    }

    fn tick(&mut self, cell: usize, pass: Pass, took: Duration) {
        self.skip(cell, pass);
        self.seen.insert((cell, pass), took);
    }

    fn left(&self) -> Duration {
        let kinds = u32::try_from(self.seen.len()).unwrap_or(u32::MAX).max(1);
        let mean = self.seen.values().sum::<Duration>() / kinds;
        self.waiting.iter().map(|(kind, times)| *self.seen.get(kind).unwrap_or(&mean) * *times).sum()
    }
}

/// Runs trials for real.
pub struct Laboratory<'a> {
    runtimes: HashMap<&'a str, &'a Runtime>,
    instruments: Instruments<'a>,
    /// Runtimes that do not start here, and cells that their runner refused: asked once, not for
    /// every trial.
    refused_runtimes: HashMap<String, (Status, String)>,
    refused_cells: HashMap<String, (Status, String)>,
    /// Rungs that failed: the block, and what is too many.
    fallen: HashMap<String, Fallen>,
}

/// The rung of a ladder that a runtime did not reach.
struct Fallen {
    block: u32,
    tasks: u64,
    how: String,
}

impl<'a> Laboratory<'a> {
    /// A laboratory with these runtimes; `refused` are those whose probe failed.
    pub fn new(
        runtimes: &'a [Runtime],
        refused: HashMap<String, (Status, String)>,
        instruments: Instruments<'a>,
    ) -> Self {
        let runtimes = runtimes.iter().map(|runtime| (runtime.info.name.as_str(), runtime)).collect();
        Self {
            runtimes,
            instruments,
            refused_runtimes: refused,
            refused_cells: HashMap::new(),
            fallen: HashMap::new(),
        }
    }
}

impl Execute for Laboratory<'_> {
    fn execute(&mut self, planned: &PlannedCell, place: Place) -> Result<Outcome, Interrupted> {
        let cell = &planned.cell;
        let runtime = self.runtimes[cell.runtime.as_str()];
        let refused = self.refused_runtimes.get(&cell.runtime).or_else(|| self.refused_cells.get(&cell.id));
        if let Some((status, reason)) = refused {
            return Ok(trial::refused(runtime, cell, place, *status, reason));
        }
        if let Some(reason) = self.beyond_the_ceiling(planned, place) {
            return Ok(trial::refused(runtime, cell, place, Status::Unsupported, &reason));
        }
        let outcome = self.measure(planned, place)?;
        let sample = &outcome.sample;
        if matches!(sample.status, Status::Unavailable | Status::Unsupported) {
            self.refused_cells.insert(cell.id.clone(), (sample.status, sample.reason.clone()));
        }
        if let Some(ladder) = planned.ladder().filter(|_| sample.status != Status::Ok) {
            let how = format!("{}: {}", sample.status, sample.reason);
            self.fallen.insert(format!("{ladder:?}"), Fallen { block: place.block, tasks: cell.tasks, how });
        }
        Ok(outcome)
    }
}

impl Laboratory<'_> {
    /// Runs a trial within the bounds of its own cell.
    fn measure(&mut self, planned: &PlannedCell, place: Place) -> Result<Outcome, Interrupted> {
        let bounds = self.instruments.bounds;
        let own = planned.memory_limit_mib.map_or(u64::MAX, |mib| mib << 20);
        self.instruments.bounds.memory_bytes = bounds.memory_bytes.min(own);
        let runtime = self.runtimes[planned.cell.runtime.as_str()];
        let outcome = trial::run(runtime, &planned.cell, place, &mut self.instruments);
        self.instruments.bounds = bounds;
        outcome
    }

    /// Why a rung is not tried: a lower one of its ladder has failed in this block.
    fn beyond_the_ceiling(&self, planned: &PlannedCell, place: Place) -> Option<String> {
        let fallen = self.fallen.get(&format!("{:?}", planned.ladder()?))?;
        let beyond = fallen.block == place.block && fallen.tasks < planned.cell.tasks;
        beyond.then(|| format!("not tried: {} tasks are too many already ({})", fallen.tasks, fallen.how))
    }
}

#[cfg(test)]
mod tests {
    use protocol::Sample;

    use super::*;
    use crate::experiment::PresetName;
    use crate::fixture::planned;

    fn plan() -> Plan {
        Plan { cells: ["a", "b", "c"].map(|id| planned(id, 2)).into(), ..Plan::empty(PresetName::Quick, 7) }
    }

    /// Runs nothing; fails cell `b`, and stops after so many trials.
    struct Mock {
        trials: u32,
    }

    impl Execute for Mock {
        fn execute(&mut self, planned: &PlannedCell, place: Place) -> Result<Outcome, Interrupted> {
            let cell = &planned.cell;
            self.trials = self.trials.checked_sub(1).ok_or(Interrupted)?;
            let status = if cell.id == "b" { Status::Wrong } else { Status::Ok };
            let sample = Sample { status, ..cell.blank_sample(place.block, place.position, place.pass) };
            Ok(Outcome { sample, rounds: vec![], spans: vec![] })
        }
    }

    #[test]
    fn an_interrupted_run_goes_on_where_it_stopped_and_repeats_nothing() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("run");
        let plan = plan();
        let mut journal = Journal::create(&folder, &plan, &()).unwrap();
        let ending = run(&plan, &Done::new(), &mut journal, &mut Mock { trials: 4 }, |_| ()).unwrap();
        assert!(ending.interrupted);
        drop(journal);

        let (mut journal, plan, done) = Journal::resume(&folder).unwrap();
        assert_eq!(done.len(), 4);
        let mut last = None;
        let ending = run(&plan, &done, &mut journal, &mut Mock { trials: 99 }, |now| {
            last = Some((now.done, now.total, now.left));
        });
        let ending = ending.unwrap();
        assert_eq!(ending.statuses.values().sum::<u64>(), 2);
        assert_eq!(last, Some((6, 6, Duration::ZERO)));
        drop(journal);
        assert_eq!(Journal::resume(&folder).unwrap().2.len(), 6);
    }

    #[test]
    fn a_ceiling_is_no_failure() {
        let parent = tempfile::tempdir().unwrap();
        let mut plan = plan();
        plan.cells[1].ceiling = true;
        let mut journal = Journal::create(&parent.path().join("run"), &plan, &()).unwrap();
        let ending = run(&plan, &Done::new(), &mut journal, &mut Mock { trials: 99 }, |_| ()).unwrap();
        assert_eq!((ending.failures(), ending.ceilings), (0, 2));
    }

    #[test]
    fn a_failed_trial_does_not_end_the_run() {
        let parent = tempfile::tempdir().unwrap();
        let plan = plan();
        let mut journal = Journal::create(&parent.path().join("run"), &plan, &()).unwrap();
        let ending = run(&plan, &Done::new(), &mut journal, &mut Mock { trials: 99 }, |_| ()).unwrap();
        assert_eq!(ending.statuses, BTreeMap::from([(Status::Ok, 4), (Status::Wrong, 2)]));
        assert_eq!(ending.failures(), 2);
    }
}
