//! The built runner does all that its runtimes claim, and refuses the rest.
//!
//! On a machine without `io_uring` it has to say so, and to be right.

use std::panic::catch_unwind;

use glommio::LocalExecutorBuilder;
use harness::conformance::runner_test::{RunnerTest, job};
use protocol::workload::{CALL, DURATION_NS, FILE_BYTES, call};
use protocol::{Event, Job, Workload};

fn runner() -> RunnerTest {
    RunnerTest::new(env!("CARGO_BIN_EXE_runtime-glommio"))
}

/// The runner, where glommio starts here.
fn available() -> Option<RunnerTest> {
    Some(runner()).filter(|runner| runner.unavailable("glommio").is_none())
}

#[test]
fn every_runtime_does_what_it_claims() {
    runner().conforms_unless(rightly_unavailable);
}

#[test]
fn more_blocking_calls_than_the_queue_of_their_thread_holds_are_made() {
    let calls = job("glommio", Workload::Blocking, 10_000, &[(DURATION_NS, 1), (CALL, call::ESCAPE)]);
    available().map(|runner| runner.proves(&calls));
}

#[test]
fn what_several_executors_have_no_means_for_is_refused_with_what_to_ask_for() {
    let Some(runner) = available() else { return };
    for workload in [Workload::FanIn, Workload::Mutex] {
        let together = Job { workers: 3, ..job("glommio", workload, 2, &[]) };
        runner.refuses(&together, "ask for one worker");
    }
}

#[test]
fn too_low_a_memlock_limit_is_refused_by_name() {
    let reason = runner().under_limit("-l 64").unavailable("glommio");
    assert!(reason.as_deref().is_some_and(names_what_is_missing), "{reason:?}");
}

#[test]
fn too_few_open_files_are_refused_by_name_and_the_limit_that_is_named_is_enough() {
    let Some(runner) = available() else { return };
    let executors = Job { workers: 8, ..job("glommio", Workload::Sleep, 8, &[]) };
    let tasks = [Workload::Request, Workload::Echo, Workload::FileRead];
    let tasks = tasks.map(|workload| job("glommio", workload, 100, &[(FILE_BYTES, 1 << 20)]));
    for job in tasks.into_iter().chain([executors]) {
        let few = runner.under_limit("-n 16");
        few.refuses(&job, "ulimit -n ");
        let Event::Refused(refusal) = few.answer(&job) else { panic!("refused a moment ago") };
        let (_, enough) = refusal.reason.split_once("ulimit -n ").expect("the remedy");
        runner.under_limit(&format!("-n {enough}")).proves(&job);
    }
}

fn names_what_is_missing(reason: &str) -> bool {
    ["io_uring", "locked memory", "older than"].iter().any(|missing| reason.contains(missing))
}

/// Whether the reason names what is missing, and glommio itself cannot start here either.
fn rightly_unavailable(reason: &str) -> bool {
    let starts = || LocalExecutorBuilder::default().make().is_ok();
    // On a kernel that old it would end this process.
    names_what_is_missing(reason) && (reason.contains("older than") || !catch_unwind(starts).unwrap_or(false))
}
