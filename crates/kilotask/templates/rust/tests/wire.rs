//! The built runner does all that it claims: what `kilotask verify` asks, for `cargo test`.

use harness::conformance::runner_test::RunnerTest;

#[test]
fn it_does_what_it_claims() {
    RunnerTest::new(env!("CARGO_BIN_EXE_runtime-template")).conforms();
}
