//! The built runner does all that it claims, and refuses the rest.

use harness::conformance::runner_test::{RunnerTest, job};
use protocol::{Job, Workload};

fn runner() -> RunnerTest {
    RunnerTest::new(env!("CARGO_BIN_EXE_runtime-tokio-sharded"))
}

#[test]
fn it_does_what_it_claims() {
    runner().conforms();
}

#[test]
fn what_several_runtimes_have_no_means_for_is_refused_with_what_to_ask_for() {
    let together = Job { workers: 3, ..job("tokio-sharded", Workload::FanIn, 2, &[]) };
    runner().refuses(&together, "ask for one worker");
}
