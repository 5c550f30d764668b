//! The built runner over the wire, as the harness drives it: each runtime and workload at sizes that
//! are easy to get wrong, and what must be refused.

use std::thread::available_parallelism;

use protocol::workload::{
    BURNERS, CALL, CAPACITY, DURATION_NS, FILE_BYTES, IO, JITTER_NS, MESSAGE_BYTES, POLICY, SLICE_NS, SLICES,
    STEPS, TIMES, call, io, policy,
};
use protocol::{Event, Job, Workload};
use wire_test::{Runner, Trial, with};

const RUNNER: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-threads"));
const COUNTED: Runner = Runner::new(env!("CARGO_BIN_EXE_runtime-threads-counted"));

const RUNTIMES: [&str; 2] = ["threads", "thread-pool"];
/// The last is close to the 512 workers that the pool has by default.
const SIZES: [u64; 4] = [1, 2, 3, 500];

/// Parameters other than their defaults.
type Set = &'static [(&'static str, u64)];
const TEN_TIMES: Set = &[(TIMES, 10)];

#[test]
fn every_task_is_done_and_waits_no_shorter_than_asked() {
    for workload in [Workload::Sleep, Workload::Request, Workload::Blocking] {
        prove(workload, &SIZES, &[], Trial::assert_none_early);
    }
    prove(Workload::Sleep, &SIZES, &[(JITTER_NS, 3_000_000)], Trial::assert_none_early);
}

#[test]
fn every_spawned_task_is_joined() {
    prove(Workload::Spawn, &SIZES, &[], |_| ());
}

#[test]
fn all_held_tasks_are_alive_at_one_instant() {
    prove(Workload::Hold, &SIZES, &[], Trial::assert_all_overlap);
}

#[test]
fn tasks_give_way_to_each_other_and_lose_nothing() {
    prove(Workload::PingPong, &[2, 4, 500], TEN_TIMES, |_| ());
    prove(Workload::FanIn, &SIZES, TEN_TIMES, |_| ());
    prove(Workload::FanIn, &[1, 3, 100], &[(TIMES, 10), (CAPACITY, 1)], |_| ());
    prove(Workload::Mutex, &SIZES, &[], |_| ());
    prove(Workload::Brigade, &[1, 2, 3, 100], TEN_TIMES, |_| ());
    for workers in cpus() {
        for tasks in SIZES {
            RUNNER.prove(&Job { workers, ..job("threads", Workload::Yield, tasks) });
        }
    }
}

#[test]
fn a_tree_of_threads_counts_every_node() {
    for workers in cpus() {
        for leaves in [1, 2, 10, 11, 1000] {
            RUNNER.prove(&Job { workers, ..job("threads", Workload::Skynet, leaves) });
        }
    }
}

#[test]
fn every_connection_is_served_to_its_end() {
    prove(Workload::Echo, &[1, 2, 300], &[(DURATION_NS, 20_000_000)], |_| ());
    let more_than_a_buffer = &[(DURATION_NS, 20_000_000), (MESSAGE_BYTES, 10_000)];
    prove(Workload::Echo, &[3], more_than_a_buffer, |_| ());
}

#[test]
fn every_block_is_read_through_the_page_cache_and_past_it() {
    prove(Workload::FileRead, &SIZES, &[(TIMES, 10), (FILE_BYTES, 1 << 20), (IO, io::CACHED)], |_| ());
    prove(Workload::FileRead, &[1, 2, 50], &[(TIMES, 10), (FILE_BYTES, 1 << 20), (IO, io::DIRECT)], |_| ());
}

#[test]
fn every_task_computes() {
    prove(Workload::Cpu, &SIZES, &[(STEPS, 10)], |_| ());
}

#[test]
fn no_heartbeat_is_early_beside_burners() {
    const SHORT: Set = &[(TIMES, 3), (BURNERS, 3), (SLICES, 2), (SLICE_NS, 100_000)];
    prove(Workload::Mixed, &SIZES, SHORT, Trial::assert_none_early);
    let hogging = [SHORT, &[(POLICY, policy::HOG)]].concat();
    prove(Workload::Mixed, &[3], hogging.leak(), Trial::assert_none_early);
}

#[test]
fn a_pool_runs_more_tasks_than_it_has_workers_where_none_waits_for_another() {
    let cases: [(Workload, Set); 8] = [
        (Workload::Sleep, &[]),
        (Workload::Spawn, &[]),
        (Workload::FanIn, &[(CAPACITY, 1)]),
        (Workload::Mutex, &[]),
        (Workload::Request, &[]),
        (Workload::FileRead, &[(FILE_BYTES, 1 << 20)]),
        (Workload::Cpu, &[]),
        (Workload::Blocking, &[]),
    ];
    for (workload, params) in cases {
        for workers in [1, 2] {
            RUNNER.prove(&with(params, Job { workers, ..job("thread-pool", workload, 7) }));
        }
    }
}

