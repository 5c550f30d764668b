//! The built runner, driven over the wire as the harness drives it: each workload proves its work.
//!
//! On a machine without `io_uring` the same tests hold the runner to its refusal: `unavailable`, with
//! what stands in the way, and never a crash.

use protocol::workload::{
    BURNERS, CALL, DURATION_NS, FILE_BYTES, IO, JITTER_NS, KERNEL, MESSAGE_BYTES, POLICY, SLICE_NS, SLICES,
    STEPS, TIMES, call, io, kernel, policy,
};
use protocol::{Job, Status, Workload};
use wire_test::{Runner, Trial};

const RUNNER: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-compio"));
const COUNTED: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-compio-counted"));

const WORKERS: [u32; 2] = [1, 3];
const TASKS: [u64; 4] = [1, 2, 3, 1000];
/// Workloads that one executor has and several together have not.
const ONE_EXECUTOR_ONLY: [Workload; 2] = [Workload::Mutex, Workload::Brigade];
const FEW: [u64; 3] = [1, 2, 30];

/// A workload with numbers of tasks and with parameters.
type Case<'a> = (Workload, &'a [u64], &'a [(&'a str, u64)]);

/// What has to prove its work and no more.
const PROVEN: &[Case] = &[
    (Workload::Spawn, &TASKS, &[]),
    (Workload::Skynet, &[1, 2, 10, 11, 1234], &[]),
    (Workload::Mutex, &TASKS, &[(TIMES, 10)]),
    (Workload::Brigade, &[1, 2, 3, 300], &[(TIMES, 10)]),
    (Workload::Echo, &[1, 3, 300], &[(DURATION_NS, 20_000_000)]),
    (Workload::Echo, &FEW, &[(DURATION_NS, 20_000_000), (MESSAGE_BYTES, 10_000)]),
    (Workload::FileRead, &[1, 3, 600], &[(TIMES, 3), (FILE_BYTES, 1 << 20)]),
    (Workload::Cpu, &TASKS, &[(STEPS, 10)]),
    (Workload::Cpu, &FEW, &[(STEPS, 10), (KERNEL, kernel::SHA256)]),
];

/// What asks for a time and must not get less.
const TIMED: &[Case] = &[
    (Workload::Sleep, &TASKS, &[]),
    (Workload::Sleep, &TASKS, &[(JITTER_NS, 3_000_000)]),
    (Workload::Request, &[1, 3, 300], &[]),
    (
        Workload::Mixed,
        &FEW,
        &[(TIMES, 3), (SLICES, 3), (SLICE_NS, 100_000), (POLICY, policy::HOG), (BURNERS, 5)],
    ),
    (Workload::Blocking, &FEW, &[(CALL, call::NAIVE)]),
    (Workload::Blocking, &[1, 3, 600], &[(CALL, call::ESCAPE)]),
];

#[test]
fn every_workload_proves_its_work() {
    for job in PROVEN.iter().flat_map(jobs) {
        prove(&RUNNER, &job);
    }
}

#[test]
fn nothing_takes_less_time_than_it_was_asked_to() {
    for job in TIMED.iter().flat_map(jobs) {
        let Some(trial) = prove(&RUNNER, &job) else { continue };
        trial.assert_none_early();
    }
}

#[test]
fn held_tasks_are_all_alive_at_once() {
    for job in jobs(&(Workload::Hold, &TASKS, &[])) {
        let Some(trial) = prove(&RUNNER, &job) else { continue };
        trial.assert_all_overlap();
    }
}

#[test]
fn a_file_is_read_past_the_page_cache_or_its_file_system_is_named() {
    for job in jobs(&(Workload::FileRead, &FEW, &[(TIMES, 3), (FILE_BYTES, 1 << 20), (IO, io::DIRECT)])) {
        if let Err(refusal) = RUNNER.serve(&job) {
            assert!(
                refusal.reason.contains("O_DIRECT") || rightly_unavailable(&refusal.reason),
                "{refusal:?}"
            );
        }
    }
}

#[test]
fn what_compio_has_no_means_for_is_refused_with_the_reason() {
    RUNNER.assert_unsupported(&job(Workload::Yield, 1, 2, &[]), "where they wait");
    RUNNER.assert_unsupported(&job(Workload::PingPong, 1, 2, &[]), "no channels");
    RUNNER.assert_unsupported(&job(Workload::Mixed, 1, 2, &[(POLICY, policy::YIELD)]), "ask for hog");
    for workload in ONE_EXECUTOR_ONLY {
        RUNNER.assert_unsupported(&job(workload, 3, 2, &[]), "ask for one worker");
    }
}

#[test]
fn more_files_than_may_be_open_are_refused() {
    let runner = RUNNER.with_ulimit("-n 64");
    for workload in [Workload::Brigade, Workload::Request, Workload::Echo, Workload::FileRead] {
        let job = Job {
            origin: Some(([127, 0, 0, 1], 9).into()),
            file: Some("/dev/null".into()),
            ..job(workload, 1, 100, &[])
        };
        runner.assert_unsupported(&job, "ulimit -n");
    }
}

#[test]
fn the_counted_twin_counts_at_least_an_allocation_a_task() {
    for job in jobs(&(Workload::Spawn, &[1000], &[])) {
        let Some(trial) = prove(&COUNTED, &job) else { continue };
        let usage = trial.done.usage;
        assert!(usage.allocations >= Some(job.tasks * u64::from(job.rounds)), "{job:?}: {usage:?}");
    }
}

#[test]
fn a_probe_finds_it_or_says_what_is_missing() {
    let probe = RUNNER.probe("compio");
    assert!(probe.available != probe.reason.as_deref().is_some_and(rightly_unavailable), "{probe:?}");
}

fn rightly_unavailable(reason: &str) -> bool {
    reason.contains("io_uring") && compio::runtime::Runtime::new().is_err()
}

fn job(workload: Workload, workers: u32, tasks: u64, params: &[(&str, u64)]) -> Job {
    let mut job = Job { workers, ..wire_test::job("compio", workload, tasks) };
    job.params.extend(params.iter().map(|&(name, value)| (name.to_owned(), value)));
    job
}

/// Each number of workers, as far as the workload can have them, with each number of tasks.
fn jobs<'a>(&(workload, tasks, params): &'a Case<'a>) -> impl Iterator<Item = Job> + 'a {
    let workers =
        WORKERS.into_iter().filter(move |&workers| workers == 1 || !ONE_EXECUTOR_ONLY.contains(&workload));
    workers.flat_map(move |workers| tasks.iter().map(move |&tasks| job(workload, workers, tasks, params)))
}

/// The proven trial; `None` where the runner rightly says that compio cannot run here.
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
