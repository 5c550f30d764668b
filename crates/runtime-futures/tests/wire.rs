//! The built runner does all that its runtimes claim, and refuses the rest.

use harness::conformance::runner_test::{RunnerTest, job};
use protocol::Workload;
use protocol::workload::{ACROSS, CALL, across, call};

fn runner() -> RunnerTest {
    RunnerTest::new(env!("CARGO_BIN_EXE_runtime-futures"))
}

#[test]
fn both_executors_do_what_they_claim() {
    runner().conforms();
}

#[test]
fn a_lock_held_across_a_yield_is_refused_where_a_yield_gives_way_to_nobody() {
    let yielding = job("futures-thread-pool", Workload::Mutex, 3, &[(ACROSS, across::YIELD)]);
    runner().refuses(&yielding, "ask for nothing");
}

#[test]
fn an_escape_from_blocking_is_refused_with_what_to_ask_for() {
    for runtime in ["futures-local-pool", "futures-thread-pool"] {
        runner().refuses(&job(runtime, Workload::Blocking, 2, &[(CALL, call::ESCAPE)]), "ask for naive");
    }
}
