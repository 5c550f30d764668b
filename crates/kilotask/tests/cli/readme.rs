//! README has the numbers of the reference, and stays short.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::support::Checkout;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

/// A checkout that has the reference where the real one has it, and this README.
fn checkout(readme: &str) -> Checkout {
    let checkout = Checkout::new();
    checkout.write("README.md", readme);
    fs::create_dir(checkout.path().join("results")).unwrap();
    let reference = fs::canonicalize(root().join("results/reference")).unwrap();
    symlink(reference, checkout.path().join("results/reference")).unwrap();
    checkout
}

const WRITE: [&str; 4] = ["report", "results/reference", "--readme", "README.md"];

#[test]
fn the_readme_says_what_the_reference_says() {
    let committed = readme();
    let begins = committed.matches("<!-- kilotask:").count();
    assert_eq!(begins, 3, "README has the table, the findings, and how sure they are");
    let obsolete = committed.replace("<!-- /kilotask -->", "obsolete\n<!-- /kilotask -->");
    let checkout = checkout(&obsolete);
    assert_eq!(checkout.succeed(&WRITE), "");
    let written = checkout.read("README.md");
    assert!(written == committed, "`kilotask {}` writes:\n{written}", WRITE.join(" "));
}

#[test]
fn a_readme_without_markers_is_refused_and_stays_as_it_is() {
    let checkout = checkout("# Lab\n");
    checkout.refuse(&WRITE, "README.md: there is no line \"<!-- kilotask:NAME -->\"");
    assert_eq!(checkout.read("README.md"), "# Lab\n");
}

#[test]
fn no_table_of_the_readme_is_larger_than_a_screen() {
    let text = readme();
    let lines: Vec<&str> = text.lines().collect();
    let tables = lines.chunk_by(|a, b| a.starts_with('|') == b.starts_with('|'));
    let tables: Vec<&[&str]> = tables.filter(|lines| lines[0].starts_with('|')).collect();
    assert!(!tables.is_empty());
    for table in tables {
        let columns = table[0].trim_matches('|').split('|').count();
        assert!(
            table.len() <= 2 + 8 && columns <= 6,
            "{} lines of {columns} columns: {}",
            table.len(),
            table[0]
        );
    }
}
