//! A run: the plan's trials, one after another, each into the journal before the next.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant, SystemTime};

use protocol::Status;
use results::Pass;
use serde::{Deserialize, Serialize};

use crate::discover::Runtime;
use crate::journal::{Done, Journal, JournalError};
use crate::plan::{BURN_IN_BLOCKS, Plan, PlannedCell, Slot};
use crate::trial::{self, Instruments, Interrupted, Outcome, Place};

/// Whoever runs a trial; a mock in tests.
pub trait Execute {
    /// Runs one trial of a cell.
    ///
    /// # Errors
    /// Only when interrupted.
    fn execute(&mut self, planned: &PlannedCell, place: Place) -> Result<Outcome, Interrupted>;

    /// Takes note of how a trial of an earlier sitting ended, in its place among the others.
    fn recall(&mut self, planned: &PlannedCell, place: Place, status: Status, reason: &str) {
        let _ = (planned, place, status, reason);
    }
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

/// The fewest blocks after which a run may stop before its plan is done: the burn-in and one more.
const FEWEST_BLOCKS: u32 = BURN_IN_BLOCKS + 1;

/// How often it is asked whether what was measured is precise enough, blocks.
const CHECK_EVERY: u32 = 4;

/// What may stop a run before its plan is done: always between two blocks, so that all cells stop
/// together, and never because of what came out.
#[derive(Default)]
pub struct Limits<'a> {
    /// The longest that this sitting may take: a block that would not fit into it is not begun.
    pub budget: Option<Duration>,
    /// Whether every cell with blocks to come, from the one given on, is measured precisely enough.
    pub precise: Option<&'a mut dyn FnMut(u32) -> bool>,
}

/// Why a run came to its end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stopped {
    /// All of its plan is done.
    #[default]
    Plan,
    /// Every cell is measured as precisely as was asked.
    Precision,
    /// The next block would not have fitted into the budget.
    Budget,
}

/// Why and when a run came to its end: `ending.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Why.
    pub stopped: Stopped,
    /// Blocks that are done.
    pub blocks: u32,
    /// Blocks of the plan.
    pub of: u32,
    /// When: RFC 3339, UTC.
    pub ended_at: String,
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
    /// Why it ended, where it was not broken off.
    pub stopped: Stopped,
    /// Blocks that are done, those of earlier sittings included.
    pub blocks: u32,
}

impl Ending {
    /// The record to keep of it.
    pub fn record(&self, plan: &Plan) -> Record {
        Record {
            stopped: self.stopped,
            blocks: self.blocks,
            of: plan.blocks(),
            ended_at: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
        }
    }

    fn count(&mut self, planned: &PlannedCell, status: Status) {
        if planned.ceiling && status.is_failure() {
            self.ceilings += 1;
        } else {
            *self.statuses.entry(status).or_default() += 1;
        }
    }

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
    mut limits: Limits,
    mut tell: impl FnMut(Progress),
) -> Result<Ending, JournalError> {
    let mut ending = Ending::default();
    let mut clock = Clock::new(plan);
    let mut count = 0;
    for block in 0..plan.blocks() {
        let slots = plan.block(block);
        let ended = |slot: &Slot| done.get(&(plan.cells[slot.cell].cell.id.clone(), block, slot.place.pass));
        if slots.iter().any(|slot| ended(slot).is_none())
            && let Some(stopped) = limits.stop_before(block, &slots, &clock)
        {
            return Ok(Ending { stopped, ..ending });
        }
        for slot in slots {
            count += 1;
            let planned = &plan.cells[slot.cell];
            if let Some((status, reason)) = ended(&slot) {
                clock.skip(slot.cell, slot.place.pass);
                executor.recall(planned, slot.place, *status, reason);
                continue;
            }
            let began = Instant::now();
            let Ok(outcome) = executor.execute(planned, slot.place) else {
                return Ok(Ending { interrupted: true, ..ending });
            };
            journal.append(&outcome)?;
            clock.tick(slot.cell, slot.place.pass, began.elapsed());
            ending.count(planned, outcome.sample.status);
            tell(Progress { done: count, total: plan.trials(), left: clock.left(), last: &outcome });
        }
        ending.blocks = block + 1;
    }
    Ok(ending)
}

