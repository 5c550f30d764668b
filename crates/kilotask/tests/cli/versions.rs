//! Versions of a crate, named where a runtime is; how they are built is tested where it is done.

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use crate::support::Checkout;

const CARGO: &str = "[package]\nname = \"runtime-foo\"\n[package.metadata.kilotask]\nrunner = \"runtime-foo\"\n\
                     contestant = \"foo\"\n";

/// A checkout with runtime `a`, a crate that has versions, and an experiment of both.
fn checkout() -> (Checkout, PathBuf) {
    let checkout = Checkout::new();
    checkout.runner("a", "honest");
    let folder = checkout.path().join("crates/runtime-foo");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("Cargo.toml"), CARGO).unwrap();
    let experiment = checkout.experiment(2);
    let text = fs::read_to_string(&experiment).unwrap();
    fs::write(&experiment, text.replace("\"all\"", "[\"a\", \"foo@1.2.3\"]")).unwrap();
    (checkout, experiment)
}

/// All that the command says.
fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&*output.stdout, &*output.stderr].concat()).into_owned()
}

#[test]
fn a_version_that_is_not_built_has_a_row_that_says_how_to_build_it() {
    let (checkout, experiment) = checkout();
    let output =
        checkout.kilotask().arg("run").arg(&experiment).args(["--out", "results/x"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let rows = fs::read_to_string(checkout.path().join("results/x/trials.csv")).unwrap();
    assert!(rows.contains("unavailable,not built; kilotask build foo@1.2.3"), "{rows}");
    let resumed = checkout.kilotask().args(["run", "--resume", "--out", "results/x"]).output().unwrap();
    assert_eq!(resumed.status.code(), Some(0), "{}", said(&resumed));
    let again = ["reproduce", "results/x", "--out", "results/y"];
    let again = checkout.kilotask().args(again).output().unwrap();
    assert_eq!(again.status.code(), Some(0), "{}", said(&again));
}

#[test]
fn what_names_no_version_is_told() {
    let (checkout, experiment) = checkout();
    for (what, status, words) in [
        ("foo", 1, "make build builds the runtimes of the lock file"),
        ("foo@1.2", 1, "neither an experiment's file nor a version"),
        ("a@1.2.3", 2, "no crate in crates/ has versions of \"a\""),
    ] {
        let output = checkout.kilotask().args(["build", what]).output().unwrap();
        assert!(said(&output).contains(words), "{what}: {}", said(&output));
        assert_eq!(output.status.code(), Some(status), "{what}");
    }
    let text = fs::read_to_string(&experiment).unwrap().replace("foo@1.2.3", "fooo@1.2.3");
    fs::write(&experiment, text).unwrap();
    let output =
        checkout.kilotask().arg("run").arg(&experiment).args(["--out", "results/x"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("x.toml:2: unknown runtime \"fooo@1.2.3\""), "{}", said(&output));
}
