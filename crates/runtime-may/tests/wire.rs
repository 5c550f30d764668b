//! The built runner over the wire, as the harness drives it: each workload at sizes that are easy to get
//! wrong, with one worker and with more, and what must be refused.

use protocol::workload::{
    BURNERS, CALL, DURATION_NS, JITTER_NS, KERNEL, POLICY, SLICES, STEPS, TIMES, call, kernel, policy,
};
use protocol::{Event, Job, Workload};
use wire_test::Runner;

const RUNNER: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-may"));
const COUNTED: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-may-counted"));

const WORKERS: [u32; 2] = [1, 2];
const SIZES: &[u64] = &[1, 2, 3, 1000];
const PAIRS: &[u64] = &[2, 4, 1000];

/// A workload, how many tasks, and with which parameters.
type Row = (Workload, &'static [u64], &'static [(&'static str, u64)]);

/// So that nothing takes long: fewer times, a shorter load, smaller burners.
const SMALL: &[(&str, u64)] = &[(TIMES, 10)];
const SHORT_LOAD: &[(&str, u64)] = &[(DURATION_NS, 20_000_000)];
const SHORT_HASH: &[(&str, u64)] = &[(KERNEL, kernel::SHA256), (STEPS, 10)];
const SHORT_BURN: &[(&str, u64)] = &[(TIMES, 3), (SLICES, 5)];

#[test]
fn every_workload_does_its_work() {
    let table: &[Row] = &[
        (Workload::Spawn, SIZES, &[]),
        (Workload::Yield, SIZES, SMALL),
        (Workload::PingPong, PAIRS, SMALL),
        (Workload::Skynet, SIZES, &[]),
        (Workload::Mutex, SIZES, SMALL),
        (Workload::Brigade, &[1, 2, 3, 100], SMALL),
        (Workload::Echo, SIZES, SHORT_LOAD),
        (Workload::Cpu, SIZES, &[]),
        (Workload::Cpu, SIZES, SHORT_HASH),
    ];
    for &(workload, sizes, params) in table {
        for job in jobs(workload, sizes, params) {
            RUNNER.prove(&job);
        }
    }
}

#[test]
fn what_waits_for_a_time_waits_no_shorter() {
    let table: &[Row] = &[
        (Workload::Sleep, SIZES, &[]),
        (Workload::Sleep, SIZES, &[(JITTER_NS, 3_000_000)]),
        (Workload::Request, SIZES, &[]),
        (Workload::Mixed, SIZES, SHORT_BURN),
        (Workload::Mixed, &[1, 100], &[(POLICY, policy::HOG), (BURNERS, 5), (SLICES, 5), (TIMES, 3)]),
        (Workload::Blocking, &[1, 2, 3, 100], &[]),
    ];
    for &(workload, sizes, params) in table {
        for job in jobs(workload, sizes, params) {
            RUNNER.prove(&job).assert_none_early();
        }
    }
}

#[test]
fn all_held_tasks_are_alive_at_one_instant() {
    for job in jobs(Workload::Hold, SIZES, &[]) {
        RUNNER.prove(&job).assert_all_overlap();
    }
}

#[test]
fn its_own_parameters_change_nothing_in_the_work() {
    for params in [("prestart", 1), ("stack_bytes", 16 * 1024)] {
        RUNNER.prove(&job(Workload::Hold, 2, 3, &[params]));
    }
}

#[test]
fn the_counted_twin_counts_what_the_tasks_allocate() {
    let job = job(Workload::Spawn, 2, 100, &[]);
    let usage = COUNTED.prove(&job).done.usage;
    assert!(usage.allocations >= Some(job.tasks * u64::from(job.rounds)), "{usage:?}");
    assert!(usage.allocated_bytes > Some(0), "{usage:?}");
}

#[test]
fn more_stacks_than_the_kernel_would_map_are_refused_before_anything_runs() {
    let alive_together = [
        Workload::Sleep,
        Workload::Hold,
        Workload::Skynet,
        Workload::Brigade,
        Workload::Request,
        Workload::Echo,
        Workload::Mixed,
    ];
    for workload in alive_together {
        let mut job = job(workload, 2, u64::MAX / 8, &[(DURATION_NS, u64::MAX)]);
        job.origin = Some(([127, 0, 0, 1], 1).into());
        RUNNER.assert_unsupported(&job, "vm.max_map_count");
    }
}

#[test]
fn any_number_of_tasks_is_taken_on_that_end_before_the_next_ones_start() {
    let one_by_one = [
        Workload::Sleep,
        Workload::Spawn,
        Workload::Yield,
        Workload::PingPong,
        Workload::Mutex,
        Workload::Cpu,
        Workload::Blocking,
    ];
    for workload in one_by_one {
        assert_eq!(RUNNER.answer(&job(workload, 2, 100_000, &[])), Event::Ready);
    }
}

#[test]
fn more_files_than_may_be_open_are_refused() {
    for workload in [Workload::Brigade, Workload::Echo] {
        RUNNER.with_ulimit("-n 64").assert_unsupported(&job(workload, 2, 100, &[]), "ulimit -n");
    }
}

#[test]
fn what_may_has_no_means_for_is_refused_with_the_reason() {
    RUNNER.assert_unsupported(&job(Workload::FanIn, 2, 3, &[]), "unbounded");
    let mut read = job(Workload::FileRead, 2, 3, &[]);
    read.file = Some("blocks".into());
    RUNNER.assert_unsupported(&read, "epoll");
    let escape = job(Workload::Blocking, 2, 3, &[(CALL, call::ESCAPE)]);
    RUNNER.assert_unsupported(&escape, "no threads for blocking calls");
}

#[test]
fn stacks_that_may_would_not_reuse_are_refused() {
    for bytes in [0, 40_000, 32 * 1024 + 8] {
        let job = job(Workload::Spawn, 2, 1, &[("stack_bytes", bytes)]);
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
fn jobs<'a>(
    workload: Workload,
    sizes: &'a [u64],
    params: &'a [(&str, u64)],
) -> impl Iterator<Item = Job> + 'a {
    let each_size = move |workers| sizes.iter().map(move |&tasks| job(workload, workers, tasks, params));
    WORKERS.into_iter().flat_map(each_size)
}

fn job(workload: Workload, workers: u32, tasks: u64, params: &[(&str, u64)]) -> Job {
    let mut job = Job { workers, ..wire_test::job("may", workload, tasks) };
    job.params.extend(params.iter().map(|&(name, value)| (name.into(), value)));
    job
}
