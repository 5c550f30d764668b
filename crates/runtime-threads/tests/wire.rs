//! The built runner does all that its runtimes claim, and refuses the rest.

use harness::conformance::runner_test::{self, RunnerTest};
use protocol::workload::{BURNERS, CALL, DURATION_NS, call};
use protocol::{Event, Job, Workload};

const RUNTIMES: [&str; 2] = ["threads", "thread-pool"];

fn runner() -> RunnerTest {
    RunnerTest::new(env!("CARGO_BIN_EXE_runtime-threads"))
}

fn job(runtime: &str, workload: Workload, tasks: u64, params: &[(&str, u64)]) -> Job {
    let workers = if runtime == "thread-pool" { 512 } else { 1 };
    Job { workers, ..runner_test::job(runtime, workload, tasks, params) }
}

#[test]
fn every_runtime_does_what_it_claims() {
    runner().conforms();
}

#[test]
fn more_tasks_than_may_stay_unjoined_are_joined_on_the_way() {
    runner().proves(&job("threads", Workload::Spawn, 16_001, &[]));
}

#[test]
fn a_smaller_stack_does() {
    let stack = ("stack_bytes", 16 * 1024);
    for runtime in RUNTIMES {
        runner().proves(&job(runtime, Workload::Hold, 3, &[stack]));
        runner().proves(&job(runtime, Workload::Echo, 3, &[stack, (DURATION_NS, 1_000_000)]));
    }
}

#[test]
fn more_threads_than_the_kernel_would_map_are_refused_before_anything_runs() {
    let (runner, too_many) = (runner(), u64::MAX / 8);
    for workload in [Workload::Hold, Workload::Skynet, Workload::Brigade, Workload::Echo, Workload::Mixed] {
        runner.refuses(&job("threads", workload, too_many, &[]), "vm.max_map_count");
    }
    for workload in [Workload::Sleep, Workload::Blocking] {
        let asleep_together = job("threads", workload, too_many, &[(DURATION_NS, u64::MAX)]);
        runner.refuses(&asleep_together, "vm.max_map_count");
    }
    let pooled = Job { workers: u32::MAX, ..job("thread-pool", Workload::Spawn, 1, &[]) };
    runner.refuses(&pooled, "vm.max_map_count");
}

#[test]
fn any_number_of_tasks_is_taken_on_that_are_over_before_the_next_ones_start() {
    for workload in [Workload::Sleep, Workload::Spawn, Workload::Blocking] {
        assert_eq!(runner().answer(&job("threads", workload, 100_000, &[])), Event::Ready);
    }
}

#[test]
fn a_pool_refuses_tasks_that_need_a_worker_each_when_it_has_too_few() {
    let runner = runner();
    for workload in [Workload::Hold, Workload::PingPong, Workload::Brigade, Workload::Echo] {
        let job = Job { workers: 3, ..job("thread-pool", workload, 4, &[]) };
        runner.refuses(&job, "--workers 4");
    }
    let mixed = Job { workers: 3, ..job("thread-pool", Workload::Mixed, 2, &[(BURNERS, 2)]) };
    runner.refuses(&mixed, "--workers 4");
}

#[test]
fn threads_have_no_escape_from_blocking_as_they_need_none() {
    for runtime in RUNTIMES {
        runner().refuses(&job(runtime, Workload::Blocking, 2, &[(CALL, call::ESCAPE)]), "ask for naive");
    }
}

#[test]
fn more_workers_than_cpus_are_refused_where_tasks_are_threads() {
    let job = Job { workers: 100_000, ..job("threads", Workload::Spawn, 1, &[]) };
    runner().refuses(&job, "CPUs");
}

#[test]
fn what_they_describe_is_the_version_of_crossbeam_and_of_std_where_nothing_of_crossbeam_is_used() {
    let runner = runner();
    let versions: Vec<_> =
        runner.infos().map(|info| (&*info.name, info.version.starts_with("0.8."))).collect();
    let variants = [("threads-condvar", false), ("threads-std-channel", false)];
    assert_eq!(versions, [RUNTIMES.map(|name| (name, true)), variants].concat());
    assert!(runner.infos().all(|info| info.on_request == info.variant_of.is_some()));
}
