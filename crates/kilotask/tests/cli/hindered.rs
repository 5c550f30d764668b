//! What is the lab's own trouble is no runtime's failure: it is tried again, it stops a run that can be resumed, and it
//! counts nowhere.

use std::collections::BTreeMap;
use std::env::consts::ARCH;
use std::fs;
use std::process::{Child, Command, Output};
use std::thread;
use std::time::Duration;

use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};

use crate::support::{Checkout, column, wait_until};

/// Sends a signal to a command that was started.
fn signal(name: &str, command: &Child) {
    let kill = Command::new("kill").args([name, &command.id().to_string()]).status();
    assert!(kill.unwrap().success());
}

/// The statuses in a run's file.
fn statuses(checkout: &Checkout) -> Vec<String> {
    column(&checkout.read("results/trials.csv"), "status")
}

#[test]
fn a_temporary_folder_that_goes_stops_a_run_which_goes_on_once_it_is_back() {
    let checkout = Checkout::new();
    let folder = checkout.path().join("tmp");
    fs::create_dir(&folder).unwrap();
    // In the third trial it takes the folder away; then there is nothing to take.
    checkout.runner("a", "echo >> .trials; [ $(wc -l < .trials) -eq 3 ] && rm -rf ../../tmp; honest");
    checkout.experiment(6);
    let run = |words: &[&str]| {
        let output = checkout.kilotask().env("TMPDIR", &folder).args(words).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, said) = run(&["run", "x.toml", "--out", "results"]);
    assert_eq!(code, Some(1), "{said}");
    for words in ["temporary folder", "TMPDIR", "says nothing of the runtime", "run --out results --resume"] {
        assert!(said.contains(words), "{words:?} is missing: {said}");
    }
    assert_eq!(statuses(&checkout), ["ok", "ok", "ok", "lab-error"]);
    let said = checkout.run(&["aggregate", "results"]);
    assert!(said.code == 0 && said.err.contains("1 trials ended in a lab-error"), "{}", said.err);
    assert!(!said.out.contains("lab-error") && said.out.contains("0 failed"), "{}", said.out);

    fs::create_dir(&folder).unwrap();
    let (code, said) = run(&["run", "--out", "results", "--resume"]);
    assert!(code == Some(0) && said.contains("1 trials ended in a lab-error and will be repeated"), "{said}");
    assert!(statuses(&checkout).iter().all(|status| status == "ok"), "{:?}", statuses(&checkout));
    assert!(checkout.trials("results").len() >= 6);
}

#[test]
fn a_trial_during_which_the_lab_was_stopped_is_run_again_and_blames_nobody() {
    let checkout = Checkout::new();
    // Renamed, so that the file is never there with half of a number.
    checkout.runner("a", "echo $$ > new; mv new pid; echo >> trials; sleep 0.1; honest");
    checkout.experiment(6);
    let mut run = checkout.start(&["run", "x.toml", "--out", "results", "--timeout", "1s"]);
    let pid = checkout.path().join("runners/a/pid");
    wait_until("a trial has begun", || pid.exists());
    signal("-STOP", &run);
    // Longer than the time limit.
    std::thread::sleep(Duration::from_millis(1500));
    signal("-CONT", &run);
    assert!(run.wait().unwrap().success(), "{}", checkout.read("said"));
    let statuses = statuses(&checkout);
    assert!(statuses.iter().all(|status| status == "ok"), "{statuses:?}");
    assert!(checkout.read("runners/a/trials").lines().count() > statuses.len(), "one trial was run again");
}

#[test]
fn a_peer_that_is_killed_is_no_fault_of_the_runtime() {
    let checkout = Checkout::new();
    let kills = "ready; for child in $(cat /proc/$PPID/task/$PPID/children); do \
                 tr '\\0' ' ' < /proc/$child/cmdline | grep -q ' peer ' && kill -9 $child; done; ";
    for (workload, then, peer) in [
        ("request", "done_with 2 0; end", "the origin: "),
        ("request", "exit 9", "the origin: "),
        ("echo", "echo '{\"event\":\"serving\",\"address\":\"127.0.0.1:9\"}'; cat", "the load: "),
    ] {
        checkout.runner("x", &format!("{kills}{then}"));
        let claim = format!("\"{workload}\"");
        checkout.edit("runners/x/main.sh", |script| script.replacen("\"spawn\"", &claim, 1));
        let said = checkout.run(&["trial", "x", workload, "--tasks", "2", "--json"]);
        assert_eq!((said.code, &said.json()["status"]), (1, &"lab-error".into()), "{then}: {}", said.err);
        assert!(said.err.contains(peer) && said.err.contains("nothing of the runtime"), "{}", said.err);
    }
}

