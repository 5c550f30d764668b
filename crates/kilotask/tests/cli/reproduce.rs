//! A run that reproduces another: its plan, its claims, and runtimes that are missing.

use std::fs;

use crate::support::{Checkout, Said};
use serde_json::Value;

/// A checkout with a run, `there`, of runtimes `a` and `b`, that claims that they take the same
/// time.
fn a_run(blocks: u32) -> Checkout {
    let checkout = Checkout::with("honest", &["a", "b"], blocks);
    checkout.experiment_with_a_claim(blocks);
    checkout.write("experiments/x.toml", &checkout.read("x.toml"));
    checkout.succeed(&["run", "x.toml", "--out", "there", "--seed", "7"]);
    checkout
}

/// Reproduces it, which is no failure; gives what is said.
fn reproduce(checkout: &Checkout, more: &[&str]) -> Said {
    let said = checkout.run(&[&["reproduce", "there", "--out", "here"], more].concat());
    assert_eq!(said.code, 0, "{}", said.err);
    said
}

fn plan(checkout: &Checkout, out: &str) -> Value {
    serde_json::from_str(&checkout.read(&format!("{out}/plan.json"))).unwrap()
}

#[test]
fn the_plan_of_a_run_is_reproduced_and_its_claims_agree() {
    let checkout = a_run(8);
    let Said { out: said, err: error, .. } = reproduce(&checkout, &[]);
    assert!(said.contains("verdict there") && said.contains("equivalent"), "{said}");
    assert!(said.trim_end().ends_with("1 claims: 1 agree, 0 undecided, 0 disagree"), "{said}");
    assert!(!error.contains("experiments/"), "{error}");
    assert_eq!(checkout.trials("here"), checkout.trials("there"));
    let [mut here, mut there] = ["here", "there"].map(|out| plan(&checkout, out));
    for own in ["id", "plan_sha256"] {
        assert_ne!(here[own].take(), there[own].take(), "{own}");
    }
    assert_eq!(here, there);
}

#[test]
fn a_claim_with_another_verdict_disagrees_which_is_no_failure() {
    let checkout = a_run(8);
    checkout.runner("a", "scattered 3000");
    let said = reproduce(&checkout, &[]).out;
    assert!(said.contains("refuted") && said.contains("disagrees"), "{said}");
    assert!(said.trim_end().ends_with("1 claims: 0 agree, 0 undecided, 1 disagree"), "{said}");
}

#[test]
fn an_experiment_that_has_changed_since_is_reported_and_the_plan_is_run_unchanged() {
    let checkout = a_run(3);
    checkout.edit("experiments/x.toml", |text| text.replace("tasks = [10]", "tasks = [999]"));
    let error = reproduce(&checkout, &[]).err;
    let changed = "experiments/x.toml has changed since; this run uses the cells and claims";
    assert!(error.contains(changed), "{error}");
    assert_eq!(checkout.trials("here"), checkout.trials("there"));
    fs::remove_file(checkout.path().join("experiments/x.toml")).unwrap();
    fs::remove_dir_all(checkout.path().join("here")).unwrap();
    assert!(reproduce(&checkout, &[]).err.contains("experiments/x.toml is not here"));
}

#[test]
fn a_runtime_that_is_not_here_is_left_out_and_its_claims_are_untestable_under_the_same_hash() {
    let checkout = a_run(8);
    fs::remove_dir_all(checkout.path().join("runners/b")).unwrap();
    let Said { out: said, err: error, .. } = reproduce(&checkout, &[]);
    assert!(error.contains("spawn 10: b: runtime b is not in this checkout"), "{error}");
    assert!(said.trim_end().ends_with("1 claims: 0 agree, 1 undecided, 0 disagree"), "{said}");
    let verdicts = checkout.read("here/verdicts.csv");
    assert!(verdicts.contains("Untestable: b on spawn-10: runtime b is not in this checkout."), "{verdicts}");
    let (here, there) = (plan(&checkout, "here"), plan(&checkout, "there"));
    assert_eq!(here["claims"], there["claims"]);
    assert_eq!(here["claims_sha256"], there["claims_sha256"]);
    assert_eq!(here["left_out"][0]["cell"], "x_spawn-10_b");
    assert_eq!(here["cells"].as_array().unwrap().len(), 1);
}

#[test]
fn an_option_asks_for_fewer_blocks() {
    let checkout = a_run(8);
    let said = reproduce(&checkout, &["--blocks", "3"]).out;
    assert!(said.trim_end().ends_with("1 claims: 0 agree, 1 undecided, 0 disagree"), "{said}");
    let timed = checkout.trials("here").iter().filter(|trial| trial[2] == "timed").count();
    assert_eq!(timed, 2 * 3);
}

#[test]
fn ctrl_c_keeps_what_was_measured_and_resume_gets_to_the_claims() {
    let checkout = a_run(8);
    checkout.runner("a", "sleep 0.2; honest");
    let run = checkout.start(&["reproduce", "there", "--out", "here"]);
    checkout.wait_for_trials("here", 2);
    Checkout::interrupt(run);
    let said = checkout.read("said");
    assert!(said.contains("Resume with: kilotask reproduce there --out here --resume"), "{said}");
    let kept = checkout.read("here/trials.csv");

    let said = reproduce(&checkout, &["--resume"]).out;
    assert!(checkout.read("here/trials.csv").starts_with(&kept));
    assert!(said.contains("1 agree"), "{said}");
    // The plan is done: only the verdicts are shown once more.
    assert!(reproduce(&checkout, &["--resume"]).out.contains("1 agree"));
}

#[test]
fn what_cannot_be_reproduced_is_refused_before_anything_runs() {
    let checkout = a_run(2);
    let refused = |arguments: &[&str], expected: &str| {
        checkout.refuse(&[&["reproduce"], arguments].concat(), expected);
        assert!(!checkout.path().join("here").exists());
    };
    refused(
        &["nowhere", "--out", "here"],
        "nowhere holds no run that can be reproduced: reading nowhere/plan.json",
    );
    refused(&["--out", "here"], "results/reference holds no run that can be reproduced");
    refused(&["there"], "--out");
    refused(&["there", "--out", "there"], "there already holds a run");
    refused(&["there", "--out", "there", "--resume"], "is the run to reproduce");
    checkout.succeed(&["run", "x.toml", "--out", "other", "--seed", "8"]);
    refused(&["there", "--out", "other", "--resume"], "the run in other does not reproduce the one in there");

    checkout.edit("there/plan.json", |text| text.replace("within 3 %", "within 9 %"));
    refused(&["there", "--out", "here"], "is not the one taken before the first trial");
    checkout.edit("there/plan.json", |text| text.replace("within 9 %", "within 3 %"));
    fs::remove_file(checkout.path().join("there/verdicts.csv")).unwrap();
    refused(&["there", "--out", "here"], "kilotask aggregate there");
}
