//! What one trial makes of a runner, honest or not.

use crate::support::{Checkout, is_alive};
use serde_json::Value;

/// Runs one trial of `spawn` on a runner that does what the script says; gives the exit status and
/// the row.
fn trial(script: &str, more: &[&str]) -> (i32, Value) {
    let checkout = Checkout::new();
    checkout.runner("x", script);
    let words = ["trial", "x", "spawn", "--tasks", "10", "--timeout", "20s", "--json"];
    let said = checkout.run(&[&words, more].concat());
    (said.code, said.json())
}

#[test]
fn an_honest_runner_is_believed_and_what_was_not_measured_is_null() {
    let (code, row) = trial("honest", &[]);
    assert_eq!((code, &row["status"]), (0, &"ok".into()), "{row}");
    assert_eq!(row["makespan_ns"], 1000);
    assert_eq!(row["completed"], 10);
    assert!(row["rss_ready_bytes"].as_u64().unwrap() > 0);
    assert!(row["startup_ns"].as_u64().unwrap() < row["process_lifetime_ns"].as_u64().unwrap());
    let unmeasured = "allocations syscalls cpu_user_ns latency_p50_ns later_makespan_ns rss_holding_bytes";
    for column in unmeasured.split(' ') {
        assert!(row[column].is_null(), "{column}: {row}");
    }
}

/// The harness's liars tell many more.
#[test]
fn a_lie_a_crash_and_rubbish_are_found_out_each_with_its_status_and_reason_and_a_refusal_is_no_failure() {
    let refuses = |status: &str, reason: &str| {
        let event = format!(r#"{{"event":"refused","status":"{status}","reason":"{reason}"}}"#);
        format!("read -r job; echo '{event}'")
    };
    for (script, code, status, reason) in [
        ("ready; done_with 9 \"$(checksum 10)\"; end", 2, "wrong", "9 of 10 tasks"),
        ("ready; echo 'no stacks' >&2; exit 7", 2, "crashed", "exit status: 7 before it was done: no stacks"),
        ("echo hello; cat", 2, "protocol-error", "hello"),
        ("read -r job; echo '{\"event\":\"holding\"}'; cat", 2, "protocol-error", "expected ready"),
        (&refuses("ok", ""), 2, "protocol-error", "ok"),
        (&refuses("unsupported", "too many"), 0, "unsupported", "too many"),
    ] {
        let (exit, row) = trial(script, &[]);
        assert_eq!((exit, &row["status"]), (code, &status.into()), "{script}: {row}");
        assert!(row["reason"].as_str().unwrap().contains(reason), "{script}: {row}");
    }
}

#[test]
fn a_hang_is_a_timeout_and_leaves_no_process() {
    // The runner starts a helper in a session of its own, outside its process group, and writes its
    // number.
    let checkout = Checkout::new();
    checkout.runner("x", "setsid sleep 1000 & echo $! > helper; sleep 1000");
    let said = checkout.run(&["trial", "x", "spawn", "--timeout", "1s", "--json"]);
    assert_eq!((said.code, &said.json()["status"]), (2, &"timeout".into()));
    assert!(!is_alive(&checkout.read("runners/x/helper")), "the helper is still there");
}

#[test]
fn a_runner_without_a_counted_build_cannot_be_counted_and_says_so() {
    let (code, row) = trial("honest", &["--pass", "counted"]);
    assert_eq!((code, &row["status"]), (0, &"unsupported".into()));
}

#[test]
fn mistakes_are_answered_with_the_nearest_word_and_exit_1() {
    let checkout = Checkout::with("honest", &["x-runtime"], 2);
    let cases: [(&[&str], &str); 8] = [
        (&["trial", "x-runtim", "spawn"], "did you mean \"x-runtime\""),
        (&["trial", "x-runtime", "spwan"], "did you mean \"spawn\""),
        (&["trial", "x-runtime", "spawn", "--tasks", "0"], "at least 1"),
        (&["trial", "x-runtime", "spawn", "--tasks", "99999999999999999999999"], "at most 10000000"),
        (&["trial", "x-runtime", "sleep", "--duration", "5"], "write it like 1ms"),
        (&["trial", "x-runtime", "sleep", "--duration", "-1ms"], "not a duration"),
        (&["trial", "x-runtime", "spawn", "--param", "stack=1"], "has no parameter \"stack\""),
        (&["frobnicate"], "unrecognized subcommand"),
    ];
    for (arguments, expected) in cases {
        checkout.refuse(arguments, expected);
    }
}
