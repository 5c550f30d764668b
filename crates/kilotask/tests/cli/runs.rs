//! Whole runs: nothing is lost, nothing is hidden, and the exit status says how it went.

use results::folder::{ENVIRONMENT, PLAN, RATIOS, ROUNDS, SUMMARY};
use serde_json::Value;

use crate::support::{Checkout, column, is_alive, planned};

#[test]
fn one_bad_runner_does_not_spoil_the_run() {
    let checkout = Checkout::new();
    checkout.runner("good", "honest").runner("bad", "ready; exit 9");
    checkout.runner_with_probe(
        "absent",
        "echo '{\"available\":false,\"reason\":\"not on this machine\"}'",
        "",
    );
    checkout.experiment(4);
    let output = checkout.run(&["run", "x.toml", "--out", "results", "--seed", "7"]);
    assert_eq!(output.code, 2, "{}", output.err);

    let trials = planned(&checkout.read("results/trials.csv"));
    let of = |runtime: &str, status: &str| {
        let rows = column(&trials, "runtime").into_iter().zip(column(&trials, "status"));
        rows.filter(|(r, s)| r == runtime && s == status).count()
    };
    // Four timed trials each; where system calls can be counted one traced trial as well.
    assert!((4..=5).contains(&of("good", "ok")), "{trials}");
    assert_eq!(of("bad", "crashed"), of("good", "ok"));
    assert_eq!(of("absent", "unavailable"), of("good", "ok"), "a row is never dropped");

    let said = output.out;
    assert!(said.starts_with("Failed:\n  x_spawn-10_bad") && said.contains("exit status: 9"), "{said}");
    let why = checkout.succeed(&["table", "results", "--left-out"]);
    assert!(why.contains("not on this machine") && why.contains("exit status: 9"), "{why}");
    for file in [PLAN, ENVIRONMENT, ROUNDS, SUMMARY, RATIOS] {
        assert!(!checkout.read(&format!("results/{file}")).is_empty());
    }
}

#[test]
fn a_dry_run_shows_how_many_blocks_a_workload_would_have_and_leaves_nothing_behind() {
    let checkout = Checkout::with("honest", &["a"], 5);
    let shows = |options: &[&str], expected: &str| {
        let said = checkout.succeed(&[&["run", "x.toml", "--dry-run"], options].concat());
        assert!(said.contains(expected), "{said}");
    };
    shows(&[], "trials in 5 blocks");
    // Fewer than the preset's, unless an option says how many.
    checkout.edit("x.toml", |text| format!("{text}most_blocks = 2\n"));
    shows(&[], "in 2 blocks");
    shows(&["--blocks", "4"], "in 4 blocks");
    // A workload of some presets is left out of the others, with the reason.
    checkout.edit("x.toml", |text| format!("{text}presets = [\"full\"]\n"));
    shows(&["--preset", "full"], "in 2 blocks");
    checkout.refuse(&["run", "x.toml", "--dry-run"], "preset default does not run it");
    checkout.edit("x.toml", |text| text.replace("presets = [\"full\"]\n", ""));
    // Known truth is part of every plan but a quick one.
    checkout.write("experiments/known-truth.toml", &checkout.read("x.toml"));
    shows(&[], "known-truth");
    shows(&["--preset", "quick"], "1 cells");
    assert!(!checkout.path().join("results").exists());
}

#[test]
fn only_the_runtimes_that_are_picked_are_measured_and_known_truth_beside_them() {
    let checkout = Checkout::with("honest", &["a", "a-2", "b"], 5);
    let cells = |pick: &str, expected: &str| {
        let said = checkout.succeed(&["run", "x.toml", "--dry-run", "--runtimes", pick]);
        assert!(said.contains(expected), "{said}");
    };
    cells("a", "1 cells");
    cells("b,a*", "3 cells");
    checkout.write("experiments/known-truth.toml", &checkout.read("x.toml"));
    cells("a", "4 cells");
    checkout.refuse(
        &["run", "x.toml", "--dry-run", "--runtimes", "a,c*"],
        "--runtimes \"c*\": no runtime of these experiments",
    );
    checkout.succeed(&["run", "x.toml", "--runtimes", "b", "--preset", "quick", "--out", "results"]);
    let trials = checkout.read("results/trials.csv");
    assert!(trials.contains(",b,") && !trials.contains(",a,"), "{trials}");
}

