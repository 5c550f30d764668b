//! A full disk ends a run with a message, and loses nothing; so does a full temporary folder. A stream that takes nothing
//! is no reason to stop.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::Checkout;

/// A checkout whose run writes several pages of rows.
fn checkout() -> Checkout {
    Checkout::with("honest", &["b"], 40)
}

/// Runs a shell script in the checkout, with the command `wrapper` around it, if any.
pub(crate) fn sh(checkout: &Checkout, wrapper: &[&str], script: &str) -> Output {
    let mut command = Command::new(wrapper.first().unwrap_or(&"sh"));
    command.args(wrapper.iter().skip(1)).args(if wrapper.is_empty() { &[][..] } else { &["sh"] });
    command.args(["-c", script]).current_dir(checkout.path());
    command.env("KILOTASK", assert_cmd::cargo::cargo_bin("kilotask"));
    command.env_remove("KILOTASK_ROOT").env_remove("CARGO_TARGET_DIR");
    command.output().unwrap()
}

/// Asserts that a run was stopped by its trials file, and said why and what to do.
fn stopped(output: &Output, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let always = ["every trial that has ended is kept", "resume with: kilotask run --out", "--resume"];
    for word in always.iter().chain(words) {
        assert!(said.contains(word), "{word:?} is missing: {said}");
    }
}

/// Asserts that the finished run has the rows from before unchanged, and every trial once.
fn went_on(checkout: &Checkout, before: &str, out: &str) {
    assert!(before.ends_with('\n'), "a row that did not fit is cut off at once");
    let rows = before.lines().count() - 1;
    assert!(checkout.read(&format!("{out}/trials.csv")).starts_with(before));
    let trials = checkout.trials(out);
    assert!(rows > 0 && rows < trials.len(), "{rows} of {}", trials.len());
    let timed = trials.iter().filter(|trial| trial[2] == "timed").count();
    assert_eq!(timed, 40 * fs::read_dir(checkout.path().join("runners")).unwrap().count());
}

/// How a script gets mounts of its own: as root, or as any user where the kernel permits it.
pub(crate) fn own_mounts(checkout: &Checkout) -> Option<&'static [&'static str]> {
    let ways: [&[&str]; 2] = [&["unshare", "-m"], &["unshare", "-Urm"]];
    let probe = "mount -t tmpfs -o size=1m none runners";
    ways.into_iter().find(|way| {
        Command::new("unshare").arg("--version").output().is_ok() && sh(checkout, way, probe).status.success()
    })
}

#[test]
fn a_full_disk_stops_a_run_and_room_lets_it_go_on() {
    let checkout = checkout();
    let Some(way) = own_mounts(&checkout) else {
        eprintln!("no file system can be mounted here: only the other tests fill a disk");
        return;
    };
    // This runner fills the disk, once there is a plan, until the script removes its file.
    let fill = "[ -e ../../disk/clean ] || cat /dev/zero >> ../../disk/ballast 2> /dev/null; honest";
    checkout.runner("a", fill);
    fs::create_dir(checkout.path().join("disk")).unwrap();
    let script = r#"
        mount -t tmpfs -o size=1m none disk || exit 90
        "$KILOTASK" run x.toml --out disk/results > /dev/null
        status=$?
        cp -r disk/results before
        rm disk/ballast && touch disk/clean
        "$KILOTASK" run --resume --out disk/results > /dev/null 2> said-then || exit 91
        cp -r disk/results after
        exit $status"#;
    let output = sh(&checkout, way, script);
    stopped(&output, &["the disk is full", "free some space", "disk/results/"]);
    went_on(&checkout, &checkout.read("before/trials.csv"), "after");
}

#[test]
fn a_limit_on_file_sizes_stops_a_run_in_the_same_way() {
    let checkout = checkout();
    // 16 or 32 blocks of 512 or 1024 bytes, as the shell has it: more than the plan needs, less
    // than the rows.
    let script = r#"ulimit -f 16; exec "$KILOTASK" run x.toml --out results"#;
    let output = sh(&checkout, &[], script);
    stopped(&output, &["results/trials.csv: ", "the limit on file sizes", "ulimit -f"]);
    let before = checkout.read("results/trials.csv");
    checkout.succeed(&["run", "--resume", "--out", "results"]);
    went_on(&checkout, &before, "results");
}

#[test]
fn a_disk_that_is_full_before_the_first_trial_asks_for_the_same_command_later() {
    let checkout = checkout();
    let output = sh(&checkout, &[], r#"ulimit -f 0; exec "$KILOTASK" run x.toml --out results"#);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("then repeat the same command"), "{said}");
    assert!(!Path::new(&checkout.path().join("results/plan.json")).exists());
    checkout.succeed(&["run", "x.toml", "--out", "results"]);
}

#[test]
fn a_runner_that_fails_because_the_temporary_folder_is_full_has_not_failed() {
    let checkout = checkout();
    let Some(way) = own_mounts(&checkout) else {
        eprintln!("no file system can be mounted here: the temporary folder is not filled");
        return;
    };
    let fill = "rm -f \"$TMPDIR/ballast\"; ready; cat /dev/zero > \"$TMPDIR/ballast\" 2> /dev/null; exit 1";
    checkout.runner("a", fill);
    fs::create_dir(checkout.path().join("disk")).unwrap();
    let script = r#"
        mount -t tmpfs -o size=1m none disk || exit 90
        TMPDIR=$PWD/disk exec "$KILOTASK" trial a spawn --json"#;
    let output = sh(&checkout, way, script);
    let row: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &row["status"]), (Some(1), &"lab-error".into()), "{row}");
    let reason = row["reason"].to_string();
    assert!(reason.contains("is full: free some space, or choose another folder with TMPDIR"), "{reason}");
}

#[test]
fn a_temporary_folder_that_cannot_be_written_stops_before_the_first_trial() {
    let checkout = checkout();
    let Some(way) = own_mounts(&checkout) else {
        eprintln!("no file system can be mounted here: no temporary folder is read-only");
        return;
    };
    fs::create_dir(checkout.path().join("disk")).unwrap();
    let script = r#"
        mount -t tmpfs -o ro none disk || exit 90
        TMPDIR=$PWD/disk exec "$KILOTASK" run x.toml --out results"#;
    let output = sh(&checkout, way, script);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for words in ["the lab cannot work here", "disk", "Read-only file system", "TMPDIR"] {
        assert!(said.contains(words), "{words:?} is missing: {said}");
    }
    assert!(!checkout.path().join("results").exists());
}

#[test]
fn streams_that_are_full_or_closed_stop_no_run() {
    let checkout = checkout();
    let status = |script: &str| sh(&checkout, &[], &format!("\"$KILOTASK\" {script}")).status.code();
    for (number, streams) in ["2> /dev/full", "<&- >&- 2>&-"].into_iter().enumerate() {
        let out = format!("results-{number}");
        assert_eq!(status(&format!("run x.toml --out {out} {streams}")), Some(0), "{streams}");
        assert!(checkout.trials(&out).len() >= 40, "{streams}");
    }
    assert_eq!(status("doctor <&- >&- 2>&-"), Some(0));
    assert_eq!(status("trial nobody spawn 2> /dev/full"), Some(1), "an error that nobody can read is one");
    for words in ["doctor", "list", "list --json", "aggregate results-0"] {
        let code = status(&format!("{words} > /dev/full"));
        assert_eq!(code, Some(1), "{words}: what was asked for is not there");
    }
}
