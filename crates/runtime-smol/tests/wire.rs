//! The built runner, driven over the wire as the harness drives it: each workload proves its work.

use protocol::Workload;
use wire_test::Runner;
use wire_test::cases::{self, PROVEN, TIMED, jobs, largest_jobs};

const RUNNER: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-smol"));
const COUNTED: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-smol-counted"));

/// Each runtime with a number of workers.
const RUNTIMES: &[(&str, u32)] = &[("smol", 1), ("smol", 3)];

#[test]
fn every_workload_proves_its_work() {
    for job in jobs(RUNTIMES, PROVEN) {
        RUNNER.prove(&job);
    }
}

#[test]
fn nothing_takes_less_time_than_it_was_asked_to() {
    for job in jobs(RUNTIMES, TIMED) {
        RUNNER.prove(&job).assert_none_early();
    }
}

#[test]
fn held_tasks_are_all_alive_at_once() {
    for job in jobs(RUNTIMES, &[cases::HOLD]) {
        RUNNER.prove(&job).assert_all_overlap();
    }
}

#[test]
fn a_file_is_read_past_the_page_cache_or_its_file_system_is_named() {
    for job in jobs(RUNTIMES, &[cases::FILE_READ_DIRECT]) {
        if let Err(refusal) = RUNNER.serve(&job) {
            assert!(refusal.reason.contains("O_DIRECT"), "{refusal:?}");
        }
    }
}

#[test]
fn more_files_than_may_be_open_are_refused() {
    for (runtime, _) in RUNTIMES {
        let workloads = [Workload::Brigade, Workload::Request, Workload::Echo, Workload::FileRead];
        RUNNER.assert_files_are_counted(runtime, &workloads);
    }
}

#[test]
fn the_counted_twin_counts_at_least_an_allocation_a_task() {
    for job in largest_jobs(RUNTIMES, &[PROVEN, TIMED, &[cases::HOLD]].concat()) {
        COUNTED.prove(&job).assert_allocations_counted();
    }
}

#[test]
fn the_timed_runner_claims_no_allocations() {
    for job in jobs(RUNTIMES, &[cases::SPAWN]) {
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
