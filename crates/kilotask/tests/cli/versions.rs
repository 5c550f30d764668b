//! Versions of a crate, named like runtimes. How they are built is tested in the harness.

use crate::support::Checkout;

const CARGO: &str = "[package]\nname = \"runtime-foo\"\n[package.metadata.kilotask]\nrunner = \"runtime-foo\"\n\
                     contestant = \"foo\"\n";

/// A checkout with runtime `a`, a crate that has versions, and an experiment of both.
fn checkout() -> Checkout {
    let checkout = Checkout::with("honest", &["a"], 2);
    checkout.write("crates/runtime-foo/Cargo.toml", CARGO);
    checkout.edit("x.toml", |text| text.replace("\"all\"", "[\"a\", \"foo@1.2.3\"]"));
    checkout
}

#[test]
fn a_version_that_is_not_built_has_a_row_that_says_how_to_build_it() {
    let checkout = checkout();
    checkout.succeed(&["run", "x.toml", "--out", "results/x"]);
    let rows = checkout.read("results/x/trials.csv");
    assert!(rows.contains("unavailable,not built; run kilotask build foo@1.2.3"), "{rows}");
    checkout.succeed(&["run", "--resume", "--out", "results/x"]);
    checkout.succeed(&["reproduce", "results/x", "--out", "results/y"]);
}

#[test]
fn what_names_no_version_is_refused() {
    let checkout = checkout();
    checkout.refuse(&["build", "foo"], "make build builds the runtimes of the lock file");
    checkout.refuse(&["build", "foo@1.2"], "is not an experiment file, a version");
    let said = checkout.run(&["build", "a@1.2.3"]);
    assert!(said.out.contains("no crate in crates/ has versions of \"a\""), "{}", said.out);
    assert_eq!(said.code, 2);
    checkout.edit("x.toml", |text| text.replace("foo@1.2.3", "fooo@1.2.3"));
    checkout.refuse(&["run", "x.toml", "--out", "results/x"], "x.toml:2: unknown runtime \"fooo@1.2.3\"");
}
