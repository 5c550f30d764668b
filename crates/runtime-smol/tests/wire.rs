//! The built runner, driven over the wire as the harness drives it: each workload proves its work.

use protocol::workload::{
    BURNERS, CALL, CAPACITY, DURATION_NS, FILE_BYTES, IO, JITTER_NS, KERNEL, MESSAGE_BYTES, POLICY, SLICE_NS,
    SLICES, STEPS, TIMES, call, io, kernel, policy,
};
use protocol::{Job, Workload};
use wire_test::{Runner, job};

const RUNNER: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-smol"));
const COUNTED: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-smol-counted"));

/// Each runtime with a number of workers.
const RUNTIMES: [(&str, u32); 2] = [("smol", 1), ("smol", 3)];
const TASKS: [u64; 4] = [1, 2, 3, 1000];
const PAIRS: [u64; 3] = [2, 4, 1000];
const FEW: [u64; 3] = [1, 2, 30];

/// A workload with numbers of tasks and with parameters.
type Case<'a> = (Workload, &'a [u64], &'a [(&'a str, u64)]);

/// What has to prove its work and no more.
const PROVEN: &[Case] = &[
    (Workload::Spawn, &TASKS, &[]),
    (Workload::Yield, &TASKS, &[(TIMES, 10)]),
    (Workload::PingPong, &PAIRS, &[(TIMES, 10)]),
    (Workload::FanIn, &TASKS, &[(TIMES, 10), (CAPACITY, 1)]),
    (Workload::FanIn, &TASKS, &[(TIMES, 10)]),
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
    (Workload::Mixed, &FEW, &[(TIMES, 3), (SLICES, 3), (SLICE_NS, 100_000), (POLICY, policy::YIELD)]),
    (
        Workload::Mixed,
        &FEW,
        &[(TIMES, 3), (SLICES, 3), (SLICE_NS, 100_000), (POLICY, policy::HOG), (BURNERS, 5)],
    ),
    (Workload::Blocking, &FEW, &[(CALL, call::NAIVE)]),
    (Workload::Blocking, &[1, 3, 600], &[(CALL, call::ESCAPE)]),
];

const HELD: Case = (Workload::Hold, &TASKS, &[]);

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
    for job in jobs(&HELD) {
        RUNNER.prove(&job).assert_all_overlap();
    }
}

#[test]
fn a_file_is_read_past_the_page_cache_or_its_file_system_is_named() {
    for job in jobs(&(Workload::FileRead, &FEW, &[(TIMES, 3), (FILE_BYTES, 1 << 20), (IO, io::DIRECT)])) {
        if let Err(refusal) = RUNNER.serve(&job) {
            assert!(refusal.reason.contains("O_DIRECT"), "{refusal:?}");
        }
    }
}

#[test]
fn more_files_than_may_be_open_are_refused() {
    let runner = RUNNER.with_ulimit("-n 64");
    for (runtime, workload) in RUNTIMES.into_iter().flat_map(|(runtime, _)| {
        [Workload::Brigade, Workload::Request, Workload::Echo, Workload::FileRead]
            .map(|workload| (runtime, workload))
    }) {
        let job = Job {
            origin: Some(([127, 0, 0, 1], 9).into()),
            file: Some("/dev/null".into()),
            ..job(runtime, workload, 100)
        };
        runner.assert_unsupported(&job, "ulimit -n");
    }
}

#[test]
fn the_counted_twin_counts_at_least_an_allocation_a_task() {
    for (workload, tasks, params) in PROVEN.iter().chain(TIMED).chain([&HELD]) {
        for job in jobs(&(*workload, &tasks[tasks.len() - 1..], params)) {
            let usage = COUNTED.prove(&job).done.usage;
            assert!(usage.allocations >= Some(job.tasks * u64::from(job.rounds)), "{job:?}: {usage:?}");
        }
    }
}

#[test]
fn the_timed_runner_claims_no_allocations() {
    for job in jobs(&(Workload::Spawn, &FEW, &[])) {
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
fn jobs<'a>(&(workload, tasks, params): &'a Case<'a>) -> impl Iterator<Item = Job> + 'a {
    RUNTIMES.into_iter().flat_map(move |(runtime, workers)| {
        tasks.iter().map(move |&tasks| {
            let mut job = Job { workers, ..job(runtime, workload, tasks) };
            job.params.extend(params.iter().map(|&(name, value)| (name.to_owned(), value)));
            job
        })
    })
}
