//! The built runner does all that it claims, at its known cost, and refuses the rest.

use harness::conformance::runner_test::{RunnerTest, job};
use protocol::Workload;
use protocol::workload::{CALL, call};

const NAME: &str = "std-async-floor";

fn runner() -> RunnerTest {
    RunnerTest::new(env!("CARGO_BIN_EXE_runtime-std-async-floor"))
}

#[test]
fn it_does_what_it_claims() {
    runner().conforms();
}

#[test]
fn a_task_has_three_allocations_and_no_more() {
    let row = runner().counts(&job(NAME, Workload::Spawn, 10_000, &[]));
    let allocations = row.allocations.expect("the counted build counts");
    assert!((30_000..30_100).contains(&allocations), "{allocations}");
}

#[test]
fn an_escape_from_blocking_is_refused_with_what_to_ask_for() {
    let escaping = job(NAME, Workload::Blocking, 2, &[(CALL, call::ESCAPE)]);
    runner().refuses(&escaping, "ask for naive");
}
