//! `kilotask verify`, as the author of a runner meets it. What it catches is tested in the harness,
//! with the same runner.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::support::Checkout;
use serde_json::Value;

/// A checkout with the harness's runner in it, which tells that lie.
fn with_liar(lie: &str) -> Checkout {
    let checkout = Checkout::new();
    let folder = checkout.path().join("runners/liar");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("runner.sh"), include_str!("../../../harness/tests/liars/runner.sh")).unwrap();
    fs::write(folder.join("runner.toml"), format!("command = [\"sh\", \"runner.sh\", \"{lie}\"]")).unwrap();
    checkout
}

fn verify(checkout: &Checkout, arguments: &[&str]) -> Output {
    checkout.kilotask().arg("verify").args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn an_honest_runner_holds_at_every_size() {
    let output = verify(&with_liar("honest"), &[]);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    for words in ["liar 1", "(protocol)", "all 9 questions", "spawn", "hold", "1000"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!said.contains("remedy"), "{said}");
    assert!(!output.stdout.contains(&0x1b), "colours where no terminal is");
    assert!(String::from_utf8_lossy(&output.stderr).contains("questions"), "no progress");
}

#[test]
fn a_failure_is_shown_with_its_reason_and_its_remedy() {
    let output = verify(&with_liar("skips-in-secret"), &["liar"]);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("spawn 1 (and 6 more): wrong: round 0: checksum"), "{said}");
    assert_eq!(said.matches("remedy: whoever joins a task").count(), 1, "{said}");
    assert!(said.contains("reproduce: kilotask trial liar spawn --tasks 1 --workers"), "{said}");
}

#[test]
fn a_child_left_behind_is_named_and_ended() {
    let output = verify(&with_liar("leaves-a-child"), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("processes behind when it ended: sleep"), "{}", said(&output));
}

#[test]
fn a_program_gets_an_object_for_each_question() {
    let output = verify(&with_liar("cannot-hold"), &["--json"]);
    assert_eq!(output.status.code(), Some(2));
    let findings: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = findings.as_array().unwrap();
    for key in ["runtime", "workload", "question", "verdict", "status", "reason", "remedy", "reproduce"] {
        assert!(findings.iter().all(|finding| finding.get(key).is_some()), "{key}");
    }
    let of = |workload: &str, verdict: &str| {
        findings.iter().filter(|it| it["workload"] == workload && it["verdict"] == verdict).count()
    };
    assert!(of("spawn", "holds") > 2 && of("hold", "declined") > 2, "{findings:?}");
    assert_eq!(of("hold", "fails"), 1, "{findings:?}");
}

#[test]
fn a_hang_is_found_within_the_time_limit() {
    let began = Instant::now();
    let output = verify(&with_liar("never-ready"), &["--timeout", "1s"]);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("not done within 1s: it never said ready"), "{said}");
    assert!(said.contains("reproduce: printf '%s\\n' '{\"protocol\":1"), "{said}");
    assert!(said.contains("note: the rest was not asked: it hung 2 times"), "{said}");
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
}

#[test]
fn a_runtime_that_is_not_available_here_is_no_failure() {
    let checkout = Checkout::new();
    checkout.runner_with_probe("absent", "echo '{\"available\":false,\"reason\":\"no such kernel\"}'", "");
    let output = verify(&checkout, &[]);
    assert_eq!(output.status.code(), Some(0));
    assert!(said(&output).contains("absent 1 is unavailable here: no such kernel"), "{}", said(&output));
}

#[test]
fn a_runner_that_cannot_be_asked_is_a_failure() {
    let output = verify(&with_liar("other-protocol"), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("speaks protocol 2, this harness 1"), "{}", said(&output));
}

#[test]
fn an_unknown_runtime_is_answered_with_the_nearest() {
    let output = verify(&with_liar("honest"), &["lair"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("did you mean \"liar\"?"));
}

#[test]
fn ctrl_c_ends_it_with_130_and_leaves_no_runner() {
    let checkout = Checkout::new();
    // Renamed, so that a number is there whole or not at all.
    checkout.runner("hangs", "echo $$ > new; mv new pid; sleep 1000");
    let mut verify = Command::new(assert_cmd::cargo::cargo_bin("kilotask"))
        .current_dir(checkout.path())
        .env_remove("KILOTASK_ROOT")
        .arg("verify")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let pid = checkout.path().join("runners/hangs/pid");
    let patience = Instant::now();
    while !pid.exists() {
        assert!(patience.elapsed() < Duration::from_secs(60), "no runner was started");
        std::thread::sleep(Duration::from_millis(10));
    }
    Command::new("kill").args(["-INT", &verify.id().to_string()]).status().unwrap();
    assert_eq!(verify.wait().unwrap().code(), Some(130));
    let runner = Path::new("/proc").join(fs::read_to_string(pid).unwrap().trim());
    assert!(!runner.exists(), "a runner is left");
}
