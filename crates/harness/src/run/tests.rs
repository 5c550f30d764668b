use std::collections::BTreeMap;

use protocol::Status;

use super::*;
use crate::experiment::PresetName;
use crate::fixture::{Mock, planned};
use crate::journal::{Resumed, read_trials};

/// A run of three cells in a folder of its own.
struct Fixture {
    parent: tempfile::TempDir,
    plan: Plan,
    journal: Journal,
    done: Done,
}

impl Fixture {
    fn new(blocks: u32, change: impl FnOnce(&mut Plan)) -> Self {
        let parent = tempfile::tempdir().unwrap();
        let cells = ["a", "fails", "c"].map(|id| planned(id, blocks)).into();
        let mut plan = Plan { cells, ..Plan::empty(PresetName::Quick, 7).with_new_id() };
        change(&mut plan);
        let journal = Journal::create(&parent.path().join("run"), &plan, &()).unwrap();
        Self { parent, plan, journal, done: Done::new() }
    }

    /// The same, opened once more.
    fn resumed(self) -> Self {
        drop(self.journal);
        let Resumed { journal, plan, done, .. } = Journal::resume(&self.parent.path().join("run")).unwrap();
        Self { parent: self.parent, plan, journal, done }
    }

    fn run(&mut self, most: Option<usize>, limits: Limits, show: impl FnMut(Progress)) -> Ending {
        let mut mock = Mock { most, ..Mock::default() };
        run(&self.plan, 0..self.plan.blocks(), &self.done, &mut self.journal, &mut mock, limits, show)
            .unwrap()
    }
}

/// Runs ten blocks under these limits.
fn limited(limits: Limits) -> Ending {
    Fixture::new(10, |_| ()).run(None, limits, |_| ())
}

#[test]
fn an_interrupted_run_resumes_where_it_stopped_and_repeats_nothing() {
    let mut run = Fixture::new(2, |_| ());
    let ending = run.run(Some(4), Limits::default(), |_| ());
    assert_eq!(ending.broken_off, Some(BrokenOff::Interrupted));

    let mut run = run.resumed();
    assert_eq!(run.done.len(), 4);
    let mut last = None;
    let ending = run.run(None, Limits::default(), |now| last = Some((now.done, now.total, now.left)));
    assert_eq!(ending.statuses.values().sum::<u64>(), 2);
    assert_eq!(last, Some((6, 6, Duration::ZERO)));
    assert_eq!(run.resumed().done.len(), 6);
}

#[test]
fn a_run_in_parts_counts_the_trials_of_those_before_it() {
    let Fixture { plan, mut journal, done, parent: _parent } = Fixture::new(2, |_| ());
    let mut shown = Vec::new();
    for blocks in [0..1, 1..2] {
        let (mut mock, limits) = (Mock::default(), Limits::default());
        let show = |now: Progress| {
            if let Step::Ended(_) = now.step {
                shown.push((now.done, now.total));
            }
        };
        let ending = run(&plan, blocks.clone(), &done, &mut journal, &mut mock, limits, show).unwrap();
        assert_eq!(ending.blocks, blocks.end);
    }
    assert_eq!(shown, (1..=6).map(|done| (done, 6)).collect::<Vec<_>>());
}

#[test]
fn each_trial_is_told_before_it_begins_with_its_block_and_once_it_has_ended() {
    let mut fixture = Fixture::new(2, |_| ());
    let (mut begun, mut blocks) = (Vec::new(), Vec::new());
    fixture.run(None, Limits::default(), |now| match now.step {
        Step::Begins(cell) => {
            blocks.push((now.block, now.blocks));
            begun.push((now.done, cell.id.clone()));
        }
        Step::Ended(outcome) => assert_eq!(begun.last(), Some(&(now.done - 1, outcome.sample.cell.clone()))),
    });
    assert_eq!(begun.len(), 6);
    assert_eq!(blocks, [(0, 2), (0, 2), (0, 2), (1, 2), (1, 2), (1, 2)]);
}

