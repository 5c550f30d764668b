//! Two runs compared: what is said, in which order, and whether the gate holds.

use results::Plan;
use results::fixture::seal_again;
use results::folder::{PLAN, ROUNDS, TRIALS};
use std::fs;

use crate::support::{Checkout, Said};

/// A checkout with two runs, `before` and `after`: runtime `a` takes `factor` times as long in the
/// second, `b` crashes in it, `c` is gone and `d` is new.
fn two_runs(factor: u32) -> Checkout {
    let checkout = Checkout::with("scattered 1000", &["a", "b", "c"], 9);
    checkout.experiment_with_a_claim(9);
    checkout.succeed(&["run", "x.toml", "--out", "before", "--seed", "1"]);
    checkout.runner("a", &format!("scattered {}", 1000 * factor)).runner("b", "ready; exit 9");
    fs::remove_dir_all(checkout.path().join("runners/c")).unwrap();
    checkout.runner("d", "scattered 1000");
    assert_eq!(checkout.run(&["run", "x.toml", "--out", "after", "--seed", "2"]).code, 2);
    checkout
}

/// Compares them, which must say nothing on standard error.
fn compare(checkout: &Checkout, more: &[&str]) -> Said {
    let said = checkout.run(&[&["compare", "before", "after"], more].concat());
    assert!(said.err.is_empty(), "{}", said.err);
    said
}

#[test]
fn differences_come_first_then_what_changed_then_what_is_not_there_then_the_verdicts() {
    let checkout = two_runs(3);
    let Said { code, out, .. } = compare(&checkout, &["--metric", "makespan_ns"]);
    assert_eq!(code, 0);
    let parts = [
        "A: before",
        "runtimes.c",
        "runtimes.d",
        "x_spawn-10_a",
        "1 row: 1 changed beyond doubt (1 for the worse, 0 for the better)",
        "appeared: x_spawn-10_d",
        "vanished: x_spawn-10_c",
        "failed: x_spawn-10_b: crashed: ",
        "a / b",
        "untestable",
        "1 claims: 0 agree, 1 undecided, 0 disagree",
    ];
    let places: Vec<usize> = parts
        .iter()
        .map(|part| out.find(part).unwrap_or_else(|| panic!("{part} is not in:\n{out}")))
        .collect();
    assert!(places.is_sorted(), "{places:?}: {out}");
}

#[test]
fn the_gate_fails_where_a_cell_is_slower_beyond_doubt_and_names_it() {
    let checkout = two_runs(2);
    let Said { code, out, .. } = compare(&checkout, &["--metric", "makespan_ns", "--fail-above", "5%"]);
    assert_eq!(code, 2, "{out}");
    let failed = out.split("Gate failed: worse by more than 5 % beyond doubt:").nth(1).unwrap();
    assert!(failed.contains("x_spawn-10_a, makespan_ns: "), "{out}");

    let twice = ["--metric", "makespan_ns", "--fail-above", "100%", "--allow-missing"];
    let Said { code, out, .. } = compare(&checkout, &twice);
    assert_eq!(code, 0, "twice is not beyond doubt more than twice");
    assert!(out.contains("Gate passed: nothing is worse by more than 100 % beyond doubt"), "{out}");
}

