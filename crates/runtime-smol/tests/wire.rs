//! The built runner does all that smol claims.

use harness::conformance::runner_test::RunnerTest;

#[test]
fn smol_does_what_it_claims() {
    RunnerTest::new(env!("CARGO_BIN_EXE_runtime-smol")).conforms();
}
