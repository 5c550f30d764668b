//! The lab itself is killed, again and again, until its run has ended all the same.

use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::processes::{PATIENCE, SIGNALS, wait_at_most};
use crate::scenario::Scenario;
use crate::tally::Tally;
use crate::victim::Victim;

/// The longest that it is left alone at first, and how much longer after each kill, so that it comes to its end.
const FIRST: Duration = Duration::from_millis(400);
const MORE: Duration = Duration::from_millis(50);

/// The longest that it is stopped.
const STOPPED: Duration = Duration::from_millis(300);

/// How long a signal may take to do its work before it is sent again.
const AGAIN_AFTER: Duration = Duration::from_millis(50);

/// The exit status of a lab that was interrupted.
const INTERRUPTED: i32 = 130;

/// Kills the lab at most so often.
pub fn kill(scenario: &mut Scenario, most: u64, tally: &mut Tally) {
    let (mut lab, mut kills, mut longest) = (scenario.start(), 0, FIRST);
    loop {
        let moment = if kills < most { scenario.random.time(longest) } else { PATIENCE };
        longest += MORE;
        if let Some(status) = wait_at_most(&mut lab, moment) {
            assert!(status.success(), "{status}: {}", scenario.words());
            break;
        }
        assert!(kills < most, "it does not come to its end");
        let (signal, name) = scenario.random.one_of(&SIGNALS);
        kills += 1;
        tally.killed(Victim::Lab, name);
        let known = scenario.processes();
        if signal == Signal::STOP {
            send(&lab, signal);
            sleep(scenario.random.time(STOPPED));
            send(&lab, Signal::CONT);
            continue;
        }
        let status = end(&mut lab, signal);
        scenario.check(&known);
        if status.success() {
            // It had just done all.
            break;
        }
        check_death(status, signal, &scenario.words());
        lab = scenario.start();
    }
    for row in scenario.finish() {
        assert!(!row.status.is_failure(), "the lab's end is blamed on {}: {}", row.runtime, row.reason);
    }
}

fn send(lab: &Child, signal: Signal) {
    // It is not reaped yet, so that its number is its own.
    kill_process(Pid::from_child(lab), signal).unwrap();
}

/// Sends a signal and waits until the lab has ended. Rust takes the first SEGV for a stack that may have overflown, and
/// goes on: that one is sent again.
fn end(lab: &mut Child, signal: Signal) -> ExitStatus {
    let began = Instant::now();
    send(lab, signal);
    while began.elapsed() < PATIENCE {
        let time = if signal == Signal::SEGV { AGAIN_AFTER } else { PATIENCE };
        if let Some(status) = wait_at_most(lab, time) {
            return status;
        }
        send(lab, signal);
    }
    panic!("signal {} does not end the lab", signal.as_raw());
}

/// It ended as that signal asks for: what can be caught is, once there is a trial to end.
fn check_death(status: ExitStatus, signal: Signal, words: &str) {
    let is_caught = [Signal::TERM, Signal::INT, Signal::HUP].contains(&signal);
    let was_interrupted = is_caught && status.code() == Some(INTERRUPTED) && words.contains("--resume");
    let died = status.signal() == Some(signal.as_raw());
    assert!(died || was_interrupted, "signal {}: {status}: {words}", signal.as_raw());
}