impl Limits<'_> {
    /// Why the block is not to be begun, if it is not.
    fn stop_before(&mut self, block: u32, slots: &[Slot], clock: &Clock) -> Option<Stopped> {
        if block < FEWEST_BLOCKS {
            return None;
        }
        let spent = |budget| clock.began.elapsed() + clock.estimate(slots) > budget;
        if self.budget.is_some_and(spent) {
            return Some(Stopped::Budget);
        }
        let due = (block - BURN_IN_BLOCKS).is_multiple_of(CHECK_EVERY);
        let precise = self.precise.as_mut().is_some_and(|precise| due && precise(block));
        precise.then_some(Stopped::Precision)
    }
}

/// Estimates the time left: a trial takes what its like took; of those that have not run yet, each
/// takes the mean of those that have.
struct Clock {
    began: Instant,
    waiting: HashMap<(usize, Pass), u32>,
    seen: HashMap<(usize, Pass), Duration>,
}

impl Clock {
    fn new(plan: &Plan) -> Self {
        let waiting = plan.cells.iter().enumerate().flat_map(|(index, cell)| {
            let times = [cell.timed, cell.counted, cell.traced];
            Pass::ALL.into_iter().zip(times).map(move |(pass, times)| ((index, pass), times))
        });
        Self { began: Instant::now(), waiting: waiting.collect(), seen: HashMap::new() }
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
        let mean = self.mean();
        self.waiting.iter().map(|(kind, times)| *self.seen.get(kind).unwrap_or(&mean) * *times).sum()
    }

    /// What these trials will take.
    fn estimate(&self, slots: &[Slot]) -> Duration {
        let mean = self.mean();
        let took = |slot: &Slot| *self.seen.get(&(slot.cell, slot.place.pass)).unwrap_or(&mean);
        slots.iter().map(took).sum()
    }

    fn mean(&self) -> Duration {
        let kinds = u32::try_from(self.seen.len()).unwrap_or(u32::MAX).max(1);
        self.seen.values().sum::<Duration>() / kinds
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
        self.note_ceiling(planned, place, sample.status, &sample.reason);
        Ok(outcome)
    }