#[test]
fn the_gate_fails_where_a_cell_has_no_number_any_more_unless_that_is_allowed() {
    let checkout = two_runs(1);
    let gate = ["--metric", "makespan_ns", "--fail-above", "50%"];
    let Said { code, out, .. } = compare(&checkout, &gate);
    assert_eq!(code, 2, "{out}");
    let failed = out.split("Gate failed: no number any more that can be judged").nth(1).unwrap();
    for lost in ["x_spawn-10_b, makespan_ns: crashed: ", "x_spawn-10_c, makespan_ns: vanished"] {
        assert!(failed.contains(lost), "{lost} is not in:\n{out}");
    }
    assert!(!out.contains("Gate passed"), "{out}");
    let said = compare(&checkout, &[&gate[..], &["--json"]].concat());
    let failed = said.json()["gate"]["failed"].clone();
    let cells: Vec<&str> =
        failed.as_array().unwrap().iter().map(|one| one["cell"].as_str().unwrap()).collect();
    assert_eq!((said.code, cells), (2, vec!["x_spawn-10_b", "x_spawn-10_c"]));
    assert!(failed[0]["reason"].as_str().unwrap().starts_with("crashed: "), "{failed}");

    let Said { code, out, .. } = compare(&checkout, &[&gate[..], &["--allow-missing"]].concat());
    assert_eq!(code, 0, "{out}");
    let allowed = out.split("allowed by --allow-missing:").nth(1).unwrap();
    assert!(out.contains("Gate passed") && allowed.contains("x_spawn-10_b"), "{out}");
}

#[test]
fn what_is_faster_passes_the_gate() {
    let checkout = two_runs(3);
    let gate = ["--metric", "makespan_ns", "--fail-above", "5%"];
    let out = checkout.succeed(&[&["compare", "after", "before", "--allow-missing"][..], &gate].concat());
    assert!(out.contains("(0 for the worse, 1 for the better)"), "{out}");
    assert!(out.contains("recovered: x_spawn-10_b: crashed: "), "{out}");
}

