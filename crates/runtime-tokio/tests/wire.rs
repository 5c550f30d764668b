//! The built runner, driven over the wire as the harness drives it: each workload proves its work.

use protocol::workload::JITTER_NS;
use protocol::{Job, Workload};
use wire_test::{Runner, job};

const RUNNER: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-tokio"));
const COUNTED: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-tokio-counted"));

/// Each runtime with a number of workers.
const RUNTIMES: [(&str, u32); 3] = [("tokio", 1), ("tokio", 3), ("tokio-current-thread", 1)];
const TASKS: [u64; 4] = [1, 2, 3, 1000];

#[test]
fn every_sleep_is_recorded_and_none_is_short() {
    for jitter_ns in [0, 3_000_000] {
        for mut job in jobs(Workload::Sleep) {
            job.params.insert(JITTER_NS.into(), jitter_ns);
            RUNNER.prove(&job).assert_none_early();
        }
    }
}

#[test]
fn every_spawned_task_is_joined() {
    for job in jobs(Workload::Spawn) {
        RUNNER.prove(&job);
    }
}

#[test]
fn held_tasks_are_all_alive_at_once() {
    for job in jobs(Workload::Hold) {
        RUNNER.prove(&job).assert_all_overlap();
    }
}

#[test]
fn the_counted_twin_counts_at_least_an_allocation_a_task() {
    for job in Workload::ALL.into_iter().flat_map(jobs) {
        let usage = COUNTED.prove(&job).done.usage;
        assert!(usage.allocations >= Some(job.tasks * u64::from(job.rounds)), "{job:?}: {usage:?}");
    }
}

#[test]
fn the_timed_runner_claims_no_allocations() {
    for job in jobs(Workload::Spawn) {
        assert_eq!(RUNNER.prove(&job).done.usage.allocations, None);
    }
}

#[test]
fn a_probe_finds_every_runtime() {
    for (runtime, _) in RUNTIMES {
        let probe = RUNNER.probe(runtime);
        assert!(probe.available, "{runtime}: {probe:?}");
    }
}

/// Each runtime with each number of tasks.
fn jobs(workload: Workload) -> impl Iterator<Item = Job> {
    RUNTIMES.into_iter().flat_map(move |(runtime, workers)| {
        TASKS.map(|tasks| Job { workers, ..job(runtime, workload, tasks) })
    })
}
