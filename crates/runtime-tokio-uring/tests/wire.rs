//! The built runner does all that it claims, and refuses the rest.
//!
//! On a machine without `io_uring` it has to say so, and to be right.

use harness::conformance::runner_test::{RunnerTest, job};
use protocol::{Job, Workload};

fn runner() -> RunnerTest {
    RunnerTest::new(env!("CARGO_BIN_EXE_runtime-tokio-uring"))
}

#[test]
fn it_does_what_it_claims() {
    runner().conforms_unless(|reason| reason.contains("io_uring") && is_missing());
}

#[test]
fn what_it_has_no_means_for_is_refused_with_what_to_ask_for() {
    let runner = runner();
    let together = Job { workers: 3, ..job("tokio-uring", Workload::FanIn, 2, &[]) };
    runner.refuses(&together, "ask for one worker");
}

/// Whether tokio-uring itself finds no `io_uring` here.
fn is_missing() -> bool {
    tokio_uring::Runtime::new(&tokio_uring::builder()).is_err()
}
