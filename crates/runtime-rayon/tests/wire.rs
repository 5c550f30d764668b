//! The built runner, driven over the wire as the harness drives it: each workload proves its work.

use protocol::workload::{CALL, KERNEL, STEPS, call, kernel};
use protocol::{Job, Workload};
use wire_test::Runner;

const RUNNER: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-rayon"));
const COUNTED: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-rayon-counted"));

const WORKERS: [u32; 2] = [1, 3];
const TASKS: [u64; 4] = [1, 2, 3, 1000];
const FEW: [u64; 3] = [1, 2, 30];

/// A workload with numbers of tasks and with parameters.
type Case<'a> = (Workload, &'a [u64], &'a [(&'a str, u64)]);

const PROVEN: &[Case] = &[
    (Workload::Spawn, &TASKS, &[]),
    (Workload::Skynet, &[1, 2, 10, 11, 1234, 100_000], &[]),
    (Workload::Cpu, &TASKS, &[(STEPS, 10)]),
    (Workload::Cpu, &FEW, &[(STEPS, 10), (KERNEL, kernel::SHA256)]),
];

#[test]
fn every_workload_proves_its_work() {
    for job in PROVEN.iter().flat_map(jobs) {
        RUNNER.prove(&job);
    }
}

#[test]
fn no_blocking_call_takes_less_time_than_it_was_asked_to() {
    for job in jobs(&(Workload::Blocking, &FEW, &[(CALL, call::NAIVE)])) {
        RUNNER.prove(&job).assert_none_early();
    }
}

#[test]
fn what_waits_is_refused_with_the_reason() {
    let runtime = RUNNER.describe().runtimes.remove(0);
    for workload in Workload::ALL {
        let name = workload.name();
        assert!(
            runtime.workloads.iter().any(|it| it == name) != runtime.unsupported.contains_key(name),
            "{name}"
        );
    }
    RUNNER.assert_unsupported(&job(Workload::Sleep, 2), "no timer");
    RUNNER.assert_unsupported(&job(Workload::Yield, 2), "takes turns");
    let mut escape = job(Workload::Blocking, 2);
    escape.params.insert(CALL.into(), call::ESCAPE);
    RUNNER.assert_unsupported(&escape, "ask for naive");
}

#[test]
fn the_counted_twin_counts_at_least_an_allocation_a_spawned_task() {
    for job in jobs(&(Workload::Spawn, &[1000], &[])) {
        let usage = COUNTED.prove(&job).done.usage;
        assert!(usage.allocations >= Some(job.tasks * u64::from(job.rounds)), "{job:?}: {usage:?}");
    }
}

#[test]
fn a_probe_finds_it() {
    assert!(RUNNER.probe("rayon").available);
}

fn job(workload: Workload, tasks: u64) -> Job {
    wire_test::job("rayon", workload, tasks)
}

/// Each number of workers with each number of tasks.
fn jobs<'a>(&(workload, tasks, params): &'a Case<'a>) -> impl Iterator<Item = Job> + 'a {
    WORKERS.into_iter().flat_map(move |workers| {
        tasks.iter().map(move |&tasks| {
            let mut job = Job { workers, ..job(workload, tasks) };
            job.params.extend(params.iter().map(|&(name, value)| (name.to_owned(), value)));
            job
        })
    })
}
