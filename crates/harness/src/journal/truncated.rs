//! A run whose files were cut at every byte goes on and comes out whole.

use std::fs;
use std::path::{Path, PathBuf};

use protocol::proof::splitmix64;
use protocol::{Params, Status};
use results::folder::SPANS;
use tempfile::TempDir;

use super::{ENVIRONMENT, Journal, PLAN, ROUNDS, Repaired, Resumed, TRIALS, read_trials};
use crate::cell::Cell;
use crate::experiment::PresetName;
use crate::fixture::{Mock, planned};
use crate::plan::{Plan, PlannedCell};
use crate::run::{Limits, run};

/// Three cells, one of which fails and so has no rounds.
fn plan() -> Plan {
    let cell = |id, rounds| {
        let planned = planned(id, 2);
        PlannedCell { cell: Cell { rounds, ..planned.cell }, counted: 1, ..planned }
    };
    let cells = vec![cell("one", 1), cell("fails", 2), cell("three", 3)];
    Plan { cells, ..with_id() }
}

/// A cell whose spans are kept.
fn plan_with_spans() -> Plan {
    let planned = planned("sleeps", 3);
    let cell = Cell { tasks: 1000, params: Params::from([("duration_ns".into(), 1)]), ..planned.cell };
    Plan { cells: vec![PlannedCell { cell, ..planned }], ..with_id() }
}

/// A plan whose rows have checksums, the same each time.
fn with_id() -> Plan {
    Plan { id: Some("7".into()), ..Plan::empty(PresetName::Quick, 7) }
}

/// The folder of a run that has ended.
struct Run {
    _parent: TempDir,
    folder: PathBuf,
}

impl Run {
    fn of(plan: &Plan) -> Self {
        let parent = in_memory();
        let folder = parent.path().join("run");
        let mut journal = Journal::create(&folder, plan, &()).unwrap();
        let done = super::Done::new();
        run(plan, 0..plan.blocks(), &done, &mut journal, &mut Mock::default(), Limits::default(), |_| ())
            .unwrap();
        Self { _parent: parent, folder }
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.folder.join(name)).unwrap()
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.folder.join(name), bytes).unwrap();
    }

    /// Resumes it until its end; gives how many trials were run, and what was repaired.
    fn resume(&self) -> (usize, Repaired) {
        let Resumed { mut journal, plan, done, repaired } = Journal::resume(&self.folder).unwrap();
        let mut mock = Mock::default();
        run(&plan, 0..plan.blocks(), &done, &mut journal, &mut mock, Limits::default(), |_| ()).unwrap();
        (mock.trials, repaired)
    }
}

/// Thousands of runs are resumed here: where nothing has to reach a disk, it takes seconds.
fn in_memory() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n').collect()
}

fn whole_lines(bytes: &[u8]) -> usize {
    lines(bytes).into_iter().filter(|line| line.ends_with(b"\n") && !line.contains(&0)).count()
}

/// A run that has ended, and what it may keep of itself when its files are cut.
struct Unbroken {
    run: Run,
    trials: Vec<u8>,
    rounds: Vec<u8>,
    /// Of each row of the trials, how many lines of the rounds must stand for it to count.
    needs: Vec<usize>,
}

impl Unbroken {
    fn new() -> Self {
        let run = Run::of(&plan());
        let mut lines = 1;
        let needs = read_trials(&run.folder, &plan()).unwrap().into_iter().map(|row| {
            let rounds = if row.status == Status::Ok { row.rounds as usize } else { 0 };
            lines += rounds;
            if rounds == 0 { 0 } else { lines }
        });
        let needs = needs.collect();
        let (trials, rounds) = (run.read(TRIALS), run.read(ROUNDS));
        Self { run, trials, rounds, needs }
    }

    /// Puts these files in the place of its own, resumes, and checks what comes out.
    fn check(&self, trials: &[u8], rounds: &[u8]) {
        self.run.write(TRIALS, trials);
        self.run.write(ROUNDS, rounds);
        let (stand, known) = (whole_lines(trials).saturating_sub(1), whole_lines(rounds));
        let is_kept = |row: &usize| *row < stand && self.needs[*row] <= known;
        let kept: Vec<usize> = (0..self.needs.len()).filter(is_kept).collect();
        let case = format!("{} bytes of trials and {} of rounds", trials.len(), rounds.len());

        let (asked, repaired) = self.run.resume();
        assert_eq!(asked, self.needs.len() - kept.len(), "trials that were run again, {case}");
        assert_eq!(repaired.repeated, stand - kept.len(), "{case}");
        let finished = self.run.read(TRIALS);
        let own = lines(&self.trials);
        let kept = kept.into_iter().flat_map(|row| own[row + 1]).copied();
        let kept: Vec<u8> = own[0].iter().copied().chain(kept).collect();
        assert!(finished.starts_with(&kept), "a row that was whole has changed, {case}");
        same_lines(&finished, &self.trials, &case);
        same_lines(&self.run.read(ROUNDS), &self.rounds, &case);
        assert_eq!(self.run.resume(), (0, Repaired::default()), "{case}");
    }
}

