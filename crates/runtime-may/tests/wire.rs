//! The built runner over the wire, as the harness drives it: each workload at sizes that are easy to get
//! wrong, with one worker and with two, and what must be refused.

use protocol::workload::{DURATION_NS, JITTER_NS};
use protocol::{Event, Job, Workload};
use wire_test::Runner;

const RUNNER: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-may"));
const COUNTED: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-may-counted"));

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
fn its_own_parameters_change_nothing_in_the_work() {
    for (name, value) in [("prestart", 1), ("stack_bytes", 16 * 1024)] {
        let mut job = job(Workload::Hold, 2, 3);
        job.params.insert(name.into(), value);
        RUNNER.prove(&job);
    }
}

#[test]
fn the_counted_twin_counts_what_the_tasks_allocate() {
    let tasks = 100;
    let job = job(Workload::Spawn, 2, tasks);
    let usage = COUNTED.prove(&job).done.usage;
    assert!(usage.allocations >= Some(tasks * u64::from(job.rounds)), "{usage:?}");
    assert!(usage.allocated_bytes > Some(0), "{usage:?}");
}

#[test]
fn more_stacks_than_the_kernel_would_map_are_refused_before_anything_runs() {
    let too_many = u64::MAX / 8;
    let held = job(Workload::Hold, 2, too_many);
    RUNNER.assert_unsupported(&held, "vm.max_map_count");
    let mut asleep_together = job(Workload::Sleep, 2, too_many);
    asleep_together.params.insert(DURATION_NS.into(), u64::MAX);
    RUNNER.assert_unsupported(&asleep_together, "vm.max_map_count");
}

#[test]
fn any_number_of_tasks_is_taken_on_that_are_over_before_the_next_ones_start() {
    for workload in [Workload::Sleep, Workload::Spawn] {
        assert_eq!(RUNNER.answer(&job(workload, 2, 100_000)), Event::Ready);
    }
}

#[test]
fn stacks_that_may_would_not_reuse_are_refused() {
    for bytes in [0, 40_000, 32 * 1024 + 8] {
        let mut job = job(Workload::Spawn, 2, 1);
        job.params.insert("stack_bytes".into(), bytes);
        RUNNER.assert_unsupported(&job, "multiple of 4096");
    }
}

#[test]
fn may_describes_itself_with_the_version_that_it_is_built_with() {
    let description = RUNNER.describe();
    let names: Vec<_> = description.runtimes.iter().map(|runtime| runtime.name.as_str()).collect();
    assert_eq!(names, ["may"]);
    assert!(description.runtimes[0].version.starts_with("0.3."));
}

/// Each number of workers with each number of tasks.
fn jobs(workload: Workload) -> impl Iterator<Item = Job> {
    [1, 2].into_iter().flat_map(move |workers| SIZES.map(|tasks| job(workload, workers, tasks)))
}

fn job(workload: Workload, workers: u32, tasks: u64) -> Job {
    Job { workers, ..wire_test::job("may", workload, tasks) }
}
