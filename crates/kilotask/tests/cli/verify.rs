//! `kilotask verify`, as the author of a runner sees it. What it finds is tested in the harness,
//! with the same runner.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::{Checkout, Said, is_alive, wait_until};

/// A checkout with the harness's runner that lies in this way.
fn with_liar(lie: &str) -> Checkout {
    let checkout = Checkout::new();
    checkout.write("runners/liar/runner.sh", include_str!("../../../harness/tests/liars/runner.sh"));
    checkout.write("runners/liar/runner.toml", &format!("command = [\"sh\", \"runner.sh\", \"{lie}\"]"));
    checkout
}

/// Verifies the runner that lies in this way, which must end with this exit status.
fn verify(lie: &str, more: &[&str], code: i32) -> Said {
    let said = with_liar(lie).run(&[&["verify"], more].concat());
    assert_eq!(said.code, code, "{}", said.out);
    said
}

#[test]
fn an_honest_runner_holds_at_every_size() {
    let Said { out, err, .. } = verify("honest", &[], 0);
    for words in ["liar 1", "(protocol)", "all 9 questions", "spawn", "hold", "1000"] {
        assert!(out.contains(words), "{words}: {out}");
    }
    assert!(!out.contains("remedy"), "{out}");
    assert!(!out.contains('\x1b'), "colours where no terminal is");
    assert!(err.contains("questions"), "no progress");
}

#[test]
fn a_failure_is_shown_with_its_reason_and_its_remedy() {
    let out = verify("skips-in-secret", &["liar"], 2).out;
    assert!(out.contains("spawn 1 (and 6 more): wrong: round 0: checksum"), "{out}");
    assert_eq!(out.matches("remedy: add what each task returned").count(), 1, "{out}");
    assert!(out.contains("reproduce: kilotask trial liar spawn --tasks 1 --workers"), "{out}");
}

#[test]
fn a_program_gets_an_object_for_each_question() {
    let findings = verify("cannot-hold", &["--json"], 2).json();
    let findings = findings.as_array().unwrap();
    for key in ["runtime", "workload", "question", "verdict", "status", "reason", "remedy", "reproduce"] {
        assert!(findings.iter().all(|finding| finding.get(key).is_some()), "{key}");
    }
    let of = |workload: &str, verdict: &str| {
        findings.iter().filter(|it| it["workload"] == workload && it["verdict"] == verdict).count()
    };
    assert!(of("spawn", "holds") > 2 && of("hold", "declined") > 2, "{findings:?}");
    assert_eq!(of("hold", "fails"), 1, "{findings:?}");
}

#[test]
fn a_hang_is_found_within_the_time_limit() {
    let began = Instant::now();
    let out = verify("never-ready", &["--timeout", "1s"], 2).out;
    assert!(out.contains("not done within 1s: it never said ready"), "{out}");
    assert!(out.contains("reproduce: printf '%s\\n' '{\"protocol\":2"), "{out}");
    assert!(out.contains("note: the other questions were not asked: it hung 2 times"), "{out}");
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
}

#[test]
fn a_runtime_that_is_not_available_here_is_no_failure() {
    let checkout = Checkout::new();
    checkout.runner_with_probe("absent", "echo '{\"available\":false,\"reason\":\"no such kernel\"}'", "");
    let out = checkout.succeed(&["verify"]);
    assert!(out.contains("absent 1 is unavailable here: no such kernel"), "{out}");
}

#[test]
fn an_unknown_runtime_is_answered_with_the_nearest() {
    with_liar("honest").refuse(&["verify", "lair"], "did you mean \"liar\"?");
}

#[test]
fn several_are_examined_side_by_side_and_shown_in_their_order() {
    let checkout = Checkout::with("honest", &["b", "c"], 2);
    // It ends last, and is shown first.
    checkout.runner("a", "sleep 0.1; honest");
    checkout.runner("b", "ready; exit 9");
    let said = checkout.run(&["verify"]);
    let at = |words: &str| {
        said.out.find(words).unwrap_or_else(|| panic!("no {words:?}: {}{}", said.out, said.err))
    };
    assert!(at("a 1 (") < at("b 1 (") && at("b 1 (") < at("c 1 ("), "{}", said.out);
    assert_eq!(said.code, 2, "{}", said.out);
    let findings = checkout.run(&["verify", "--json", "c", "a"]).json();
    let names: Vec<_> =
        findings.as_array().unwrap().iter().map(|one| one["runtime"].as_str().unwrap()).collect();
    assert!(names.is_sorted() && names.first() == Some(&"a") && names.last() == Some(&"c"), "{names:?}");
}

/// Two runners that never answer, and the files in which they name their processes.
fn with_two_that_hang() -> (Checkout, [PathBuf; 2]) {
    let checkout = Checkout::new();
    let pids = ["a", "b"].map(|name| {
        checkout.runner(name, "echo $$ > new; mv new pid; sleep 1000");
        checkout.path().join("runners").join(name).join("pid")
    });
    (checkout, pids)
}

#[test]
fn whatever_ends_it_none_of_several_runners_is_left() {
    for signal in ["-INT", "-TERM", "-KILL"] {
        let (checkout, pids) = with_two_that_hang();
        let mut verify = checkout.start(&["verify"]);
        wait_until("a runner is started", || pids.iter().any(|pid| pid.exists()));
        assert!(Command::new("kill").args([signal, &verify.id().to_string()]).status().unwrap().success());
        let code = verify.wait().unwrap().code();
        assert_eq!(code, (signal != "-KILL").then_some(130), "{signal}");
        let left = || pids.iter().filter_map(|pid| fs::read_to_string(pid).ok()).any(|pid| is_alive(&pid));
        wait_until("no runner is left", || !left());
    }
}

#[test]
fn ctrl_c_ends_it_with_130_and_leaves_no_runner() {
    let checkout = Checkout::new();
    // Renamed, so that the file is never there with half of a number.
    checkout.runner("hangs", "echo $$ > new; mv new pid; sleep 1000");
    let verify = checkout.start(&["verify"]);
    let pid = checkout.path().join("runners/hangs/pid");
    wait_until("a runner is started", || pid.exists());
    Checkout::interrupt(verify);
    assert!(!is_alive(&fs::read_to_string(pid).unwrap()), "a runner is left");
}
