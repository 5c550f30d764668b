//! What is shown at the end of a run, for a small fixed result and for the reference.

use std::fs;
use std::path::{Path, PathBuf};

use results::folder::{FLAGS, PLAN, RATIOS, SCALING, SUMMARY, TRIALS, VERDICTS};

use crate::support::Checkout;

/// Aggregates a copy of a run; gives what is said, and the folder of the copy.
fn aggregate(checkout: &Checkout, from: &Path) -> (String, PathBuf) {
    let run = checkout.path().join("run");
    fs::create_dir(&run).unwrap();
    for file in [PLAN, TRIALS] {
        fs::copy(from.join(file), run.join(file)).unwrap();
    }
    (checkout.succeed(&["aggregate", "run"]), run)
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_table_of_a_fixed_result_stays_as_it_is() {
    let (said, _) = aggregate(&Checkout::new(), &here().join("tests/cli/fixture"));
    insta::assert_snapshot!(said);
}

#[test]
fn the_committed_reference_is_what_its_trials_say() {
    let reference = results::fixture::reference();
    let checkout = Checkout::new();
    let (_, run) = aggregate(&checkout, &reference);
    for file in [SUMMARY, RATIOS, SCALING, FLAGS, VERDICTS] {
        assert!(
            fs::read(run.join(file)).unwrap() == fs::read(reference.join(file)).unwrap(),
            "{file} differs"
        );
    }
}
