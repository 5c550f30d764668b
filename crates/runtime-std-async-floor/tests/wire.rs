//! The built runner, driven over the wire as the harness drives it: each workload proves its work.

use protocol::workload::{
    BURNERS, CALL, CAPACITY, JITTER_NS, KERNEL, POLICY, SLICE_NS, SLICES, STEPS, TIMES, call, kernel, policy,
};
use protocol::{Job, Workload};
use wire_test::Runner;

const RUNNER: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-std-async-floor"));
const COUNTED: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-std-async-floor-counted"));

const TASKS: [u64; 4] = [1, 2, 3, 1000];
const FEW: [u64; 3] = [1, 2, 30];

/// A workload with numbers of tasks and with parameters.
type Case<'a> = (Workload, &'a [u64], &'a [(&'a str, u64)]);

/// What has to prove its work and no more.
const PROVEN: &[Case] = &[
    (Workload::Spawn, &TASKS, &[]),
    (Workload::Yield, &TASKS, &[(TIMES, 10)]),
    (Workload::PingPong, &[2, 4, 1000], &[(TIMES, 10)]),
    (Workload::FanIn, &TASKS, &[(TIMES, 10), (CAPACITY, 1)]),
    (Workload::FanIn, &TASKS, &[(TIMES, 10)]),
    (Workload::Skynet, &[1, 2, 10, 11, 1234], &[]),
    (Workload::Cpu, &TASKS, &[(STEPS, 10)]),
    (Workload::Cpu, &FEW, &[(STEPS, 10), (KERNEL, kernel::SHA256)]),
];

/// What asks for a time and must not get less.
const TIMED: &[Case] = &[
    (Workload::Sleep, &TASKS, &[]),
    (Workload::Sleep, &TASKS, &[(JITTER_NS, 3_000_000)]),
    (Workload::Mixed, &FEW, &[(TIMES, 3), (SLICES, 3), (SLICE_NS, 100_000), (POLICY, policy::YIELD)]),
    (
        Workload::Mixed,
        &FEW,
        &[(TIMES, 3), (SLICES, 3), (SLICE_NS, 100_000), (POLICY, policy::HOG), (BURNERS, 5)],
    ),
    (Workload::Blocking, &FEW, &[(CALL, call::NAIVE)]),
];

#[test]
fn every_workload_proves_its_work() {
    for job in PROVEN.iter().flat_map(jobs) {
        RUNNER.prove(&job);
    }
}

#[test]
fn nothing_takes_less_time_than_it_was_asked_to() {
    for job in TIMED.iter().flat_map(jobs) {
        RUNNER.prove(&job).assert_none_early();
    }
}

#[test]
fn held_tasks_are_all_alive_at_once() {
    for job in jobs(&(Workload::Hold, &TASKS, &[])) {
        RUNNER.prove(&job).assert_all_overlap();
    }
}

#[test]
fn a_task_has_three_allocations_and_no_more() {
    for job in jobs(&(Workload::Spawn, &[10_000], &[])) {
        let tasks = job.tasks * u64::from(job.rounds);
        let allocations = COUNTED.prove(&job).done.usage.allocations.expect("the twin counts");
        assert!((3 * tasks..3 * tasks + 100).contains(&allocations), "{allocations} for {tasks} tasks");
    }
}

#[test]
fn what_std_has_no_means_for_is_refused_with_the_reason() {
    let runtime = RUNNER.describe().runtimes.remove(0);
    for (workload, words) in [(Workload::Mutex, "no lock"), (Workload::Brigade, "reactor")] {
        RUNNER.assert_unsupported(&job(workload, 2), words);
        assert!(runtime.unsupported.contains_key(workload.name()));
    }
    let mut escape = job(Workload::Blocking, 2);
    escape.params.insert(CALL.into(), call::ESCAPE);
    RUNNER.assert_unsupported(&escape, "ask for naive");
}

#[test]
fn a_probe_finds_it() {
    assert!(RUNNER.probe("std-async-floor").available);
}

fn job(workload: Workload, tasks: u64) -> Job {
    wire_test::job("std-async-floor", workload, tasks)
}

fn jobs<'a>(&(workload, tasks, params): &'a Case<'a>) -> impl Iterator<Item = Job> + 'a {
    tasks.iter().map(move |&tasks| {
        let mut job = job(workload, tasks);
        job.params.extend(params.iter().map(|&(name, value)| (name.to_owned(), value)));
        job
    })
}