#[test]
fn aggregating_once_more_gives_the_same_bytes() {
    let checkout = Checkout::with_run(&["a", "floor"], 5);
    let results = || [SUMMARY, RATIOS].map(|file| checkout.read(&format!("results/{file}")));
    let before = results();
    assert!(before[1].contains("floor"), "{}", before[1]);
    checkout.succeed(&["aggregate", "results"]);
    assert_eq!(results(), before);
}

#[test]
fn the_same_seed_gives_the_same_order() {
    let checkout = Checkout::with("honest", &["a", "b", "c"], 3);
    let order = |out: &str, seed: &str| {
        checkout.succeed(&["run", "x.toml", "--out", out, "--seed", seed]);
        column(&planned(&checkout.read(&format!("{out}/trials.csv"))), "cell")
    };
    assert_eq!(order("one", "7"), order("two", "7"));
    assert_ne!(order("three", "8"), order("four", "9"));
}

#[test]
fn cells_of_undecided_claims_go_on_after_a_look_and_others_do_not() {
    let checkout = Checkout::new();
    checkout.runner("a", "honest").runner("b", "honest").runner("c", "honest");
    checkout.experiment_with_a_claim(4);
    // Three blocks decide nothing.
    let said = checkout.run(&["run", "x.toml", "--out", "results", "--looks", "2", "--processes", "2"]);
    assert!(said.err.contains("look 1 of 2: 2 cells of undecided claims continue"), "{}", said.err);
    let blocks = |runtime: &str| {
        let trials = checkout.trials("results").into_iter();
        trials.filter(|[cell, _, pass]| cell.ends_with(runtime) && pass == "timed").count()
    };
    assert_eq!([blocks("_a"), blocks("_b"), blocks("_c")], [7, 7, 4]);
    let plan: Value = serde_json::from_str(&checkout.read("results/plan.json")).unwrap();
    assert_eq!(plan["going_on"][0].as_array().map(Vec::len), Some(2));
    assert!(plan["equal_time"]["expected_seconds"].is_u64(), "{plan}");
}

#[test]
fn a_mistake_in_an_experiment_runs_nothing() {
    let checkout = Checkout::with("honest", &["a"], 3);
    checkout.edit("x.toml", |text| text.replace("spawn", "spwan"));
    let expected = "x.toml:5: unknown workload \"spwan\"; did you mean \"spawn\"?";
    checkout.refuse(&["run", "x.toml", "--out", "results"], expected);
    assert!(!checkout.path().join("results").exists());
}

#[test]
fn a_folder_that_holds_a_run_or_cannot_be_written_is_refused() {
    let checkout = Checkout::with_run(&["a"], 2);
    for (out, expected) in [("results", "already holds a run"), ("/proc/nowhere", "/proc/nowhere")] {
        checkout.refuse(&["run", "x.toml", "--out", out], expected);
    }
    let begin = "crates holds no run to resume: it has no plan.json; start one without --resume";
    checkout.refuse(&["run", "--resume", "--out", "crates"], begin);
}

#[test]
fn a_folder_of_an_older_version_is_refused_with_what_to_do_and_left_unchanged() {
    let checkout = Checkout::with_run(&["a"], 2);
    let version = format!("\"schema\": {}", results::SCHEMA);
    checkout.edit("results/plan.json", |plan| plan.replacen(&version, "\"schema\": 1", 1));
    let before = checkout.read("results/trials.csv");

    let again = "run its experiments (x.toml) again into a new folder with --preset default --seed 7";
    for verb in [&["run", "--resume", "--out", "results"][..], &["aggregate", "results"]] {
        for expected in [PLAN, "schema version 1", again, "the kilotask that made it, "] {
            checkout.refuse(verb, expected);
        }
    }
    assert_eq!(checkout.read("results/trials.csv"), before);
}

