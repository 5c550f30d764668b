//! A runner can be written from PROTOCOL.md alone, in a language that the lab has none in; and one
//! whose tool is missing is a row that says so.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::Checkout;
use serde_json::Value;

#[test]
fn a_runner_written_from_the_page_alone_passes_every_question() {
    // A Perl with the modules of its standard distribution.
    let perl =
        Command::new("perl").args(["-MJSON::PP", "-MDigest::SHA", "-MTime::HiRes", "-e", "1"]).status();
    if !perl.is_ok_and(|status| status.success()) {
        eprintln!("there is no perl here: the runner that was written from PROTOCOL.md is not tested");
        return;
    }
    let runner = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/perl");
    let checkout = Checkout::new();
    let said = checkout.run(&["verify", "--json", "--runner", runner.to_str().unwrap()]);
    let findings = said.json();
    let findings = findings.as_array().unwrap();
    let failed: Vec<&Value> = findings.iter().filter(|finding| finding["verdict"] == "fails").collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert_eq!(said.code, 0);
    let held = |workload: &str| {
        let holds = |it: &&Value| it["verdict"] == "holds" && it["workload"] == workload;
        findings.iter().filter(holds).count()
    };
    for workload in ["cpu", "echo", "file-read", "hold", "mixed", "request", "sleep", "spawn", "yield"] {
        assert!(held(workload) >= 3, "{workload}: {}", held(workload));
    }
}

#[test]
fn without_its_tool_each_runner_of_ours_is_a_row_that_says_how_to_get_it() {
    let checkout = Checkout::new();
    let mut rows = 0;
    for folder in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../runners")).unwrap() {
        let folder = folder.unwrap();
        let Ok(manifest) = fs::read_to_string(folder.path().join("runner.toml")) else { continue };
        let runtimes = manifest.lines().find(|line| line.starts_with("runtimes = ")).expect("its runtimes");
        rows += runtimes.split(", ").count();
        checkout.write(&format!("runners/{}/runner.toml", folder.file_name().display()), &manifest);
    }
    let nothing = checkout.path();
    let output = checkout.kilotask().env("PATH", nothing).args(["list", "--json"]).output().unwrap();
    let listed: Value = serde_json::from_slice(&output.stdout).unwrap();
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.len(), rows);
    for row in listed {
        let reason = row["reason"].as_str().unwrap();
        let (missing, install) = reason.split_once("; ").unwrap();
        assert_eq!(row["status"], "unavailable");
        assert!(missing.ends_with(" is not on the PATH"), "{reason}");
        assert!(install.contains(" install"), "{reason}");
    }
}