#[test]
fn more_tasks_than_may_stay_unjoined_are_joined_on_the_way() {
    RUNNER.prove(&job("threads", Workload::Spawn, 16_001));
}

#[test]
fn a_smaller_stack_does() {
    for (workload, params) in [(Workload::Hold, &[][..]), (Workload::Echo, &[(DURATION_NS, 1_000_000)])] {
        for runtime in RUNTIMES {
            let mut job = with(params, job(runtime, workload, 3));
            job.params.insert("stack_bytes".into(), 16 * 1024);
            RUNNER.prove(&job);
        }
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
    for workload in [Workload::Hold, Workload::Skynet, Workload::Brigade, Workload::Echo, Workload::Mixed] {
        RUNNER.assert_unsupported(&job("threads", workload, too_many), "vm.max_map_count");
    }
    for workload in [Workload::Sleep, Workload::Blocking] {
        let asleep_together = with(&[(DURATION_NS, u64::MAX)], job("threads", workload, too_many));
        RUNNER.assert_unsupported(&asleep_together, "vm.max_map_count");
    }
    let pooled = Job { workers: u32::MAX, ..job("thread-pool", Workload::Spawn, 1) };
    RUNNER.assert_unsupported(&pooled, "vm.max_map_count");
}

#[test]
fn more_files_than_may_be_open_are_refused_before_anything_runs() {
    let few_files = RUNNER.with_ulimit("-n 64");
    for runtime in RUNTIMES {
        few_files.assert_unsupported(&job(runtime, Workload::Brigade, 40), "ulimit -n");
        few_files.assert_unsupported(&job(runtime, Workload::Echo, 80), "ulimit -n");
        let asking = Job { origin: Some(([127, 0, 0, 1], 1).into()), ..job(runtime, Workload::Request, 80) };
        few_files.assert_unsupported(&asking, "ulimit -n");
    }
}

#[test]
fn any_number_of_tasks_is_taken_on_that_are_over_before_the_next_ones_start() {
    for workload in [Workload::Sleep, Workload::Spawn, Workload::Blocking] {
        assert_eq!(RUNNER.answer(&job("threads", workload, 100_000)), Event::Ready);
    }
}

#[test]
fn a_pool_refuses_tasks_that_need_a_worker_each_when_it_has_too_few() {
    for workload in [Workload::Hold, Workload::PingPong, Workload::Brigade, Workload::Echo] {
        let job = Job { workers: 3, ..job("thread-pool", workload, 4) };
        RUNNER.assert_unsupported(&job, "--workers 4");
    }
    let mixed = with(&[(BURNERS, 2)], Job { workers: 3, ..job("thread-pool", Workload::Mixed, 2) });
    RUNNER.assert_unsupported(&mixed, "--workers 4");
}

#[test]
fn what_a_pool_has_no_means_for_is_refused_with_the_reason() {
    RUNNER.assert_unsupported(&job("thread-pool", Workload::Yield, 2), "keeps its worker");
    RUNNER.assert_unsupported(&job("thread-pool", Workload::Skynet, 2), "keeps its worker");
}

#[test]
fn threads_have_no_escape_from_blocking_as_they_need_none() {
    for runtime in RUNTIMES {
        let job = with(&[(CALL, call::ESCAPE)], job(runtime, Workload::Blocking, 2));
        RUNNER.assert_unsupported(&job, "ask for naive");
    }
}

#[test]
fn more_workers_than_cpus_are_refused_where_tasks_are_threads() {
    let job = Job { workers: 100_000, ..job("threads", Workload::Spawn, 1) };
    RUNNER.assert_unsupported(&job, "CPUs");
}

#[test]
fn both_runtimes_describe_themselves_with_the_version_of_crossbeam_that_they_are_built_with() {
    let description = RUNNER.describe();
    let names: Vec<_> = description.runtimes.iter().map(|runtime| runtime.name.as_str()).collect();
    assert_eq!(names, RUNTIMES);
    assert!(description.runtimes.iter().all(|runtime| runtime.version.starts_with("0.8.")));
}

/// Proves a workload at each size: threads on one CPU and on all of them, and the pool of the default
/// size.
fn prove(workload: Workload, sizes: &[u64], params: Set, assert: impl Fn(&Trial)) {
    for &tasks in sizes {
        let threads = cpus().map(|workers| Job { workers, ..job("threads", workload, tasks) });
        for job in threads.into_iter().chain([job("thread-pool", workload, tasks)]) {
            assert(&RUNNER.prove(&with(params, job)));
        }
    }
}

/// One CPU, and all there are.
fn cpus() -> [u32; 2] {
    let all = available_parallelism().expect("the CPUs of this process").get();
    [1, u32::try_from(all).expect("fewer CPUs than that")]
}

fn job(runtime: &str, workload: Workload, tasks: u64) -> Job {
    let workers = if runtime == "thread-pool" { 512 } else { 1 };
    Job { workers, ..wire_test::job(runtime, workload, tasks) }
}
