//! The built runner does all that its runtimes claim, and refuses the rest.

use harness::conformance::runner_test::{RunnerTest, job};
use protocol::{Job, Workload};

fn runner() -> RunnerTest {
    RunnerTest::new(env!("CARGO_BIN_EXE_runtime-channels"))
}

#[test]
fn every_library_does_what_it_claims_on_tokio_and_on_threads() {
    runner().conforms();
}

#[test]
fn each_row_is_a_variant_of_the_runtime_that_its_tasks_run_on() {
    let runner = runner();
    for info in runner.infos() {
        let parent = info.variant_of.as_deref().expect("a parent");
        assert!(info.name.starts_with(parent) && info.on_request, "{}", info.name);
    }
}

#[test]
fn more_threads_than_the_kernel_would_map_are_refused_before_anything_runs() {
    let too_many = job("threads-flume", Workload::FanIn, 1 << 40, &[]);
    runner().refuses(&too_many, "vm.max_map_count");
}

#[test]
fn more_workers_than_cpus_are_refused_where_tasks_are_threads() {
    let job = Job { workers: 100_000, ..job("threads-kanal", Workload::PingPong, 2, &[]) };
    runner().refuses(&job, "CPUs");
}
