//! The built runner, driven over the wire as the harness drives it: each workload proves its work.
//!
//! On a machine without `io_uring` the same tests hold the runner to its refusal: `unavailable`, with
//! what stands in the way, and never a crash.

use protocol::{Job, Workload};
use wire_test::cases::{self, jobs};
use wire_test::{Case, Runner, Trial, job, with};

const RUNNER: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-compio"));
const COUNTED: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-compio-counted"));

const ONE: &[(&str, u32)] = &[("compio", 1)];
const ONE_AND_MORE: &[(&str, u32)] = &[("compio", 1), ("compio", 3)];

/// What has to prove its work and no more.
const PROVEN: &[Case] = &[
    cases::SPAWN,
    cases::SKYNET,
    cases::ECHO,
    cases::ECHO_LONG,
    cases::FILE_READ,
    cases::CPU,
    cases::CPU_SHA256,
];

/// The same, of what several executors together have no means for.
const PROVEN_ALONE: &[Case] = &[cases::MUTEX, cases::BRIGADE];

/// What asks for a time and must not get less.
const TIMED: &[Case] = &[
    cases::SLEEP,
    cases::SLEEP_JITTER,
    cases::REQUEST,
    cases::MIXED_HOG,
    cases::BLOCKING_NAIVE,
    cases::BLOCKING_ESCAPE,
];

#[test]
fn every_workload_proves_its_work() {
    for job in jobs(ONE_AND_MORE, PROVEN).chain(jobs(ONE, PROVEN_ALONE)) {
        prove(&RUNNER, &job);
    }
}

#[test]
fn nothing_takes_less_time_than_it_was_asked_to() {
    let trials = jobs(ONE_AND_MORE, TIMED).filter_map(|job| prove(&RUNNER, &job));
    trials.for_each(|trial| trial.assert_none_early());
}

#[test]
fn held_tasks_are_all_alive_at_once() {
    let trials = jobs(ONE_AND_MORE, &[cases::HOLD]).filter_map(|job| prove(&RUNNER, &job));
    trials.for_each(|trial| trial.assert_all_overlap());
}

#[test]
fn a_file_is_read_past_the_page_cache_or_its_file_system_is_named() {
    for job in jobs(ONE_AND_MORE, &[cases::FILE_READ_DIRECT]) {
        if let Err(refusal) = RUNNER.serve(&job) {
            assert!(refusal.reason.contains("O_DIRECT") || is_missing(), "{refusal:?}");
        }
    }
}

#[test]
fn what_compio_has_no_means_for_is_refused_with_the_reason() {
    RUNNER.assert_unsupported(&job("compio", Workload::Yield, 2), "where they wait");
    RUNNER.assert_unsupported(&job("compio", Workload::PingPong, 2), "no channels");
    let yielding = with(cases::MIXED_YIELD.params, job("compio", Workload::Mixed, 2));
    RUNNER.assert_unsupported(&yielding, "ask for hog");
    for case in PROVEN_ALONE {
        let together = Job { workers: 3, ..job("compio", case.workload, 2) };
        RUNNER.assert_unsupported(&together, "ask for one worker");
    }
}

#[test]
fn more_files_than_may_be_open_are_refused() {
    RUNNER.assert_files_are_counted(
        "compio",
        &[Workload::Brigade, Workload::Request, Workload::Echo, Workload::FileRead],
    );
}

#[test]
fn the_counted_twin_counts_at_least_an_allocation_a_task() {
    let trials = cases::largest_jobs(ONE_AND_MORE, &[cases::SPAWN]).filter_map(|job| prove(&COUNTED, &job));
    trials.for_each(|trial| trial.assert_allocations_counted());
}

#[test]
fn a_probe_finds_it_or_says_what_is_missing() {
    let probe = RUNNER.probe("compio");
    let names_it = |reason: &str| reason.contains("io_uring") && is_missing();
    assert!(probe.available != probe.reason.as_deref().is_some_and(names_it), "{probe:?}");
}

/// The proven trial; `None` where the runner rightly says that compio cannot run here.
fn prove(runner: &Runner, job: &Job) -> Option<Trial> {
    runner.prove_with_ring(job, is_missing)
}

/// Whether compio itself finds no `io_uring` here.
fn is_missing() -> bool {
    compio::runtime::Runtime::new().is_err()
}
