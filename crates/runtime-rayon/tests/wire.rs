//! The built runner does all that rayon claims, and refuses the rest.

use harness::conformance::runner_test::{RunnerTest, job};
use protocol::workload::{CALL, call};
use protocol::{Job, Workload};

fn runner() -> RunnerTest {
    RunnerTest::new(env!("CARGO_BIN_EXE_runtime-rayon"))
}

#[test]
fn rayon_does_what_it_claims() {
    runner().without_allocations(&[Workload::Cpu]).conforms();
}

#[test]
fn its_recursion_may_be_deep() {
    // A worker that waits for its children runs others on its own stack.
    for workers in [1, 3] {
        runner().proves(&Job { workers, ..job("rayon", Workload::Skynet, 100_000, &[]) });
    }
}

#[test]
fn an_escape_from_blocking_is_refused_with_what_to_ask_for() {
    let escaping = job("rayon", Workload::Blocking, 2, &[(CALL, call::ESCAPE)]);
    runner().refuses(&escaping, "ask for naive");
}
