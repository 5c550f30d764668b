//! The built runner does all that its runtimes claim.

use harness::conformance::runner_test::RunnerTest;

#[test]
fn every_runtime_does_what_it_claims() {
    RunnerTest::new(env!("CARGO_BIN_EXE_runtime-smol")).conforms();
}