/// Asserts that two files hold the same lines, each as often.
fn same_lines(left: &[u8], right: &[u8], case: &str) {
    let [mut left, mut right] = [lines(left), lines(right)];
    left.sort_unstable();
    right.sort_unstable();
    assert!(left == right, "{case}");
}

#[test]
fn trials_cut_at_any_byte_are_completed_and_none_is_run_twice() {
    let unbroken = Unbroken::new();
    for length in 0..=unbroken.trials.len() {
        unbroken.check(&unbroken.trials[..length], &unbroken.rounds);
    }
}

#[test]
fn rounds_cut_at_any_byte_take_their_trial_with_them_and_no_other() {
    let unbroken = Unbroken::new();
    for length in 0..=unbroken.rounds.len() {
        unbroken.check(&unbroken.trials, &unbroken.rounds[..length]);
    }
}

#[test]
fn both_cut_at_bytes_of_their_own_with_nuls_behind_them_come_out_whole() {
    let unbroken = Unbroken::new();
    let mut state = 7;
    let mut draw = |below: usize| {
        state = splitmix64(state);
        usize::try_from(state % (below as u64 + 1)).unwrap()
    };
    for _ in 0..500 {
        let [trials, rounds] = [&unbroken.trials, &unbroken.rounds].map(|bytes| {
            let mut cut = bytes[..draw(bytes.len())].to_vec();
            cut.resize(cut.len() + draw(1) * draw(5000), 0);
            cut
        });
        unbroken.check(&trials, &rounds);
    }
}

#[test]
fn files_that_are_gone_are_made_again() {
    let unbroken = Unbroken::new();
    let rows = unbroken.needs.len();
    for (gone, again) in [(TRIALS, rows), (ROUNDS, rows - 3)] {
        fs::remove_file(unbroken.run.folder.join(gone)).unwrap();
        assert_eq!(unbroken.run.resume().0, again, "without {gone}");
        same_lines(&unbroken.run.read(TRIALS), &unbroken.trials, gone);
        same_lines(&unbroken.run.read(ROUNDS), &unbroken.rounds, gone);
    }
}

#[test]
fn spans_that_are_not_whole_are_measured_again_with_their_trial() {
    let run = Run::of(&plan_with_spans());
    let (trials, rounds) = (run.read(TRIALS), run.read(ROUNDS));
    let spans = run.read("spans/sleeps.csv");
    let by_the_way = (0..spans.len()).step_by(509);
    for length in by_the_way.chain([1, spans.len() - 1]) {
        for nuls in [0, spans.len() - length] {
            run.write("spans/sleeps.csv", &[&spans[..length], &vec![0; nuls]].concat());
            let (asked, repaired) = run.resume();
            assert_eq!((asked, repaired.repeated), (1, 1), "{length} bytes");
            assert!(run.read("spans/sleeps.csv") == spans, "{length} bytes");
            same_lines(&run.read(TRIALS), &trials, "spans");
            same_lines(&run.read(ROUNDS), &rounds, "spans");
        }
    }
}

#[test]
fn spans_without_their_trial_go_and_what_was_never_finished_too() {
    let run = Run::of(&plan_with_spans());
    let trials = run.read(TRIALS);
    let before_block_1 = lines(&trials)[..2].concat();
    run.write(TRIALS, &before_block_1);
    for name in [".plan.json.a1.new", ".trials.csv.b2.new", ".ending.json.c3.new", "spans/.sleeps.csv.d4.new"]
    {
        run.write(name, b"half of");
    }
    let resumed = Journal::resume(&run.folder).unwrap();
    assert_eq!(names(&run.folder), [ENVIRONMENT, PLAN, ROUNDS, SPANS, TRIALS]);
    assert!(names(&run.folder.join("spans")).is_empty());
    drop(resumed);
    assert_eq!(run.resume().0, 2);
    same_lines(&run.read(TRIALS), &trials, "");
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
