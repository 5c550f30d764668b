//! `kilotask new`: what it writes works unchanged, and no name is taken twice. That the Rust
//! template builds is tested in `contributing`, by the commands that a newcomer gives.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::Checkout;

/// Whether a program can be found.
fn is_here(program: &str) -> bool {
    Command::new("sh").args(["-c", &format!("command -v {program}")]).output().unwrap().status.success()
}

#[test]
fn a_runner_in_another_language_works_unchanged() {
    for (language, needs) in [("python", "python3"), ("c", "cc"), ("go", "go")] {
        if !is_here(needs) {
            eprintln!("there is no {needs} here: the template for {language} is not tested");
            continue;
        }
        let checkout = Checkout::new();
        checkout.succeed(&["new", "my-own", "--language", language]);
        checkout.succeed(&["build"]);
        let verified = checkout.run(&["verify", "my-own"]);
        assert_eq!(verified.code, 0, "{}", verified.out);
        let list = checkout.run(&["list", "--json"]).json();
        assert_eq!((&list[0]["name"], &list[0]["workloads"][0]), (&"my-own".into(), &"sleep".into()));
    }
}

#[test]
fn a_crate_is_written_where_the_workspace_finds_it_and_the_lock_file_knows_it() {
    let checkout = Checkout::new();
    let lock = "version = 4\n\n[[package]]\nname = \"runner\"\nversion = \"0.1.0\"\n";
    checkout.write("Cargo.lock", lock);
    checkout.succeed(&["new", "my-own"]);
    let manifest: String = checkout.read("crates/runtime-my-own/Cargo.toml");
    assert!(manifest.contains("name = \"runtime-my-own\""), "{manifest}");
    assert!(checkout.read("Cargo.lock").contains("name = \"runtime-my-own\"\nversion = \"0.1.0\""));
    // It is not built yet: its row says how to build it.
    let list = checkout.run(&["list", "--json"]).json();
    assert_eq!(list[0]["name"], "my-own");
    assert!(list[0]["reason"].as_str().unwrap().contains("cargo build --release -p runtime-my-own"));
}

#[test]
fn a_name_that_is_taken_or_not_plain_is_refused_with_another_and_nothing_is_written() {
    let checkout = Checkout::with("honest", &["taken"], 2);
    fs::create_dir_all(checkout.path().join("crates/runtime-mine")).unwrap();
    checkout.runner("two", "honest");
    checkout.edit("runners/two/main.sh", |script| script.replace("\"two\"", "\"hidden\""));
    for (words, expected) in [
        (&["taken"][..], "runners/taken exists already; choose another name"),
        (&["mine", "--language", "c"], "crates/runtime-mine exists already"),
        (&["hidden"], "a runtime called \"hidden\" exists already, in runners/two; choose another name"),
        (&["My Own"], "try \"my-own\""),
        (&[""], "\"\" is not a plain name"),
        (&["../x"], "\"../x\" is not a plain name"),
        (&["-x"], "\"-x\" is not a plain name"),
        (&["taken-counted"], "for a counted build; try \"taken-counted-rt\""),
        (&["async"], "try \"async-rt\""),
        (&["own", "--language", "pyton"], "did you mean \"python\"?; PROTOCOL.md is enough for any language"),
    ] {
        checkout.refuse(&[&["new"], words].concat(), expected);
    }
    assert!(!Path::new(&checkout.path().join("crates/runtime-taken")).exists());
    assert!(!checkout.path().join("runners/mine").exists());
}

#[test]
fn the_schemas_are_printed_and_a_slip_finds_its_word() {
    let checkout = Checkout::new();
    assert_eq!(checkout.run(&["schema", "event"]).json()["title"], "Event");
    checkout.refuse(&["schema", "evnt"], "did you mean \"event\"?");
}
