//! `kilotask new`: what it writes works as it stands, and no name is taken twice. That the Rust template
//! builds is tested in `contributing`, by the commands that a newcomer gives.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::Checkout;
use serde_json::Value;

/// Whether a program can be found.
fn is_here(program: &str) -> bool {
    Command::new("sh").args(["-c", &format!("command -v {program}")]).output().unwrap().status.success()
}

/// Writes a runner in a language, builds it, and holds it to all that it claims.
fn works(language: &str, needs: &str) {
    if !is_here(needs) {
        eprintln!("there is no {needs} here: the template for {language} is not tested");
        return;
    }
    let checkout = Checkout::new();
    let output = checkout.kilotask().args(["new", "my-own", "--language", language]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    checkout.kilotask().arg("build").assert().success();
    let output = checkout.kilotask().args(["verify", "my-own"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    let list = checkout.kilotask().args(["list", "--json"]).output().unwrap();
    let list: Value = serde_json::from_slice(&list.stdout).unwrap();
    assert_eq!((&list[0]["name"], &list[0]["workloads"][0]), (&"my-own".into(), &"sleep".into()));
}

#[test]
fn a_runner_in_python_works_as_it_is_written() {
    works("python", "python3");
}

#[test]
fn a_runner_in_c_works_as_it_is_written() {
    works("c", "cc");
}

#[test]
fn a_runner_in_go_works_as_it_is_written() {
    works("go", "go");
}

#[test]
fn a_crate_is_written_where_the_workspace_finds_it_and_the_lock_file_knows_it() {
    let checkout = Checkout::new();
    let lock = "version = 4\n\n[[package]]\nname = \"runner\"\nversion = \"0.1.0\"\n";
    fs::write(checkout.path().join("Cargo.lock"), lock).unwrap();
    checkout.kilotask().args(["new", "my-own"]).assert().success();
    let manifest: String = checkout.read("crates/runtime-my-own/Cargo.toml");
    assert!(manifest.contains("name = \"runtime-my-own\""), "{manifest}");
    assert!(checkout.read("Cargo.lock").contains("name = \"runtime-my-own\"\nversion = \"0.1.0\""));
    // Not built, it has its row, which says how it is built.
    let list = checkout.kilotask().args(["list", "--json"]).output().unwrap();
    let list: Value = serde_json::from_slice(&list.stdout).unwrap();
    assert_eq!(list[0]["name"], "my-own");
    assert!(list[0]["reason"].as_str().unwrap().contains("cargo build --release -p runtime-my-own"));
}

#[test]
fn a_name_that_is_taken_or_not_plain_is_refused_with_the_mend_and_nothing_is_written() {
    let checkout = Checkout::new();
    checkout.runner("taken", "honest");
    fs::create_dir_all(checkout.path().join("crates/runtime-mine")).unwrap();
    let two = checkout.path().join("runners/two");
    fs::create_dir(&two).unwrap();
    fs::copy(checkout.path().join("runners/taken/main.sh"), two.join("main.sh")).unwrap();
    let script = fs::read_to_string(two.join("main.sh")).unwrap().replace("\"taken\"", "\"hidden\"");
    fs::write(two.join("main.sh"), script).unwrap();
    fs::write(two.join("runner.toml"), "command = [\"sh\", \"main.sh\"]").unwrap();
    for (words, expected) in [
        (&["taken"][..], "runners/taken is there already; choose another name"),
        (&["mine", "--language", "c"], "crates/runtime-mine is there already"),
        (&["hidden"], "a runtime called \"hidden\" already, in runners/two; choose another name"),
        (&["My Own"], "try \"my-own\""),
        (&[""], "\"\" is not a plain name"),
        (&["../x"], "\"../x\" is not a plain name"),
        (&["-x"], "\"-x\" is not a plain name"),
        (&["taken-counted"], "for a counted twin; try \"taken-counted-rt\""),
        (&["async"], "try \"async-rt\""),
        (&["own", "--language", "pyton"], "did you mean \"python\"?; PROTOCOL.md is enough for any language"),
    ] {
        let output = checkout.kilotask().arg("new").args(words).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(expected), "{expected:?} is missing: {said}");
        assert_eq!(output.status.code(), Some(1), "{said}");
    }
    assert!(!Path::new(&checkout.path().join("crates/runtime-taken")).exists());
    assert!(!checkout.path().join("runners/mine").exists());
}

#[test]
fn the_schemas_are_printed_and_a_slip_finds_its_word() {
    let checkout = Checkout::new();
    let output = checkout.kilotask().args(["schema", "event"]).output().unwrap();
    let schema: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(schema["title"], "Event");
    let output = checkout.kilotask().args(["schema", "evnt"]).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("did you mean \"event\"?"));
}
