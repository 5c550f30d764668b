//! Two runs held against each other: what is said, in which order, and whether the gate holds.

use std::fs;
use std::process::Output;

use crate::support::Checkout;
use serde_json::Value;

/// A checkout with two runs, `before` and `after`: runtime `a` takes `factor` times as long in the second, `b`
/// crashes in it, `c` is gone and `d` is new.
fn two_runs(factor: u32) -> Checkout {
    let checkout = Checkout::new();
    for runtime in ["a", "b", "c"] {
        checkout.runner(runtime, "scattered 1000");
    }
    checkout.experiment_with_a_claim(9);
    checkout.kilotask().args(["run", "x.toml", "--out", "before", "--seed", "1"]).assert().success();
    checkout.runner("a", &format!("scattered {}", 1000 * factor)).runner("b", "ready; exit 9");
    fs::remove_dir_all(checkout.path().join("runners/c")).unwrap();
    checkout.runner("d", "scattered 1000");
    checkout.kilotask().args(["run", "x.toml", "--out", "after", "--seed", "2"]).assert().code(2);
    checkout
}

fn compare(checkout: &Checkout, more: &[&str]) -> Output {
    checkout.kilotask().args(["compare", "before", "after"]).args(more).output().unwrap()
}

fn said(output: &Output) -> String {
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn what_differs_comes_first_then_what_changed_then_what_is_not_there_then_the_verdicts() {
    let checkout = two_runs(3);
    let output = compare(&checkout, &["--metric", "makespan_ns"]);
    assert_eq!(output.status.code(), Some(0));
    let said = said(&output);
    let parts = [
        "A: before",
        "runtimes.c",
        "runtimes.d",
        "x_spawn-10_a",
        "1 rows: 1 changed beyond doubt (1 for the worse, 0 for the better)",
        "appeared: x_spawn-10_d",
        "vanished: x_spawn-10_c",
        "failed: x_spawn-10_b: crashed: ",
        "a / b",
        "untestable",
        "1 claims: 0 agree, 1 undecided, 0 disagree",
    ];
    let places: Vec<usize> = parts
        .iter()
        .map(|part| said.find(part).unwrap_or_else(|| panic!("{part} is not in:\n{said}")))
        .collect();
    assert!(places.is_sorted(), "{places:?}: {said}");
}

#[test]
fn the_gate_fails_where_a_cell_is_slower_beyond_doubt_and_names_it() {
    let checkout = two_runs(2);
    let output = compare(&checkout, &["--metric", "makespan_ns", "--fail-above", "5%"]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    let failed = text.split("Gate failed: worse by more than 5 % beyond doubt:").nth(1).unwrap();
    assert!(failed.contains("x_spawn-10_a, makespan_ns: "), "{text}");

    let output = compare(&checkout, &["--metric", "makespan_ns", "--fail-above", "100%"]);
    assert_eq!(output.status.code(), Some(0), "twice is not beyond doubt more than twice");
    assert!(said(&output).contains("Gate passed: nothing is worse by more than 100 % beyond doubt"));
}

#[test]
fn what_is_faster_passes_the_gate() {
    let checkout = two_runs(3);
    let output = checkout
        .kilotask()
        .args(["compare", "after", "before", "--metric", "makespan_ns", "--fail-above", "5%"])
        .output()
        .unwrap();
    let said = said(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("(0 for the worse, 1 for the better)"), "{said}");
    assert!(said.contains("mended: x_spawn-10_b: crashed: "), "{said}");
}

#[test]
fn a_program_gets_one_object_with_numbers_and_nulls() {
    let checkout = two_runs(2);
    let output = compare(&checkout, &["--json", "--fail-above", "5%"]);
    assert_eq!(output.status.code(), Some(2));
    let object: Value = serde_json::from_slice(&output.stdout).unwrap();
    let row = &object["rows"][0];
    assert_eq!(
        (&row["cell"], &row["metric"], &row["n_a"]),
        (&"x_spawn-10_a".into(), &"makespan_ns".into(), &8.into())
    );
    assert!(row["ratio"].as_f64().unwrap() > 1.8 && row["changed"].as_bool().unwrap(), "{row}");
    assert_eq!(object["gate"]["failed"][0], *row);
    let claim = &object["claims"][0];
    assert_eq!((&claim["agreement"], &claim["b"]["verdict"]), (&"undecided".into(), &"untestable".into()));
    assert!(claim["b"]["measured"].is_null() && claim["a"]["measured"].is_number(), "{claim}");
    let fates: Vec<&str> =
        object["cells"].as_array().unwrap().iter().map(|cell| cell["fate"].as_str().unwrap()).collect();
    assert_eq!(fates, ["appeared", "vanished", "failed"]);
}

#[test]
fn only_what_changed_is_shown_unless_all_is_asked_for() {
    let checkout = Checkout::new();
    checkout.runner("a", "scattered 1000").runner("b", "scattered 1000");
    checkout.experiment_with_a_claim(9);
    for (out, seed) in [("before", "1"), ("after", "2")] {
        checkout.kilotask().args(["run", "x.toml", "--out", out, "--seed", seed]).assert().success();
    }
    let less = said(&compare(&checkout, &["--metric", "makespan_ns", "--fail-above", "5%"]));
    assert!(less.contains("No difference is known in machine, build and plan"), "{less}");
    assert!(less.contains("2 rows: 0 changed beyond doubt"), "{less}");
    assert!(less.contains("(--all shows them)") && !less.contains("x_spawn-10_a"), "{less}");
    assert!(less.contains("Gate passed"), "{less}");
    let all = said(&compare(&checkout, &["--metric", "makespan_ns", "--all"]));
    assert!(all.contains("x_spawn-10_a") && all.contains("x_spawn-10_b") && all.contains("a / b"), "{all}");
}

#[test]
fn a_gate_that_nothing_could_fail_is_a_mistake_and_not_a_pass() {
    let checkout = Checkout::new();
    checkout.runner("a", "scattered 1000");
    checkout.experiment(3);
    for out in ["before", "after"] {
        checkout.kilotask().args(["run", "x.toml", "--out", out]).assert().success();
    }
    let output = compare(&checkout, &["--fail-above", "5%"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("had nothing to judge") && error.contains("--blocks 7 or more"), "{error}");
}

#[test]
fn what_is_asked_wrongly_is_answered_with_the_mend() {
    let checkout = Checkout::new();
    checkout.runner("a", "scattered 1000");
    checkout.experiment(2);
    checkout.kilotask().args(["run", "x.toml", "--out", "before"]).assert().success();
    fs::create_dir(checkout.path().join("after")).unwrap();
    for file in ["plan.json", "trials.csv"] {
        fs::copy(checkout.path().join("before").join(file), checkout.path().join("after").join(file))
            .unwrap();
    }
    for (arguments, expected) in [
        (&["before", "nowhere"][..], "reading nowhere/plan.json: "),
        (
            &["before", "after"],
            "after has no verdicts.csv; summarise the run first: kilotask aggregate after",
        ),
        (&["before", "before", "--metric", "makespan"], "unknown metric; did you mean \"makespan_ns\"?"),
        (&["before", "before", "--fail-above", "much"], "write it like 2%"),
        (&["before", "before", "--metric", "cpus_busy", "--fail-above", "5%"], "neither a cost nor a gain"),
        (&["before"], "<B>"),
    ] {
        let output = checkout.kilotask().arg("compare").args(arguments).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(error.contains(expected), "{expected:?} is not in: {error}");
        assert_eq!(output.status.code(), Some(1));
    }
}
