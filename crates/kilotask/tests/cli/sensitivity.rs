//! `kilotask run --sensitivity`: blocks by the scatter of a pilot.

use serde_json::Value;

use crate::support::Checkout;

/// Two runners that always take the same time, and one that does not; claims about the ratio of the two and about the
/// third; and a pilot in `results/pilot`.
fn with_a_pilot() -> Checkout {
    let checkout = Checkout::with("honest", &["a", "b"], 8);
    checkout.runner("c", "scattered 1000");
    checkout.experiment_with_a_claim(8);
    let value = "[[claim]]\nid = \"long\"\nsays = \"c takes long\"\nsource = \"x\"\nmetric = \"makespan_ns\"\n\
                 cell = \"spawn-10\"\nof = \"c\"\nexpect = \">= 1s\"\n";
    checkout.edit("x.toml", |text| text.to_owned() + value);
    checkout.succeed(&["run", "x.toml", "--out", "results/pilot", "--seed", "7", "--processes", "1"]);
    checkout
}

const ASKED: [&str; 6] = ["run", "x.toml", "--sensitivity", "0.1%", "--pilot", "results/pilot"];

#[test]
fn a_run_has_the_blocks_that_its_claims_need_by_the_pilot_and_its_plan_says_why() {
    let checkout = with_a_pilot();
    let said = checkout.succeed(&[&ASKED[..], &["--dry-run"]].concat());
    let expected = [
        "│ same  ┆ 0 %",
        "\nLeft out: long: ",
        "to detect 0.1 % with power 0.8: 6 of x.",
        "estimate comes from at least 7 blocks in results/pilot",
        "one process per cell and block",
        "2 cells, ",
        " in 7 blocks",
    ];
    for words in expected {
        assert!(said.contains(words), "{words:?} is not in: {said}");
    }
    checkout.succeed(&[&ASKED[..], &["--out", "results/new"]].concat());
    let plan: Value = serde_json::from_str(&checkout.read("results/new/plan.json")).unwrap();
    assert_eq!(plan["sensitivity"], serde_json::json!({"margin": 0.001, "pilot": "results/pilot"}));
    let ids = |list: &str, key: &str| -> Vec<Value> {
        plan[list].as_array().unwrap().iter().map(|one| one[key].clone()).collect()
    };
    assert_eq!((ids("claims", "id"), ids("cells", "timed")), (vec!["same".into()], vec![7.into(); 2]));
    assert_eq!(plan["sittings"], 3);
    assert!(checkout.read("results/new/verdicts.csv").contains(",equivalent,"));
}

#[test]
fn what_cannot_be_chosen_is_refused_with_what_to_do() {
    let checkout = with_a_pilot();
    let refuses = |more: &[&str], expected: &str| {
        checkout.refuse(&[&ASKED[..], &["--out", "results/new"], more].concat(), expected);
    };
    refuses(&["--claims", "sane"], "unknown claim \"sane\"; did you mean \"same\"?");
    // So small a difference that no scatter is too small, whatever else runs on the machine.
    let tiny =
        ["run", "x.toml", "--sensitivity", "0.01%", "--pilot", "results/pilot", "--out", "results/new"];
    let expected = "no claim is left; name other claims, a larger difference, or a pilot that has";
    checkout.refuse(&[&tiny[..], &["--claims", "long"]].concat(), expected);
    refuses(&["--blocks", "9"], "cannot be used with");
    let latest = "none in results/latest; run kilotask run x.toml --out results/pilot, then add --pilot";
    checkout.refuse(&["run", "x.toml", "--sensitivity", "2%", "--dry-run"], latest);
    checkout.refuse(&["run", "x.toml", "--claims", "same", "--dry-run"], "--sensitivity");
    checkout.experiment(8);
    refuses(&[], "these experiments have no claims");
    assert!(!checkout.path().join("results/new").exists());
}
