//! The built runner, driven over the wire as the harness drives it: each workload proves its work.
//!
//! On a machine without `io_uring` the same tests hold the runner to its refusal: `unavailable`, with
//! what stands in the way, and never a crash.

use std::panic::catch_unwind;

use glommio::LocalExecutorBuilder;
use protocol::workload::JITTER_NS;
use protocol::{Job, Status, Workload};
use wire_test::{Runner, Trial, job};

const RUNNER: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-glommio"));
const COUNTED: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-glommio-counted"));

/// Each runtime with a number of workers.
const RUNTIMES: [(&str, u32); 3] = [("glommio", 1), ("glommio", 3), ("glommio-early-membarrier", 1)];
const TASKS: [u64; 4] = [1, 2, 3, 1000];

#[test]
fn every_sleep_is_recorded_and_none_is_short() {
    for jitter_ns in [0, 3_000_000] {
        for mut job in jobs(Workload::Sleep) {
            job.params.insert(JITTER_NS.into(), jitter_ns);
            let Some(trial) = prove(&RUNNER, &job) else { continue };
            trial.assert_none_early();
        }
    }
}

#[test]
fn every_spawned_task_is_joined() {
    for job in jobs(Workload::Spawn) {
        prove(&RUNNER, &job);
    }
}

#[test]
fn held_tasks_are_all_alive_at_once() {
    for job in jobs(Workload::Hold) {
        let Some(trial) = prove(&RUNNER, &job) else { continue };
        trial.assert_all_overlap();
    }
}

#[test]
fn the_counted_twin_counts_at_least_an_allocation_a_task() {
    for job in Workload::ALL.into_iter().flat_map(jobs) {
        let Some(trial) = prove(&COUNTED, &job) else { continue };
        let usage = trial.done.usage;
        assert!(usage.allocations >= Some(job.tasks * u64::from(job.rounds)), "{job:?}: {usage:?}");
    }
}

#[test]
fn the_timed_runner_claims_no_allocations() {
    for job in jobs(Workload::Spawn) {
        let Some(trial) = prove(&RUNNER, &job) else { continue };
        assert_eq!(trial.done.usage.allocations, None);
    }
}

#[test]
fn a_probe_finds_every_runtime_or_says_what_is_missing() {
    for (runtime, _) in RUNTIMES {
        let probe = RUNNER.probe(runtime);
        assert!(probe.available != probe.reason.as_deref().is_some_and(names_what_is_missing), "{probe:?}");
    }
}

#[test]
fn too_low_a_memlock_limit_is_refused_by_name() {
    let probe = RUNNER.with_ulimit("-l 64").probe("glommio");
    assert!(!probe.available && probe.reason.as_deref().is_some_and(names_what_is_missing), "{probe:?}");
}

#[test]
fn too_few_open_files_are_refused_by_name_and_the_limit_that_is_named_is_enough() {
    if !RUNNER.probe("glommio").available {
        return;
    }
    let job = Job { workers: 8, ..job("glommio", Workload::Sleep, 8) };
    let refusal = RUNNER.with_ulimit("-n 16").serve(&job).expect_err("8 executors have more files open");
    assert_eq!(refusal.status, Status::Unsupported, "{refusal:?}");
    let (_, enough) = refusal.reason.split_once("ulimit -n ").expect("the mend");
    RUNNER.with_ulimit(&format!("-n {enough}")).prove(&job);
}

fn names_what_is_missing(reason: &str) -> bool {
    ["io_uring", "locked memory", "older than"].iter().any(|missing| reason.contains(missing))
}

/// Whether the reason names what is missing, and glommio itself cannot start here either.
fn rightly_unavailable(reason: &str) -> bool {
    let starts = || LocalExecutorBuilder::default().make().is_ok();
    // On a kernel that old it would end this process.
    names_what_is_missing(reason) && (reason.contains("older than") || !catch_unwind(starts).unwrap_or(false))
}

/// Each runtime with each number of tasks.
fn jobs(workload: Workload) -> impl Iterator<Item = Job> {
    RUNTIMES.into_iter().flat_map(move |(runtime, workers)| {
        TASKS.map(|tasks| Job { workers, ..job(runtime, workload, tasks) })
    })
}

/// The proven trial; `None` where the runner rightly says that glommio cannot run here.
fn prove(runner: &Runner, job: &Job) -> Option<Trial> {
    match runner.serve(job) {
        Ok(trial) => Some(trial),
        Err(refusal) => {
            assert_eq!(refusal.status, Status::Unavailable, "{job:?}: {refusal:?}");
            assert!(rightly_unavailable(&refusal.reason), "{job:?}: {refusal:?}");
            None
        }
    }
}
