//! The ending of a run, as a person reads it, on a small fixed result.

use std::fs;
use std::path::Path;

use crate::support::Checkout;

#[test]
fn the_table_of_a_fixed_result_stays_as_it_is() {
    let checkout = Checkout::new();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/fixture");
    let run = checkout.path().join("run");
    fs::create_dir(&run).unwrap();
    for file in ["plan.json", "trials.csv"] {
        fs::copy(fixture.join(file), run.join(file)).unwrap();
    }
    let output = checkout.kilotask().args(["aggregate", "run"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stdout));
}
