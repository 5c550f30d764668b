//! The built runner does all that its runtimes claim, and refuses the rest.

use harness::conformance::runner_test::{RunnerTest, job};
use protocol::workload::{CALL, call};
use protocol::{Job, Workload};

fn runner() -> RunnerTest {
    RunnerTest::new(env!("CARGO_BIN_EXE_runtime-fork-join"))
}

#[test]
fn both_libraries_do_what_they_claim() {
    // A task of chili is a call.
    runner().without_allocations(&[Workload::Cpu, Workload::Blocking, Workload::Skynet]).conforms();
}

#[test]
fn their_trees_may_be_large() {
    for runtime in ["chili", "bevy-tasks"] {
        for workers in [1, 3] {
            runner().proves(&Job { workers, ..job(runtime, Workload::Skynet, 100_000, &[]) });
        }
    }
}

#[test]
fn an_escape_from_blocking_is_refused_with_what_to_ask_for() {
    for runtime in ["chili", "bevy-tasks"] {
        runner().refuses(&job(runtime, Workload::Blocking, 2, &[(CALL, call::ESCAPE)]), "ask for naive");
    }
}
