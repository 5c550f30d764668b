//! Runners outside the checkout, for one command or for a whole run.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::support::{Checkout, Said};
use results::folder::{ENVIRONMENT, PLAN};
use serde_json::Value;

/// A checkout with runtime `a`, and another folder, whose runner hosts `guest`.
struct Places {
    checkout: Checkout,
    other: Checkout,
}

impl Places {
    fn new() -> Self {
        let places = Self { checkout: Checkout::new(), other: Checkout::new() };
        places.checkout.runner("a", "honest");
        places.other.runner("guest", "honest");
        places
    }

    /// The folder of the runner outside.
    fn guest(&self) -> PathBuf {
        self.other.path().canonicalize().unwrap().join("runners/guest")
    }

    /// Runs a command with the runner outside.
    fn run(&self, words: &[&str], runner: &Path) -> Said {
        self.checkout.run(&with(words, runner))
    }

    /// What the command says that must succeed, as JSON.
    fn answer(&self, words: &[&str], runner: &Path) -> Value {
        serde_json::from_str(&self.checkout.succeed(&with(words, runner))).unwrap()
    }
}

/// The words of a command, with the runner outside.
fn with<'a>(words: &[&'a str], runner: &'a Path) -> Vec<&'a str> {
    [words, &["--runner", runner.to_str().unwrap()]].concat()
}

#[test]
fn a_runner_outside_takes_part_in_one_command() {
    let places = Places::new();
    let list = places.answer(&["list", "--json"], &places.guest());
    let runners: Vec<_> = list.as_array().unwrap().iter().map(|it| it["runner"].as_str().unwrap()).collect();
    assert_eq!(runners, ["runners/a", places.guest().to_str().unwrap()]);
    let row = places.answer(&["trial", "guest", "spawn", "--tasks", "10", "--json"], &places.guest());
    assert_eq!(row["status"], "ok", "{row}");
    let doctor = places.answer(&["doctor", "--json"], &places.guest());
    assert_eq!(doctor["runtimes"][1]["runner"]["path"], places.guest().to_str().unwrap());
}

#[test]
fn verify_asks_the_runner_that_is_named_and_no_other() {
    let places = Places::new();
    let findings = places.run(&["verify", "--json"], &places.guest()).json();
    let findings = findings.as_array().unwrap();
    assert!(!findings.is_empty() && findings.iter().all(|it| it["runtime"] == "guest"), "{findings:?}");
}

#[test]
fn an_executable_is_a_runner_whose_hash_is_given() {
    let places = Places::new();
    let program = places.other.path().join("guest");
    let script = fs::read_to_string(places.guest().join("main.sh")).unwrap();
    fs::write(&program, format!("#!/bin/sh\n{script}")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let doctor = places.answer(&["doctor", "--json"], &program);
    let runner = &doctor["runtimes"][1]["runner"];
    assert!(runner["path"].as_str().unwrap().ends_with("/guest"), "{runner}");
    assert_eq!(runner["sha256"].as_str().unwrap().len(), 64, "{runner}");
}

#[test]
fn a_list_in_the_environment_names_runners_as_well() {
    let places = Places::new();
    let list =
        places.checkout.kilotask().env("KILOTASK_RUNNERS", places.guest()).args(["list"]).output().unwrap();
    let said = String::from_utf8_lossy(&list.stdout);
    assert!(said.contains("guest") && said.contains("(from "), "{said}");
}

#[test]
fn a_run_records_its_runners_and_resumes_with_the_same_alone() {
    let places = Places::new();
    places.checkout.experiment(2);
    let run = places.run(&["run", "x.toml", "--out", "results"], &places.guest());
    assert_eq!(run.code, 0, "{}", run.err);
    let guest = places.guest().to_str().unwrap().to_string();
    let read = |file: &str| -> Value {
        serde_json::from_str(&places.checkout.read(&format!("results/{file}"))).unwrap()
    };
    assert_eq!(read(PLAN)["runners"], serde_json::json!({ "guest": guest }));
    let environment = read(ENVIRONMENT);
    assert_eq!(environment["runtimes"][0]["runner"]["path"], "runners/a");
    assert_eq!(environment["runtimes"][1]["runner"]["path"], *guest);

    let resume = ["run", "--out", "results", "--resume"];
    let expected = format!("needs runtime \"guest\" of the runner at {guest}; resume it with --runner");
    places.checkout.refuse(&resume, &expected);
    places.other.runner("moved", "");
    let moved = places.other.path().join("runners/moved");
    fs::copy(places.guest().join("main.sh"), moved.join("main.sh")).unwrap();
    places.checkout.refuse(&with(&resume, &moved), "resume it with the original runner");
    assert_eq!(places.run(&resume, &places.guest()).code, 0);
}

#[test]
fn what_is_no_runner_is_refused() {
    Checkout::new().refuse(&["list", "--runner", "nowhere"], "no runner at nowhere: ");
}
