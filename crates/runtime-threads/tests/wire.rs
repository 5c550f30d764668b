//! The built runner over the wire, as the harness drives it: each runtime and workload at sizes that
//! are easy to get wrong, and what must be refused.

use protocol::workload::{DURATION_NS, JITTER_NS};
use protocol::{Event, Job, Workload};
use wire_test::Runner;

const RUNNER: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-threads"));
const COUNTED: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-threads-counted"));

const RUNTIMES: [&str; 2] = ["threads", "thread-pool"];
const SIZES: [u64; 4] = [1, 2, 3, 500];

#[test]
fn every_task_is_done_and_sleeps_no_shorter_than_asked() {
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
fn all_held_tasks_are_alive_at_one_instant() {
    for job in jobs(Workload::Hold) {
        RUNNER.prove(&job).assert_all_overlap();
    }
}

#[test]
fn a_pool_runs_more_tasks_than_it_has_workers() {
    for workload in [Workload::Sleep, Workload::Spawn] {
        let job = Job { workers: 2, ..job("thread-pool", workload, 7) };
        RUNNER.prove(&job);
    }
}

#[test]
fn a_smaller_stack_does() {
    for runtime in RUNTIMES {
        let mut job = job(runtime, Workload::Hold, 3);
        job.params.insert("stack_bytes".into(), 16 * 1024);
        RUNNER.prove(&job);
    }
}

#[test]
fn the_counted_twin_counts_what_the_tasks_allocate() {
    for runtime in RUNTIMES {
        let tasks = 100;
        let job = job(runtime, Workload::Spawn, tasks);
        let usage = COUNTED.prove(&job).done.usage;
        assert!(usage.allocations >= Some(tasks * u64::from(job.rounds)), "{runtime}: {usage:?}");
        assert!(usage.allocated_bytes > Some(0), "{runtime}: {usage:?}");
    }
}

#[test]
fn more_threads_than_the_kernel_would_map_are_refused_before_anything_runs() {
    let too_many = u64::MAX / 8;
    let held = job("threads", Workload::Hold, too_many);
    RUNNER.assert_unsupported(&held, "vm.max_map_count");
    let mut asleep_together = job("threads", Workload::Sleep, too_many);
    asleep_together.params.insert(DURATION_NS.into(), u64::MAX);
    RUNNER.assert_unsupported(&asleep_together, "vm.max_map_count");
    let pooled = Job { workers: u32::MAX, ..job("thread-pool", Workload::Spawn, 1) };
    RUNNER.assert_unsupported(&pooled, "vm.max_map_count");
}

#[test]
fn any_number_of_tasks_is_taken_on_that_are_over_before_the_next_ones_start() {
    for workload in [Workload::Sleep, Workload::Spawn] {
        assert_eq!(RUNNER.answer(&job("threads", workload, 100_000)), Event::Ready);
    }
}

#[test]
fn a_pool_refuses_to_hold_more_tasks_than_it_has_workers() {
    RUNNER.assert_unsupported(&Job { workers: 2, ..job("thread-pool", Workload::Hold, 3) }, "--workers 3");
}

#[test]
fn both_runtimes_describe_themselves_with_the_version_of_crossbeam_that_they_are_built_with() {
    let description = RUNNER.describe();
    let names: Vec<_> = description.runtimes.iter().map(|runtime| runtime.name.as_str()).collect();
    assert_eq!(names, RUNTIMES);
    assert!(description.runtimes.iter().all(|runtime| runtime.version.starts_with("0.8.")));
}

/// Each runtime with each number of tasks.
fn jobs(workload: Workload) -> impl Iterator<Item = Job> {
    RUNTIMES.into_iter().flat_map(move |runtime| SIZES.map(|tasks| job(runtime, workload, tasks)))
}

fn job(runtime: &str, workload: Workload, tasks: u64) -> Job {
    let workers = if runtime == "thread-pool" { 512 } else { 1 };
    Job { workers, ..wire_test::job(runtime, workload, tasks) }
}
