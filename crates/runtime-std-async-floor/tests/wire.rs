//! The built runner, driven over the wire as the harness drives it: each workload proves its work.

use protocol::Workload;
use wire_test::cases::{self, jobs};
use wire_test::{Case, Runner, job, with};

const RUNNER: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-std-async-floor"));
const COUNTED: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-std-async-floor-counted"));

const NAME: &str = "std-async-floor";
const FLOOR: &[(&str, u32)] = &[(NAME, 1)];

/// What has to prove its work and no more.
const PROVEN: &[Case] = &[
    cases::SPAWN,
    cases::YIELD,
    cases::PING_PONG,
    cases::FAN_IN,
    cases::FAN_IN_NO_ROOM,
    cases::SKYNET,
    cases::CPU,
    cases::CPU_SHA256,
];

/// What asks for a time and must not get less.
const TIMED: &[Case] =
    &[cases::SLEEP, cases::SLEEP_JITTER, cases::MIXED_YIELD, cases::MIXED_HOG, cases::BLOCKING_NAIVE];

#[test]
fn every_workload_proves_its_work() {
    for job in jobs(FLOOR, PROVEN) {
        RUNNER.prove(&job);
    }
}

#[test]
fn nothing_takes_less_time_than_it_was_asked_to() {
    for job in jobs(FLOOR, TIMED) {
        RUNNER.prove(&job).assert_none_early();
    }
}

#[test]
fn held_tasks_are_all_alive_at_once() {
    for job in jobs(FLOOR, &[cases::HOLD]) {
        RUNNER.prove(&job).assert_all_overlap();
    }
}

#[test]
fn a_task_has_three_allocations_and_no_more() {
    let job = job(NAME, Workload::Spawn, 10_000);
    let tasks = job.tasks * u64::from(job.rounds);
    let allocations = COUNTED.prove(&job).done.usage.allocations.expect("the twin counts");
    assert!((3 * tasks..3 * tasks + 100).contains(&allocations), "{allocations} for {tasks} tasks");
}

#[test]
fn what_std_has_no_means_for_is_refused_with_the_reason() {
    let runtime = RUNNER.describe().runtimes.remove(0);
    for (workload, words) in [(Workload::Mutex, "no lock"), (Workload::Brigade, "reactor")] {
        RUNNER.assert_unsupported(&job(NAME, workload, 2), words);
        assert!(runtime.unsupported.contains_key(workload.name()));
    }
    let escaping = with(cases::BLOCKING_ESCAPE.params, job(NAME, Workload::Blocking, 2));
    RUNNER.assert_unsupported(&escaping, "ask for naive");
}

#[test]
fn a_probe_finds_it() {
    assert!(RUNNER.probe(NAME).available);
}
