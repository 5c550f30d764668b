//! What is shown at the end of a run, for a small fixed result and for the reference.

use std::fs;
use std::path::{Path, PathBuf};

use results::folder::{FLAGS, PLAN, RATIOS, ROUNDS, SCALING, SUMMARY, TRIALS, VERDICTS};

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
    let reference = here().join("../../results/reference");
    let checkout = Checkout::new();
    let (_, run) = aggregate(&checkout, &reference);
    for file in [SUMMARY, RATIOS, SCALING, FLAGS, VERDICTS] {
        assert!(
            fs::read(run.join(file)).unwrap() == fs::read(reference.join(file)).unwrap(),
            "{file} differs"
        );
    }
}

/// What was measured for the reference, as it stood before columns were renamed, with schema 4. What follows from it has
/// changed since, with the statistics.
const ROWS_OF_SCHEMA_3: [(&str, &str); 2] = [
    (TRIALS, "4f68b67f8ecc8d76d1105a6bd4855ebb1b32b80b9a7bce1d14cadad795c90c6e"),
    (ROUNDS, "151725e85daf06bde9f49902403ce3a04f3c7e970935c6d4d868dcaadc45c147"),
];

#[test]
fn the_reference_has_the_numbers_that_it_had_under_the_old_names() {
    for (file, sha256) in ROWS_OF_SCHEMA_3 {
        let text = fs::read_to_string(here().join("../../results/reference").join(file)).unwrap();
        let rows = text.split_once('\n').unwrap().1;
        assert_eq!(results::sha256(rows.as_bytes()), sha256, "{file}");
    }
}