#[test]
fn a_program_gets_one_object_with_numbers_and_nulls() {
    let checkout = two_runs(2);
    let said = compare(&checkout, &["--json", "--fail-above", "5%"]);
    assert_eq!(said.code, 2);
    let object = said.json();
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
fn only_what_changed_is_shown_without_the_option_all() {
    let checkout = Checkout::with("scattered 1000", &["a", "b"], 9);
    checkout.experiment_with_a_claim(9);
    for (out, seed) in [("before", "1"), ("after", "2")] {
        checkout.succeed(&["run", "x.toml", "--out", out, "--seed", seed]);
    }
    let less = compare(&checkout, &["--metric", "makespan_ns", "--fail-above", "5%"]).out;
    let less = less.split_whitespace().collect::<Vec<_>>().join(" ");
    let same =
        "No difference is known in machine, circumstances (affinity, priority, quotas), programs and plan.";
    assert!(less.contains(same) && !less.contains("Not on record"), "{less}");
    assert!(less.contains("3 rows: 0 changed beyond doubt"), "{less}");
    assert!(less.contains("--all shows every row") && !less.contains("x_spawn-10_a"), "{less}");
    assert!(less.contains("Gate passed"), "{less}");
    let all = compare(&checkout, &["--metric", "makespan_ns", "--all"]).out;
    assert!(all.contains("x_spawn-10_a") && all.contains("x_spawn-10_b") && all.contains("a / b"), "{all}");
}

#[test]
fn sameness_is_claimed_only_of_what_both_runs_have_on_record_and_other_circumstances_are_told() {
    let checkout = Checkout::with("scattered 1000", &["a"], 2);
    for out in ["before", "after"] {
        checkout.succeed(&["run", "x.toml", "--out", out]);
    }
    let change = |out: &str, change: &dyn Fn(&mut serde_json::Value)| {
        checkout.edit(&format!("{out}/environment.json"), |text| {
            let mut environment = serde_json::from_str(text).unwrap();
            change(&mut environment);
            serde_json::to_string(&environment).unwrap()
        });
    };
    change("after", &|environment| environment["circumstances"]["cpu_quota"] = 0.5.into());
    for (out, flags) in [("before", "-O3"), ("after", "-O0")] {
        change(out, &|environment| environment["runtimes"][0]["runner"]["build"]["flags"] = flags.into());
    }
    let said = compare(&checkout, &[]).out;
    let told = ["circumstances.cpu_quota", "0.5", "runtimes.a.runner.build.flags", "-O0"];
    assert!(told.iter().all(|word| said.contains(word)) && !said.contains("No difference"), "{said}");
    for out in ["before", "after"] {
        change(out, &|environment| environment["circumstances"] = serde_json::Value::Null);
        change(out, &|environment| environment["runtimes"][0]["runner"] = serde_json::json!({"path": "x"}));
    }
    let said = compare(&checkout, &[]).out.split_whitespace().collect::<Vec<_>>().join(" ");
    let expected = "No difference is known in machine and plan. Not on record: circumstances (affinity, priority, \
                    quotas) and programs.";
    assert!(said.contains(expected), "{said}");
    let object = compare(&checkout, &["--json"]).json();
    assert_eq!(object["on_record"], serde_json::json!(["machine", "plan"]));
}

#[test]
fn several_runs_a_side_are_divided_in_all_ways_and_must_be_of_the_same_cells() {
    let checkout = Checkout::with("scattered 1000", &["a", "b"], 9);
    checkout.experiment_with_a_claim(9);
    for out in ["b1", "b2", "b3", "a1", "a2", "a3"] {
        if out == "a1" {
            checkout.runner("a", "scattered 2000");
        }
        checkout.succeed(&["run", "x.toml", "--out", out]);
    }
    let arguments =
        ["compare", "--before", "b1", "b2", "b3", "--after", "a1", "a2", "a3", "--metric", "makespan_ns"];
    let Said { code, out, .. } = checkout.run(&[&arguments[..], &["--fail-above", "5%"]].concat());
    assert_eq!(code, 2, "{out}");
    for part in
        ["A: b1, b2, b3\nB: a1, a2, a3", "of the 20 ways to divide 3 and 3 runs", "x_spawn-10_a, makespan_ns"]
    {
        assert!(out.contains(part), "{part} is not in:\n{out}");
    }
    assert!(!out.contains("One run a side"), "{out}");
    let path = checkout.path().join("a2").join(PLAN);
    let mut plan = Plan::read(&path).unwrap();
    let cell = plan.cells.iter_mut().find(|planned| planned.cell.id == "x_spawn-10_b").unwrap();
    cell.cell.id = "other".into();
    fs::write(&path, plan.file()).unwrap();
    for file in [TRIALS, ROUNDS] {
        checkout.edit(&format!("a2/{file}"), |text| text.replace("x_spawn-10_b", "other"));
    }
    seal_again(&checkout.path().join("a2"));
    checkout.refuse(
        &["compare", "--before", "b1", "a2", "--after", "a1"],
        "there is no cell `x_spawn-10_b`, as there is in b1, and the two are runs of one side",
    );
}

#[test]
fn a_gate_that_nothing_could_fail_is_a_mistake_and_not_a_pass() {
    let checkout = Checkout::with("scattered 1000", &["a"], 3);
    for out in ["before", "after"] {
        checkout.succeed(&["run", "x.toml", "--out", out]);
    }
    for more in [&[][..], &["--json"], &["--allow-missing"]] {
        let said = checkout.run(&[&["compare", "before", "after", "--fail-above", "5%"], more].concat());
        let expected = ["found nothing to judge", "--blocks 7 or more"];
        assert!(said.code == 1 && expected.iter().all(|words| said.err.contains(words)), "{}", said.err);
        assert!(!said.out.contains("Gate passed"), "{}", said.out);
        if more == ["--json"] {
            assert!(said.json()["gate"]["error"].is_string(), "{}", said.out);
        }
    }
}

#[test]
fn mistakes_are_answered_with_how_to_fix_them() {
    let checkout = Checkout::with("scattered 1000", &["a"], 2);
    checkout.succeed(&["run", "x.toml", "--out", "before"]);
    fs::create_dir(checkout.path().join("after")).unwrap();
    for file in [PLAN, TRIALS] {
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
        checkout.refuse(&[&["compare"], arguments].concat(), expected);
    }
}