#[test]
fn a_cell_with_nothing_but_disturbed_trials_in_a_block_has_one_more_and_once_only() {
    let mut fixture = Fixture::new(3, |plan| plan.cells[2].processes = 2);
    // Two of `c` in block 2 are disturbed, and so is the third in their place.
    for expected in [12, 0] {
        let Fixture { plan, journal, done, .. } = &mut fixture;
        let mut mock = Mock { disturbed: Some(("c", 2)), ..Mock::default() };
        run(&*plan, 0..3, done, journal, &mut mock, Limits::default(), |_| ()).unwrap();
        assert_eq!(mock.trials, expected);
        fixture = fixture.resumed();
        assert!(fixture.done[&("c".into(), 2, Pass::Timed, 2)].is_disturbed);
    }
}

#[test]
fn a_ceiling_is_no_failure() {
    let ending = Fixture::new(2, |plan| plan.cells[1].ceiling = true).run(None, Limits::default(), |_| ());
    assert_eq!((ending.failures(), ending.ceilings), (0, 2));
}

#[test]
fn a_failed_trial_does_not_end_the_run() {
    let ending = Fixture::new(2, |_| ()).run(None, Limits::default(), |_| ());
    assert_eq!(ending.statuses, BTreeMap::from([(Status::Ok, 4), (Status::Crashed, 2)]));
    assert_eq!(ending.failures(), 2);
}

#[test]
fn what_the_lab_itself_spoils_once_is_run_again_and_counts_nowhere() {
    let Fixture { plan, mut journal, done, parent: _parent } = Fixture::new(2, |_| ());
    let mut mock = Mock { spoilt: 2, ..Mock::default() };
    let ending = run(&plan, 0..2, &done, &mut journal, &mut mock, Limits::default(), |_| ()).unwrap();
    assert_eq!((mock.trials, ending.broken_off), (8, None));
    assert_eq!(ending.statuses, BTreeMap::from([(Status::Ok, 4), (Status::Crashed, 2)]));
}

#[test]
fn a_trouble_of_the_lab_that_stays_stops_the_run_which_then_goes_on_as_if_nothing_had_been() {
    let mut fixture = Fixture::new(2, |_| ());
    let Fixture { plan, journal, done, .. } = &mut fixture;
    let mut mock = Mock { spoilt: usize::MAX, ..Mock::default() };
    let ending = run(&*plan, 0..2, done, journal, &mut mock, Limits::default(), |_| ()).unwrap();
    assert_eq!((mock.trials, ending.broken_off), (4, Some(BrokenOff::Hindered("no room".into()))));
    assert!(ending.statuses.is_empty());
    let rows = read_trials(&fixture.parent.path().join("run"), &fixture.plan).unwrap();
    assert_eq!(rows.iter().map(|row| row.status).collect::<Vec<_>>(), [Status::LabError]);

    let mut fixture = fixture.resumed();
    assert!(fixture.done.is_empty());
    let ending = fixture.run(None, Limits::default(), |_| ());
    assert_eq!(ending.statuses.values().sum::<u64>(), 6);
    let rows = read_trials(&fixture.parent.path().join("run"), &fixture.plan).unwrap();
    assert!(rows.len() == 6 && rows.iter().all(|row| row.status != Status::LabError));
}

#[test]
fn a_run_stops_between_blocks_once_it_is_precise_enough_and_says_so() {
    let mut checked = Vec::new();
    let mut precise = |block| {
        checked.push(block);
        block >= 9
    };
    let ending = limited(Limits { precise: Some(&mut precise), ..Limits::default() });
    assert_eq!((ending.stopped, ending.blocks), (Stopped::Precision, 9));
    assert_eq!(ending.statuses.values().sum::<u64>(), 9 * 3);
    assert_eq!(checked, [5, 9]);
}

#[test]
fn a_budget_that_is_spent_leaves_at_least_one_block_beside_the_burn_in() {
    let ending = limited(Limits { budget: Some(Duration::ZERO), ..Limits::default() });
    assert_eq!((ending.stopped, ending.blocks), (Stopped::Budget, 2));
    let plenty = limited(Limits { budget: Some(Duration::from_secs(3600)), ..Limits::default() });
    assert_eq!((plenty.stopped, plenty.blocks), (Stopped::Plan, 10));
}
