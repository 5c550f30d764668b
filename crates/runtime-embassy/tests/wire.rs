//! The built runner does all that embassy claims, and refuses the rest.

use harness::conformance::runner_test::{RunnerTest, job};
use protocol::Workload;
use protocol::workload::{BURNERS, CALL, CAPACITY, call};

fn runner() -> RunnerTest {
    RunnerTest::new(env!("CARGO_BIN_EXE_runtime-embassy"))
}

#[test]
fn embassy_does_what_it_claims() {
    // Its tasks are static.
    runner().without_allocations(&Workload::ALL).conforms();
}

#[test]
fn more_tasks_than_were_compiled_are_refused_with_the_number() {
    runner().refuses(&job("embassy", Workload::Hold, 10_001, &[]), "here 10000 per kind");
    runner().refuses(&job("embassy", Workload::Mixed, 1, &[(BURNERS, 10_001)]), "here 10000 per kind");
}

#[test]
fn as_many_tasks_as_were_compiled_are_all_alive() {
    runner().proves(&job("embassy", Workload::Hold, 10_000, &[]));
    runner().proves(&job("embassy", Workload::PingPong, 10_000, &[("times", 1)]));
}

#[test]
fn another_capacity_than_was_compiled_is_refused() {
    runner().refuses(&job("embassy", Workload::FanIn, 2, &[(CAPACITY, 1)]), "here 1024");
}

#[test]
fn an_escape_from_blocking_is_refused_with_what_to_ask_for() {
    runner().refuses(&job("embassy", Workload::Blocking, 2, &[(CALL, call::ESCAPE)]), "ask for naive");
}
