//! A runner can be written from PROTOCOL.md alone, in a language in which the lab has none.

use std::path::Path;
use std::process::Command;

use crate::support::Checkout;
use serde_json::Value;

/// Whether there is a Perl with the modules of its standard distribution.
fn perl_is_here() -> bool {
    let probe =
        Command::new("perl").args(["-MJSON::PP", "-MDigest::SHA", "-MTime::HiRes", "-e", "1"]).status();
    probe.is_ok_and(|status| status.success())
}

#[test]
fn a_runner_written_from_the_page_alone_holds_in_every_question() {
    if !perl_is_here() {
        eprintln!("there is no perl here: what was written in it from PROTOCOL.md is not held to it");
        return;
    }
    let runner = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/perl");
    let checkout = Checkout::new();
    let output = checkout.kilotask().args(["verify", "--json", "--runner"]).arg(runner).output().unwrap();
    let findings: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = findings.as_array().unwrap();
    let failed: Vec<&Value> = findings.iter().filter(|finding| finding["verdict"] == "fails").collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert_eq!(output.status.code(), Some(0));
    let held = |workload: &str| {
        let holds = |it: &&Value| it["verdict"] == "holds" && it["workload"] == workload;
        findings.iter().filter(holds).count()
    };
    for workload in ["cpu", "echo", "file-read", "hold", "mixed", "request", "sleep", "spawn", "yield"] {
        assert!(held(workload) >= 3, "{workload}: {}", held(workload));
    }
}
