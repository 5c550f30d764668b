//! Paths that are not UTF-8, and runs whose folder goes away.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::support::{Checkout, Said, wait_until};

/// A name of a folder that no JSON can hold.
fn name() -> &'static OsStr {
    OsStr::from_bytes(b"f\xff")
}

#[test]
fn a_path_that_is_not_utf8_is_refused_before_anything_begins_and_says_who_names_it() {
    let checkout = Checkout::with("honest", &["a"], 2);
    let folder = checkout.path().join(name());
    fs::create_dir(&folder).unwrap();
    let run = ["run", "x.toml", "--out", "results"];
    let said = |words: &[&str], more: &[&OsStr], temporary: Option<&Path>| {
        let mut command = checkout.kilotask();
        command.args(words).args(more).envs(temporary.map(|folder| ("TMPDIR", folder)));
        let output = command.output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        Said { code: output.status.code().unwrap(), out: String::new(), err }
    };
    for words in [&run[..], &["trial", "a", "spawn"], &["verify", "a"]] {
        let said = said(words, &[], Some(&folder));
        assert!(said.code == 1 && said.err.contains("TMPDIR is "), "{words:?}: {} {}", said.code, said.err);
    }
    fs::write(folder.join("runner.toml"), "command = [\"true\"]").unwrap();
    for words in [&run[..], &["list", "--json"], &["doctor", "--json"]] {
        let said = said(words, &["--runner".as_ref(), folder.as_os_str()], None);
        let is_named = said.err.contains("is not UTF-8") && said.err.contains("--runner");
        assert!(said.code == 1 && is_named, "{words:?}: {} {}", said.code, said.err);
    }
    assert!(!checkout.path().join("results").exists());
    let said = said(&run[..3], &[folder.join("results").as_os_str()], None);
    assert_eq!(said.code, 0, "to write into such a folder is fine: {}", said.err);
}

#[test]
fn a_run_whose_folder_is_removed_stops_with_words() {
    let checkout = Checkout::with("honest", &["a"], 500);
    let mut command = checkout.start(&["run", "x.toml", "--out", "results"]);
    checkout.wait_for_trials("results", 2);
    fs::rename(checkout.path().join("results"), checkout.path().join("moved")).unwrap();
    wait_until("it ends", || command.try_wait().unwrap().is_some());
    assert_eq!(command.wait().unwrap().code(), Some(1));
    let said = checkout.read("said");
    assert!(said.contains("results was removed or renamed while the run was being written"), "{said}");
}