#[test]
fn a_parent_that_ignores_the_end_of_its_children_changes_nothing() {
    let checkout = Checkout::with("honest", &["x"], 2);
    let script = r#"trap "" CHLD; exec "$KILOTASK" trial x spawn --tasks 10 --json"#;
    let mut command = Command::new("sh");
    command.args(["-c", script]).current_dir(checkout.path()).env_remove("KILOTASK_ROOT");
    let output = command.env("KILOTASK", assert_cmd::cargo::cargo_bin("kilotask")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn ctrl_c_ends_an_examination_whose_probe_hangs() {
    let checkout = Checkout::new();
    checkout.runner_with_probe("x", "echo > probing; sleep 1000", "honest");
    let verify = checkout.start(&["verify", "x"]);
    let probing = checkout.path().join("runners/x/probing");
    wait_until("the probe hangs", || probing.exists());
    Checkout::interrupt(verify);
}

/// What a command says in the checkout under a limit or in another place: of the shell, with `$KILOTASK`.
fn shell(checkout: &Checkout, script: &str) -> (Option<i32>, String) {
    let mut command = Command::new("sh");
    command.args(["-c", script]).current_dir(checkout.path()).env_remove("KILOTASK_ROOT");
    let output = command.env("KILOTASK", assert_cmd::cargo::cargo_bin("kilotask")).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn what_the_lab_itself_needs_is_looked_at_before_anything_is_begun() {
    let checkout = Checkout::with("honest", &["x"], 2);
    let cases = [
        ("export TMPDIR=/nowhere;", "/nowhere"),
        ("ulimit -n 50;", "ulimit -n 64"),
        ("ulimit -Sn 50;", "ulimit -n 64"),
        ("exec unshare -rn", "ip link set lo up"),
        ("exec unshare -rpf", "unshare --mount-proc"),
    ];
    for (before, expected) in cases {
        let (tool, script) = (before.starts_with("exec"), format!("{before} \"$KILOTASK\" "));
        if tool && shell(&checkout, &format!("{before} true")).0 != Some(0) {
            eprintln!("no namespace can be made here: {before}");
            continue;
        }
        for words in ["run x.toml --out results", "trial x spawn", "verify x"] {
            let (code, said) = shell(&checkout, &format!("{script} {words}"));
            assert!(code == Some(1) && said.contains(expected), "{before} {words}: {said}");
            assert!(said.contains("the lab cannot work here"), "{before} {words}: {said}");
        }
        let (code, said) = shell(&checkout, &format!("{script} doctor"));
        assert!(code == Some(2) && said.contains("what the lab needs"), "{before}: {said}");
        assert!(!checkout.path().join("results").exists(), "{before}");
    }
}

#[test]
fn a_cell_with_more_connections_than_files_may_be_open_is_unsupported_and_the_others_run() {
    let checkout = Checkout::with("honest", &["x"], 2);
    checkout
        .edit("runners/x/main.sh", |text| text.replacen("[\"spawn\"", "[\"echo\",\"request\",\"spawn\"", 1));
    checkout.edit("x.toml", |text| {
        format!("{text}[[workload]]\nname = \"echo\"\ntasks = [300]\n[[workload]]\nname = \"request\"\ntasks = [300]\n")
    });
    let (code, said) = shell(&checkout, "ulimit -n 200; \"$KILOTASK\" run x.toml --out results");
    assert_eq!(code, Some(0), "{said}");
    let rows = checkout.read("results/trials.csv");
    let of = |workload: &str| -> Vec<&str> {
        let rows = rows.lines().filter(|row| row.contains(&format!("_{workload}-")));
        rows.collect()
    };
    assert!(of("spawn").len() >= 2 && of("spawn").iter().all(|row| row.contains(",ok,")), "{rows}");
    for workload in ["echo", "request"] {
        let refused = |row: &&str| row.contains(",unsupported,") && row.contains("200 are allowed");
        let rows = of(workload);
        assert!(rows.len() >= 2 && rows.iter().all(refused), "{rows:?}");
        assert!(rows.iter().all(|row| row.contains("raise the limit with ulimit -n 316")), "{rows:?}");
    }
    let (code, said) = shell(&checkout, "ulimit -n 200; \"$KILOTASK\" trial x echo --tasks 300");
    assert!(code == Some(0) && said.contains("unsupported"), "{said}");
}

/// The number of `pidfd_open`, which is the same on all processors.
const PIDFD_OPEN: i64 = 434;

/// Runs a command that the kernel denies `pidfd_open`, as the seccomp filters of some containers do.
fn without_pidfd(mut command: Command) -> Output {
    const EPERM: u32 = 1;
    let denied = BTreeMap::from([(PIDFD_OPEN, Vec::new())]);
    let filter = SeccompFilter::new(
        denied,
        SeccompAction::Allow,
        SeccompAction::Errno(EPERM),
        ARCH.try_into().expect("seccompiler knows this processor"),
    );
    let program: BpfProgram = filter.unwrap().try_into().unwrap();
    // A filter is that of a thread, and of what the thread starts.
    let run = thread::spawn(move || {
        apply_filter(&program).unwrap();
        command.output().unwrap()
    });
    run.join().unwrap()
}

#[test]
fn where_processes_cannot_be_watched_nothing_is_begun_and_the_remedy_is_said() {
    let checkout = Checkout::with("honest", &["x"], 2);
    let said = |words: &[&str]| {
        let mut command = checkout.kilotask();
        command.args(words);
        let Output { status, stdout, stderr } = without_pidfd(command);
        (status.code(), String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned())
    };
    // What only the description says is not known where the runner cannot be asked.
    checkout
        .edit("runners/x/main.sh", |text| text.replace("\"model\":", "\"params\":{\"depth\":1},\"model\":"));
    let trial = ["trial", "x", "spawn", "--param", "depth=2"];
    checkout.succeed(&trial);
    for words in [&["run", "x.toml", "--out", "results"][..], &trial, &["verify", "x"]] {
        let (code, said) = said(words);
        assert_eq!(code, Some(1), "{words:?}: {said}");
        for part in ["the lab cannot work here", "pidfd_open", "a seccomp profile that allows it"] {
            assert!(said.contains(part), "{words:?}: {part:?} is missing: {said}");
        }
    }
    assert!(!checkout.path().join("results").exists());
    let (code, said) = said(&["doctor", "--json"]);
    let doctor: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(code, Some(2), "{said}");
    assert!(doctor["lab"]["pidfd"].as_str().unwrap().contains("Operation not permitted"), "{said}");
    assert_eq!(doctor["lab"]["loopback"], "ok");
}

#[test]
fn threads_that_find_no_room_say_which_limits_there_are() {
    let Some(checkout) = Checkout::with_threads() else { return };
    let (code, said) = shell(&checkout, "ulimit -v 1000000; \"$KILOTASK\" trial threads hold --tasks 1000");
    assert!(code == Some(2) && said.contains("crashed"), "{said}");
    assert!(said.contains("the kernel refused a thread") && said.contains("ulimit -u and -v"), "{said}");
}

#[test]
fn direct_reads_are_unsupported_where_temporary_files_are_kept_in_memory() {
    let checkout = Checkout::with("honest", &["x"], 2);
    let (_, kind) = shell(&checkout, "stat -f -c %T /dev/shm");
    if kind.trim() != "tmpfs" {
        return eprintln!("/dev/shm is no tmpfs here: no direct read is asked for in memory");
    }
    checkout.edit("runners/x/main.sh", |text| text.replacen("\"spawn\"", "\"file-read\"", 1));
    let trial = "TMPDIR=/dev/shm \"$KILOTASK\" trial x file-read --tasks 10 --param io=direct";
    let (code, said) = shell(&checkout, trial);
    assert!(code == Some(0) && said.contains("unsupported"), "{said}");
    assert!(said.contains("is on tmpfs; choose another folder with TMPDIR"), "{said}");
    let (_, doctor) = shell(&checkout, "TMPDIR=/dev/shm \"$KILOTASK\" doctor --json");
    let doctor: serde_json::Value = serde_json::from_str(&doctor).unwrap();
    assert!(doctor.to_string().contains("\"tmpfs\""), "{doctor}");
}
