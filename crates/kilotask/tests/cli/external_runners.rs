//! Runners that live outside the checkout, for one command or for a whole run.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Output;

use crate::support::Checkout;
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

    /// Runs the command with these words, and with the runner outside where one is named.
    fn kilotask(&self, words: &[&str], runner: Option<PathBuf>) -> Output {
        let mut command = self.checkout.kilotask();
        command.args(words);
        if let Some(path) = runner {
            command.arg("--runner").arg(path);
        }
        command.output().unwrap()
    }

    /// What the command says that must succeed, as JSON.
    fn answer(&self, words: &[&str], runner: PathBuf) -> Value {
        let output = self.kilotask(words, Some(runner));
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// What the command says that must fail with these words.
    fn fails(&self, words: &[&str], runner: Option<PathBuf>, with: &str) {
        let output = self.kilotask(words, runner);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(with), "{with:?} is missing: {said}");
        assert_eq!(output.status.code(), Some(1), "{said}");
    }
}

#[test]
fn a_runner_outside_takes_part_in_one_command() {
    let places = Places::new();
    let list = places.answer(&["list", "--json"], places.guest());
    let runners: Vec<_> = list.as_array().unwrap().iter().map(|it| it["runner"].as_str().unwrap()).collect();
    assert_eq!(runners, ["runners/a", places.guest().to_str().unwrap()]);
    let row = places.answer(&["trial", "guest", "spawn", "--tasks", "10", "--json"], places.guest());
    assert_eq!(row["status"], "ok", "{row}");
    let doctor = places.answer(&["doctor", "--json"], places.guest());
    assert_eq!(doctor["runtimes"][1]["runner"]["path"], places.guest().to_str().unwrap());
}

#[test]
fn verify_asks_the_runner_that_is_named_and_no_other() {
    let places = Places::new();
    let output = places.kilotask(&["verify", "--json"], Some(places.guest()));
    let findings: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = findings.as_array().unwrap();
    assert!(!findings.is_empty() && findings.iter().all(|it| it["runtime"] == "guest"), "{findings:?}");
}

#[test]
fn an_executable_is_a_runner_and_its_bytes_are_told() {
    let places = Places::new();
    let program = places.other.path().join("guest");
    let script = fs::read_to_string(places.guest().join("main.sh")).unwrap();
    fs::write(&program, format!("#!/bin/sh\n{script}")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let doctor = places.answer(&["doctor", "--json"], program);
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
fn a_run_says_where_its_runners_came_from_and_goes_on_with_the_same_alone() {
    let places = Places::new();
    places.checkout.experiment(2);
    let run = places.kilotask(&["run", "x.toml", "--out", "results"], Some(places.guest()));
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let guest = places.guest().to_str().unwrap().to_string();
    let read = |file: &str| -> Value {
        serde_json::from_str(&places.checkout.read(&format!("results/{file}"))).unwrap()
    };
    assert_eq!(read("plan.json")["runners"], serde_json::json!({ "guest": guest }));
    let environment = read("environment.json");
    assert_eq!(environment["runtimes"][0]["runner"]["path"], "runners/a");
    assert_eq!(environment["runtimes"][1]["runner"]["path"], *guest);

    let resume = ["run", "--out", "results", "--resume"];
    places.fails(
        &resume,
        None,
        &format!("needs runtime \"guest\" of the runner at {guest}; resume it with --runner"),
    );
    places.other.runner("moved", "");
    let moved = places.other.path().join("runners/moved");
    fs::copy(places.guest().join("main.sh"), moved.join("main.sh")).unwrap();
    places.fails(&resume, Some(moved), "resume it with the runner that it began with");
    assert!(places.kilotask(&resume, Some(places.guest())).status.success());
}

#[test]
fn what_is_no_runner_or_hosts_a_name_that_is_taken_is_refused() {
    let places = Places::new();
    places.fails(&["list"], Some("nowhere".into()), "no runner at nowhere: ");
    places.other.runner("a", "honest");
    let twin = places.other.path().join("runners/a");
    places.fails(&["list"], Some(twin), "two runners host a runtime called \"a\": runners/a and /");
}