#[test]
fn a_run_is_not_resumed_on_another_version_of_its_runtime() {
    let checkout = Checkout::with_run(&["a"], 2);
    checkout.edit("runners/a/main.sh", |script| script.replace("\"version\":\"1\"", "\"version\":\"2\""));
    let expected =
        "the trials in results are of a 1, and the version here is 2; resume it with the original version";
    checkout.refuse(&["run", "--resume", "--out", "results"], expected);
}

#[test]
fn a_run_is_not_resumed_with_another_program_of_the_same_version() {
    let checkout = Checkout::with_run(&["a", "b"], 2);
    checkout.edit("runners/a/main.sh", |script| format!("{script}\n# It is another one."));
    let resume = ["run", "--resume", "--out", "results"];
    for expected in ["began with another program of a: its files have SHA-256", "start a new run"] {
        checkout.refuse(&resume, expected);
    }
}

#[test]
fn a_run_is_not_resumed_on_another_machine_and_what_else_has_changed_is_told_and_put_on_record() {
    let checkout = Checkout::with_run(&["a"], 2);
    let began = checkout.read("results/environment.json");
    let change = |key: &str, to: &str| {
        let mut environment: Value = serde_json::from_str(&began).unwrap();
        environment[key] = to.into();
        checkout.write("results/environment.json", &environment.to_string());
    };
    change("kernel", "Linux 2.6");
    let resume = ["run", "--resume", "--out", "results"];
    checkout.refuse(&[&resume[..], &["--machine", "another"]].concat(), "machine.name was");
    for expected in ["kernel was \"Linux 2.6\" and is", "kilotask reproduce results --out"] {
        checkout.refuse(&resume, expected);
    }
    change("governor", "imaginary");
    let said = checkout.run(&resume);
    assert!(said.code == 0 && said.err.contains("governor was \"imaginary\" and is"), "{}", said.err);
    let now: Value = serde_json::from_str(&checkout.read("results/environment.json")).unwrap();
    assert_eq!(now["resumed"][0]["differences"][0]["what"], "governor");
    assert_eq!(now["governor"], "imaginary", "it stays as the run began");
    checkout.refuse(&[&resume[..], &["--machine", "another"]].concat(), "under another name, add --machine");
    checkout.succeed(&resume);
    let now: Value = serde_json::from_str(&checkout.read("results/environment.json")).unwrap();
    assert_eq!(now["resumed"].as_array().map(Vec::len), Some(2), "each sitting is on record");
}

#[test]
fn ctrl_c_keeps_every_finished_trial_and_resume_repeats_none() {
    let checkout = Checkout::new();
    // Renamed, so that the file is never there with half of a number; hidden, so that it is no part of the program.
    checkout.runner("a", "echo $$ > .new; mv .new .pid; sleep 0.2; honest").runner("b", "honest");
    checkout.experiment(6);
    let run = checkout.start(&["run", "x.toml", "--out", "results"]);
    checkout.wait_for_trials("results", 3);
    Checkout::interrupt(run);
    assert!(!is_alive(&checkout.read("runners/a/.pid")), "a runner is left");

    let kept = checkout.read("results/trials.csv");
    checkout.succeed(&["run", "--out", "results", "--resume"]);
    let whole = checkout.read("results/trials.csv");
    assert!(whole.starts_with(&kept), "what was measured has changed");
    assert!(checkout.trials("results").len() >= 12);
}

#[test]
fn list_shows_a_runner_by_its_folder_alone_and_in_no_colour_where_no_terminal_is() {
    let checkout = Checkout::with("honest", &["mine"], 2);
    let list = checkout.run(&["list", "--json"]).json();
    assert_eq!(list[0]["name"], "mine");
    assert_eq!(list[0]["status"], "ok");
    assert_eq!(list[0]["workloads"][0], "spawn");
    assert!(!checkout.succeed(&["list"]).contains('\x1b'));
}
