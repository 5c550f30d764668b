//! The built runner does all that it claims.

use harness::conformance::runner_test::RunnerTest;

#[test]
fn it_does_what_it_claims() {
    RunnerTest::new(env!("CARGO_BIN_EXE_runtime-tokio-mimalloc")).conforms();
}
