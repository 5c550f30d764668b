//! The built runner, driven over the wire as the harness drives it: each workload proves its work.

use protocol::Workload;
use wire_test::cases::{self, jobs};
use wire_test::{Case, Runner, job, with};

const RUNNER: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-rayon"));
const COUNTED: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-rayon-counted"));

/// It with a number of workers.
const RAYON: &[(&str, u32)] = &[("rayon", 1), ("rayon", 3)];

/// Its recursion is deep, as a worker that waits for its children runs others on its own stack.
const DEEP_TREE: Case = Case { tasks: &[100_000], ..cases::SKYNET };

const PROVEN: &[Case] = &[cases::SPAWN, cases::SKYNET, DEEP_TREE, cases::CPU, cases::CPU_SHA256];

#[test]
fn every_workload_proves_its_work() {
    for job in jobs(RAYON, PROVEN) {
        RUNNER.prove(&job);
    }
}

#[test]
fn no_blocking_call_takes_less_time_than_it_was_asked_to() {
    for job in jobs(RAYON, &[cases::BLOCKING_NAIVE]) {
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
    RUNNER.assert_unsupported(&job("rayon", Workload::Sleep, 2), "no timer");
    RUNNER.assert_unsupported(&job("rayon", Workload::Yield, 2), "takes turns");
    let escaping = with(cases::BLOCKING_ESCAPE.params, job("rayon", Workload::Blocking, 2));
    RUNNER.assert_unsupported(&escaping, "ask for naive");
}

#[test]
fn the_counted_twin_counts_at_least_an_allocation_a_spawned_task() {
    for job in cases::largest_jobs(RAYON, &[cases::SPAWN]) {
        COUNTED.prove(&job).assert_allocations_counted();
    }
}

#[test]
fn a_probe_finds_it() {
    assert!(RUNNER.probe("rayon").available);
}
