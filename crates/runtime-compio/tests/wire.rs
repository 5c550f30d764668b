//! The built runner does all that it claims, and refuses the rest.
//!
//! On a machine without `io_uring` it has to say so, and to be right.

use harness::conformance::runner_test::{RunnerTest, job};
use protocol::workload::{ACROSS, POLICY, across, policy};
use protocol::{Job, Workload};

fn runner() -> RunnerTest {
    RunnerTest::new(env!("CARGO_BIN_EXE_runtime-compio"))
}

#[test]
fn it_does_what_it_claims() {
    runner().conforms_unless(|reason| reason.contains("io_uring") && is_missing());
}

#[test]
fn what_it_has_no_means_for_is_refused_with_what_to_ask_for() {
    let runner = runner();
    let yielding = job("compio", Workload::Mixed, 2, &[(POLICY, policy::YIELD)]);
    runner.refuses(&yielding, "ask for hog");
    let yielding = job("compio", Workload::Mutex, 2, &[(ACROSS, across::YIELD)]);
    runner.refuses(&yielding, "ask for nothing");
    for workload in [Workload::Mutex, Workload::Brigade] {
        let together = Job { workers: 3, ..job("compio", workload, 2, &[]) };
        runner.refuses(&together, "ask for one worker");
    }
}

/// Whether compio itself finds no `io_uring` here.
fn is_missing() -> bool {
    compio::runtime::Runtime::new().is_err()
}