    /// A ceiling that was reached before the run was broken off is not tried beyond after it.
    fn recall(&mut self, planned: &PlannedCell, place: Place, status: Status, reason: &str) {
        // What was not here then may be here now.
        if status != Status::Unavailable && self.beyond_the_ceiling(planned, place).is_none() {
            self.note_ceiling(planned, place, status, reason);
        }
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

    /// Takes note of a rung that failed.
    fn note_ceiling(&mut self, planned: &PlannedCell, place: Place, status: Status, reason: &str) {
        if let Some(ladder) = planned.ladder().filter(|_| status != Status::Ok) {
            let fallen =
                Fallen { block: place.block, tasks: planned.cell.tasks, how: format!("{status}: {reason}") };
            self.fallen.insert(format!("{ladder:?}"), fallen);
        }
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
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::cell::Cell;
    use crate::experiment::PresetName;
    use crate::fixture::{ended, planned};
    use crate::journal::Resumed;
    use crate::peers::Peers;
    use crate::process::Bounds;

    fn plan() -> Plan {
        Plan { cells: ["a", "b", "c"].map(|id| planned(id, 2)).into(), ..Plan::empty(PresetName::Quick, 7) }
    }

    /// Runs nothing; fails cell `b`, and stops after so many trials.
    struct Mock {
        trials: u32,
    }

    impl Execute for Mock {
        fn execute(&mut self, planned: &PlannedCell, place: Place) -> Result<Outcome, Interrupted> {
            self.trials = self.trials.checked_sub(1).ok_or(Interrupted)?;
            let status = if planned.cell.id == "b" { Status::Wrong } else { Status::Ok };
            Ok(ended(planned, place, status))
        }
    }

    #[test]
    fn an_interrupted_run_goes_on_where_it_stopped_and_repeats_nothing() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("run");
        let plan = plan();
        let mut journal = Journal::create(&folder, &plan, &()).unwrap();
        let ending =
            run(&plan, &Done::new(), &mut journal, &mut Mock { trials: 4 }, Limits::default(), |_| ())
                .unwrap();
        assert!(ending.interrupted);
        drop(journal);

        let Resumed { mut journal, plan, done, .. } = Journal::resume(&folder).unwrap();
        assert_eq!(done.len(), 4);
        let mut last = None;
        let ending = run(&plan, &done, &mut journal, &mut Mock { trials: 99 }, Limits::default(), |now| {
            last = Some((now.done, now.total, now.left));
        });
        let ending = ending.unwrap();
        assert_eq!(ending.statuses.values().sum::<u64>(), 2);
        assert_eq!(last, Some((6, 6, Duration::ZERO)));
        drop(journal);
        assert_eq!(Journal::resume(&folder).unwrap().done.len(), 6);
    }

    #[test]
    fn a_ceiling_is_no_failure() {
        let parent = tempfile::tempdir().unwrap();
        let mut plan = plan();
        plan.cells[1].ceiling = true;
        let mut journal = Journal::create(&parent.path().join("run"), &plan, &()).unwrap();
        let ending =
            run(&plan, &Done::new(), &mut journal, &mut Mock { trials: 99 }, Limits::default(), |_| ())
                .unwrap();
        assert_eq!((ending.failures(), ending.ceilings), (0, 2));
    }

    /// Runs five blocks of three cells under these limits.
    fn limited(limits: Limits) -> Ending {
        let parent = tempfile::tempdir().unwrap();
        let cells = ["a", "b", "c"].map(|id| planned(id, 10)).into();
        let plan = Plan { cells, ..Plan::empty(PresetName::Quick, 7) };
        let mut journal = Journal::create(&parent.path().join("run"), &plan, &()).unwrap();
        run(&plan, &Done::new(), &mut journal, &mut Mock { trials: 99 }, limits, |_| ()).unwrap()
    }

    #[test]
    fn a_run_stops_between_blocks_once_it_is_precise_enough_and_says_so() {
        let mut asked = Vec::new();
        let mut precise = |block| {
            asked.push(block);
            block >= 9
        };
        let ending = limited(Limits { precise: Some(&mut precise), ..Limits::default() });
        assert_eq!((ending.stopped, ending.blocks), (Stopped::Precision, 9));
        assert_eq!(ending.statuses.values().sum::<u64>(), 9 * 3);
        assert_eq!(asked, [5, 9]);
    }

    #[test]
    fn a_budget_that_is_spent_leaves_at_least_one_block_beside_the_burn_in() {
        let ending = limited(Limits { budget: Some(Duration::ZERO), ..Limits::default() });
        assert_eq!((ending.stopped, ending.blocks), (Stopped::Budget, 2));
        let plenty = limited(Limits { budget: Some(Duration::from_secs(3600)), ..Limits::default() });
        assert_eq!((plenty.stopped, plenty.blocks), (Stopped::Plan, 10));
    }

    #[test]
    fn a_ceiling_that_was_reached_before_a_run_was_broken_off_still_stands_after_it() {
        static GO_ON: AtomicBool = AtomicBool::new(false);
        let rung = |tasks| {
            let rung = PlannedCell { ceiling: true, ..planned("a", 2) };
            PlannedCell { cell: Cell { tasks, ..rung.cell }, ..rung }
        };
        let place = |block| Place { block, position: 0, pass: Pass::Timed, seed: 0 };
        let bounds = Bounds { timeout: Duration::ZERO, memory_bytes: 0, interrupted: &GO_ON };
        let instruments = Instruments { tracer: None, bounds, peers: Peers::new([]) };
        let mut laboratory = Laboratory::new(&[], HashMap::new(), instruments);

        laboratory.recall(&rung(10), place(1), Status::Ok, "");
        assert_eq!(laboratory.beyond_the_ceiling(&rung(100), place(1)), None);
        laboratory.recall(&rung(100), place(1), Status::Crashed, "out of threads");
        laboratory.recall(&rung(1000), place(1), Status::Unsupported, "not tried: …");
        let why = laboratory.beyond_the_ceiling(&rung(10_000), place(1)).unwrap();
        assert_eq!(why, "not tried: 100 tasks are too many already (crashed: out of threads)");
        assert_eq!(laboratory.beyond_the_ceiling(&rung(10_000), place(2)), None);
    }

    #[test]
    fn a_failed_trial_does_not_end_the_run() {
        let parent = tempfile::tempdir().unwrap();
        let plan = plan();
        let mut journal = Journal::create(&parent.path().join("run"), &plan, &()).unwrap();
        let ending =
            run(&plan, &Done::new(), &mut journal, &mut Mock { trials: 99 }, Limits::default(), |_| ())
                .unwrap();
        assert_eq!(ending.statuses, BTreeMap::from([(Status::Ok, 4), (Status::Wrong, 2)]));
        assert_eq!(ending.failures(), 2);
    }
}
