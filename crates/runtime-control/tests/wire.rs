//! The control runners over the wire, and the allocation counter against a count by hand.

use std::io::Write;
use std::process::{Command, Stdio};

use protocol::wire::{decode, encode};
use protocol::{Done, Event, Job, PROTOCOL, Params, workload};

fn job(runtime: &str, workload: &str, tasks: u64) -> Job {
    Job {
        protocol: PROTOCOL,
        runtime: runtime.into(),
        workload: workload.into(),
        tasks,
        workers: 1,
        rounds: 1,
        params: Params::from([(workload::DURATION_NS.into(), 1_000_000)]),
        seed: 7,
        spans_file: None,
    }
}

/// Says everything a harness would say at once; gives the events.
fn serve(program: &str, job: &Job) -> Vec<Event> {
    let mut runner = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    runner.stdin.take().unwrap().write_all(format!("{}go\ngo\n", encode(job)).as_bytes()).unwrap();
    let output = runner.wait_with_output().unwrap();
    assert!(output.status.success());
    output.stdout.split_inclusive(|&byte| byte == b'\n').map(|line| decode(line).unwrap()).collect()
}

fn done(program: &str, job: &Job) -> Done {
    let Some(Event::Done(done)) = serve(program, job).pop() else { panic!("not done") };
    done
}

const PLAIN: &str = env!("CARGO_BIN_EXE_runtime-control");
const COUNTED: &str = env!("CARGO_BIN_EXE_runtime-control-counted");

#[test]
fn every_workload_is_done_and_proven() {
    for (runtime, workload) in [
        ("floor", "sleep"),
        ("floor", "spawn"),
        ("floor", "hold"),
        ("sequential", "sleep"),
        ("sequential", "spawn"),
    ] {
        for tasks in [1, 2, 100] {
            let round = &done(PLAIN, &job(runtime, workload, tasks)).rounds[0];
            assert_eq!(round.completed, tasks, "{runtime} {workload}");
            assert_eq!(round.checksum, workload::checksum(7, tasks).to_string(), "{runtime} {workload}");
        }
    }
}

#[test]
fn hold_stops_at_its_checkpoint() {
    let events = serve(PLAIN, &job("floor", "hold", 10));
    assert!(matches!(events[..], [Event::Ready, Event::Holding, Event::Done(_)]), "{events:?}");
}

#[test]
fn the_counted_twin_counts_what_a_count_by_hand_gives() {
    // By hand: the floor's sleep makes one list of (deadline, task), 16 bytes each, and drops it; its
    // spawn makes nothing.
    let sleep = done(COUNTED, &job("floor", "sleep", 1000)).usage;
    assert_eq!((sleep.allocations, sleep.deallocations), (Some(1), Some(1)));
    assert_eq!((sleep.reallocations, sleep.allocated_bytes), (Some(0), Some(16_000)));
    let spawn = done(COUNTED, &job("floor", "spawn", 1000)).usage;
    assert_eq!((spawn.allocations, spawn.allocated_bytes), (Some(0), Some(0)));
}

#[test]
fn the_plain_runner_claims_no_counts() {
    assert_eq!(done(PLAIN, &job("floor", "sleep", 10)).usage.allocations, None);
}

#[test]
fn what_makes_no_sense_is_an_answer_and_not_a_crash() {
    for (wrong, reason) in [
        (Job { protocol: 9, ..job("floor", "sleep", 1) }, "protocol 9"),
        (job("flor", "sleep", 1), "no runtime \"flor\""),
        (job("sequential", "hold", 1), "no workload \"hold\""),
        (job("floor", "sleep", 0), "at least one task"),
    ] {
        let events = serve(PLAIN, &wrong);
        let [Event::Refused(refusal)] = &events[..] else { panic!("{events:?}") };
        assert!(refusal.reason.contains(reason), "{}", refusal.reason);
    }
}
