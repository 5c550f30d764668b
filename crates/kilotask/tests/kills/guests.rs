//! Runners are killed, and the peers opposite them, while the lab looks on: its run goes on.

use std::process::{Child, ExitStatus};
use std::thread::sleep;
use std::time::{Duration, Instant};

use protocol::Status;
use results::TrialRow;
use rustix::process::Signal;

use crate::processes::{Found, SIGNALS, descendants};
use crate::scenario::Scenario;
use crate::tally::Tally;
use crate::victim::Victim;

/// The longest that one is left alone after it was seen, and the longest that it is stopped.
const LEFT_ALONE: Duration = Duration::from_millis(100);
const STOPPED: Duration = Duration::from_millis(300);

/// How many processes may pass before the next one is killed.
const PASS: u64 = 6;

/// How long to wait before looking again whether one is there.
const PAUSE: Duration = Duration::from_micros(500);

/// The longest that a run may take, with all that is killed in it.
const LONGEST: Duration = Duration::from_secs(300);

/// Kills guests of one run, at most so many.
pub fn kill(scenario: &mut Scenario, guest: Victim, most: u64, tally: &mut Tally) {
    let (mut lab, mut kills, began) = (scenario.start(), 0, Instant::now());
    let status = loop {
        assert!(began.elapsed() < LONGEST, "it does not come to its end");
        match lab.try_wait().unwrap() {
            // Where a peer was killed each time that a trial was tried, the run stops and can be resumed.
            Some(status) if status.code() == Some(1) && is_hindered(&scenario.words()) => {
                lab = scenario.start();
            }
            Some(status) => break status,
            // While runners describe themselves, each is asked a second time and no third.
            None if kills < most && (kills == 0 || scenario.has_plan()) => {
                if let Some(name) = kill_one(scenario, &lab, guest) {
                    kills += 1;
                    tally.killed(guest, name);
                }
            }
            None => sleep(Duration::from_millis(5)),
        }
    };
    let rows = scenario.finish();
    check_blame(guest, kills, status, &rows, &scenario.words());
    rows.iter().filter(|row| row.status.is_failure()).for_each(|row| tally.failed(row));
}

/// Whether the lab says that it was hindered and can go on.
fn is_hindered(words: &str) -> bool {
    words.contains("says nothing of the runtime") && words.contains("--resume")
}

/// No more trials have failed than runners were killed, and none for a peer.
fn check_blame(guest: Victim, kills: u64, status: ExitStatus, rows: &[TrialRow], words: &str) {
    let failed: Vec<&TrialRow> = rows.iter().filter(|row| row.status.is_failure()).collect();
    let reasons: Vec<_> = failed.iter().map(|row| (&row.cell, row.status, &row.reason)).collect();
    let most = if guest == Victim::Runner { kills } else { 0 };
    assert!(failed.len() as u64 <= most, "{kills} {}s were killed; failed: {reasons:?}", guest.name());
    // A resumed run counts only what failed in its last part.
    let is_told = status.success() || (status.code() == Some(2) && !failed.is_empty());
    assert!(is_told, "{status}: {words}");
    assert!(rows.iter().all(|row| row.status != Status::LabError), "what hindered the lab was repeated");
}

/// Waits for some process to come, and a little, and kills it or what it has started; the signal's name. `None` where it was
/// gone by then, or the run has ended.
fn kill_one(scenario: &mut Scenario, lab: &Child, guest: Victim) -> Option<&'static str> {
    let number = i32::try_from(lab.id()).unwrap();
    let folder = scenario.temporary();
    let guests = || -> Vec<Found> {
        descendants(number, &folder).into_iter().filter(|found| guest.is(found)).collect()
    };
    let mut seen = guests();
    for _ in 0..=scenario.random.below(PASS) {
        seen.push(next(&guests, &seen)?);
    }
    sleep(scenario.random.time_of_any_size(LEFT_ALONE));
    let there = guests();
    let victim = there.get(usize::try_from(scenario.random.below(there.len() as u64)).unwrap())?;
    let (signal, name) = scenario.random.one_of(&SIGNALS);
    let sent = victim.send(signal);
    if signal == Signal::STOP {
        sleep(scenario.random.time(STOPPED));
        victim.send(Signal::CONT);
    }
    sent.then_some(name)
}

/// The next process that is not among these; `None` where none comes.
fn next(guests: &impl Fn() -> Vec<Found>, seen: &[Found]) -> Option<Found> {
    /// Longer than from one trial to the next.
    const LONGEST: Duration = Duration::from_secs(2);
    let began = Instant::now();
    while began.elapsed() < LONGEST {
        if let Some(new) = guests().into_iter().find(|found| !seen.contains(found)) {
            return Some(new);
        }
        sleep(PAUSE);
    }
    None
}
