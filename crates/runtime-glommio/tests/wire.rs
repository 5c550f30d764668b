//! The built runner, driven over the wire as the harness drives it: each workload proves its work.
//!
//! On a machine without `io_uring` the same tests hold the runner to its refusal: `unavailable`, with
//! what stands in the way, and never a crash.

use std::panic::catch_unwind;

use glommio::LocalExecutorBuilder;
use protocol::workload::{
    BURNERS, CALL, CAPACITY, DURATION_NS, FILE_BYTES, IO, JITTER_NS, POLICY, SLICE_NS, SLICES, TIMES, call,
    io, policy,
};
use protocol::{Job, Status, Workload};
use wire_test::{Runner, Trial, job, with};

const RUNNER: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-glommio"));
const COUNTED: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-glommio-counted"));

/// Each runtime with a number of workers.
const RUNTIMES: [(&str, u32); 3] = [("glommio", 1), ("glommio", 3), ("glommio-early-membarrier", 1)];
const TASKS: [u64; 4] = [1, 2, 3, 1000];

/// Workloads that one executor has and several together have not.
const ONE_EXECUTOR_ONLY: [Workload; 2] = [Workload::FanIn, Workload::Mutex];

#[test]
fn every_sleep_is_recorded_and_none_is_short() {
    prove_all(Workload::Sleep, &[]);
    prove_all(Workload::Sleep, &[(JITTER_NS, 3_000_000)]);
}

#[test]
fn every_spawned_task_is_joined() {
    prove_all(Workload::Spawn, &[]);
    prove_all(Workload::Skynet, &[]);
}

#[test]
fn held_tasks_are_all_alive_at_once() {
    for job in jobs(Workload::Hold, &[]) {
        let Some(trial) = prove(&RUNNER, &job) else { continue };
        trial.assert_all_overlap();
    }
}

#[test]
fn tasks_that_give_way_to_one_another_all_have_their_turns() {
    for workload in [Workload::Yield, Workload::PingPong, Workload::Mutex] {
        prove_all(workload, &[(TIMES, 10)]);
    }
    for capacity in [1, 7, 1024] {
        prove_all(Workload::FanIn, &[(TIMES, 10), (CAPACITY, capacity)]);
    }
}

#[test]
fn every_request_is_answered() {
    prove_all(Workload::Request, &[]);
}

#[test]
fn all_that_comes_is_sent_back() {
    prove_all(Workload::Echo, &[(DURATION_NS, 20_000_000)]);
}

#[test]
fn blocks_are_read_through_the_page_cache_and_past_it() {
    for io in [io::CACHED, io::DIRECT] {
        prove_all(Workload::FileRead, &[(TIMES, 3), (FILE_BYTES, 1 << 20), (IO, io)]);
    }
}

#[test]
fn every_task_computes() {
    prove_all(Workload::Cpu, &[]);
}

#[test]
fn every_beat_is_recorded_beside_burners_that_yield_or_do_not() {
    for policy in [policy::YIELD, policy::HOG] {
        let burners = [(BURNERS, 4), (SLICES, 3), (SLICE_NS, 200_000), (POLICY, policy)];
        prove_all(Workload::Mixed, &[&burners[..], &[(TIMES, 5)]].concat());
    }
}

#[test]
fn every_blocking_call_is_made_in_the_task_or_on_the_thread_for_it() {
    for call in [call::NAIVE, call::ESCAPE] {
        prove_all(Workload::Blocking, &[(DURATION_NS, 100_000), (CALL, call)]);
    }
}

#[test]
fn more_blocking_calls_than_the_queue_of_their_thread_holds_are_made() {
    let params = [(DURATION_NS, 1), (CALL, call::ESCAPE)];
    prove(&RUNNER, &Job { tasks: 10_000, ..with(&params, job("glommio", Workload::Blocking, 1)) });
}

#[test]
fn what_glommio_has_no_means_for_is_refused_with_the_reason() {
    RUNNER.assert_unsupported(&job("glommio", Workload::Brigade, 2), "none for a pipe");
    for workload in ONE_EXECUTOR_ONLY {
        let job = Job { workers: 3, ..job("glommio", workload, 2) };
        RUNNER.assert_unsupported(&job, "ask for one worker");
    }
}

#[test]
fn the_counted_twin_counts_at_least_an_allocation_a_task() {
    for job in [Workload::Spawn, Workload::Hold].into_iter().flat_map(|workload| jobs(workload, &[])) {
        let Some(trial) = prove(&COUNTED, &job) else { continue };
        let usage = trial.done.usage;
        assert!(usage.allocations >= Some(job.tasks * u64::from(job.rounds)), "{job:?}: {usage:?}");
    }
}

#[test]
fn the_timed_runner_claims_no_allocations() {
    for job in jobs(Workload::Spawn, &[]) {
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
    let executors = Job { workers: 8, ..job("glommio", Workload::Sleep, 8) };
    let tasks = [Workload::Request, Workload::Echo, Workload::FileRead];
    let tasks = tasks.map(|workload| with(&[(FILE_BYTES, 1 << 20)], job("glommio", workload, 100)));
    for job in tasks.into_iter().chain([executors]) {
        let refusal = RUNNER.with_ulimit("-n 16").serve(&job).expect_err("more files are open");
        assert_eq!(refusal.status, Status::Unsupported, "{refusal:?}");
        let (_, enough) = refusal.reason.split_once("ulimit -n ").expect("the mend");
        RUNNER.with_ulimit(&format!("-n {enough}")).prove(&job);
    }
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

/// Proves every job of a workload, and that nothing took less time than was asked for.
fn prove_all(workload: Workload, params: &[(&str, u64)]) {
    for job in jobs(workload, params) {
        let Some(trial) = prove(&RUNNER, &job) else { continue };
        if workload.asked_ns(&job, 0).is_some() {
            trial.assert_none_early();
        }
    }
}

/// Each runtime with each number of tasks, as far as it can have them.
fn jobs(workload: Workload, params: &[(&str, u64)]) -> impl Iterator<Item = Job> {
    RUNTIMES
        .into_iter()
        .filter(move |(_, workers)| *workers == 1 || !ONE_EXECUTOR_ONLY.contains(&workload))
        .flat_map(move |(runtime, workers)| {
            TASKS.map(|tasks| Job { workers, ..with(params, job(runtime, workload, tasks)) })
        })
        .filter(move |job| workload.check(job.tasks, &job.params).is_ok())
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
