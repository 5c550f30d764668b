//! The way of CONTRIBUTING.md, walked from start to end: every command of the page, in a copy of
//! this checkout. It leaves changes in the new folders alone, Cargo.lock aside.
//!
//! The copy shares the target folder, so that what is built already is not built again; it wants a
//! release build, as `make test` makes it.

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

const PAGE: &str = include_str!("../../../../CONTRIBUTING.md");

/// What a script says that must succeed, in a folder, with nothing set that names another checkout.
fn said(folder: &Path, script: &str) -> String {
    let mut command = Command::new("bash");
    command.args(["-euo", "pipefail", "-c", script]).current_dir(folder);
    command.env_remove("KILOTASK_ROOT").env_remove("KILOTASK_RUNNERS").env_remove("CARGO_TARGET_DIR");
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{script}\n{said}\n{}", String::from_utf8_lossy(&output.stderr));
    said
}

/// Where this build puts its programs: the folder above the one for temporary files.
fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it lies in the target folder")
}

/// Whether the Rust programs are those of the sources, so that none of them is built in the copy.
fn is_built(checkout: &Path) -> bool {
    let crates = fs::read_dir(checkout.join("crates")).unwrap().flatten().map(|entry| entry.file_name());
    let runtimes = crates.filter(|name| name.to_string_lossy().starts_with("runtime-"));
    let programs = runtimes.chain(["kilotask".into()]).map(|name| target().join("release").join(name));
    let mut make = Command::new("make");
    make.arg("-q").args(programs).env("CARGO_TARGET_DIR", target()).current_dir(checkout);
    make.status().is_ok_and(|made| made.success())
}

/// A copy of the checkout under version control, its files as old as they are: always in the same
/// place, where cargo knows again what it built.
fn copy(checkout: &Path) -> PathBuf {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("contributing");
    if copy.exists() {
        fs::remove_dir_all(&copy).unwrap();
    }
    fs::create_dir_all(&copy).unwrap();
    let files = "git ls-files -coz --exclude-standard";
    let into = copy.display();
    said(
        checkout,
        &format!("{files} | tar --null --ignore-failed-read -T - -cf - 2> /dev/null | tar -C '{into}' -xf -"),
    );
    said(&copy, "git init -q && git add -A && git -c user.name=x -c user.email=x@x commit -qm x");
    symlink(target(), copy.join("target")).unwrap();
    copy
}

#[test]
fn the_way_of_the_page_ends_in_a_row_and_edits_nothing_else() {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    if !is_built(&checkout) {
        let lack = "the programs are not built or not up to date (make build)";
        assert!(env::var_os("MAKELEVEL").is_none(), "{lack}, though make has just built them");
        return eprintln!("{lack}: CONTRIBUTING.md is not walked");
    }
    let copy = copy(&checkout);
    // A new runtime changes Cargo.lock, for which make would build the lab again, from sources that cargo does not
    // know by the path of the copy.
    let walked = |block| said(&copy, &format!("touch target/release/kilotask\n{block}"));
    let blocks = PAGE.split("```sh\n").skip(1);
    let blocks = blocks.map(|block| block.split_once("```").expect("a block ends").0);
    let all: String = blocks.map(walked).collect();
    assert!(all.contains("foo 0.1.0 (") && all.contains("bar 0.1.0 ("), "not verified: {all}");
    let has_row =
        |text: &str, begin| text.lines().any(|line| line.starts_with(begin) && line.contains(" ms"));
    assert!(has_row(&all, "foo "), "foo has no row: {all}");
    let report = fs::read_to_string(copy.join("results/foo/REPORT.md")).unwrap();
    assert!(has_row(&report, "| foo |"), "foo has no row in the report: {report}");
    let mut changed: Vec<String> = said(&copy, "git status --porcelain").lines().map(String::from).collect();
    changed.sort();
    assert_eq!(changed, [" M Cargo.lock", "?? crates/runtime-foo/", "?? runners/bar/"]);
    let _ = said(&copy, "rm -f target/release/runtime-foo target/release/runtime-foo-counted");
    fs::remove_dir_all(copy).unwrap();
}
