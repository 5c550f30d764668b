//! What one trial makes of a runner, honest or not.

use crate::support::{Checkout, column, is_alive, wait_until};
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

/// What happens depends on the machine: its processor counts, or callgrind is there, which a script is not for, or neither.
#[test]
fn instructions_are_counted_or_there_is_a_reason_and_what_to_do() {
    let checkout = Checkout::new();
    checkout.runner("x", "honest");
    let said = checkout.run(&["trial", "x", "spawn", "--tasks", "10", "--pass", "instructions", "--json"]);
    if said.code == 1 {
        assert!(said.err.contains("--pass instructions"), "{}", said.err);
        assert!(said.err.contains("install valgrind") || said.err.contains("run as root"), "{}", said.err);
        return;
    }
    let row = said.json();
    let reason = row["reason"].as_str().unwrap();
    let is_counted = row["status"] == "ok" && row["callgrind_instructions"].is_null();
    let is_refused = row["status"] == "unsupported" && reason.contains("callgrind cannot count it: ");
    assert!(said.code == 0 && (is_counted || is_refused), "{row}");
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

/// A runner of `spawn`, and of a `file-read` whose sums take the lab minutes to work out, which it has not. While it
/// serves that, `.reading` has its number.
fn with_sums_that_take_long() -> Checkout {
    const ROUND: &str = r#"{"makespan_ns":1000,"completed":1,"checksum":"1"}"#;
    let rounds = [ROUND; 5].join(",");
    let checkout = Checkout::new();
    checkout.runner(
        "x",
        &format!(
            r#"
            ready
            case $job in *file-read*) ;; *) echo >> .spawned; n=$(number tasks); done_with "$n" "$(checksum "$n")"; end; exit ;; esac
            echo $$ > .new; mv .new .reading
            echo '{{"event":"done","rounds":[{rounds}]}}'; end
            head -c 80 /dev/zero > "$(echo "$job" | sed 's/.*"spans_file":"\([^"]*\)".*/\1/')"
            "#
        ),
    );
    checkout.edit("runners/x/main.sh", |text| text.replacen("[\"spawn\"", "[\"file-read\",\"spawn\"", 1));
    checkout
}

#[test]
fn one_ctrl_c_ends_the_working_out_of_a_sum_and_what_was_measured_is_kept() {
    let checkout = with_sums_that_take_long();
    let reading = checkout.path().join("runners/x/.reading");
    let interrupt_while_it_sums = |command| {
        wait_until("the runner has ended", || {
            std::fs::read_to_string(&reading).is_ok_and(|pid| !is_alive(&pid))
        });
        Checkout::interrupt(command);
        std::fs::remove_file(&reading).unwrap();
    };
    let trial = ["trial", "x", "file-read", "--tasks", "1", "--rounds", "5"];
    let params = ["--param", "times=200000000", "--param", "file_bytes=4096"];
    interrupt_while_it_sums(checkout.start(&[&trial[..], &params].concat()));

    checkout.experiment(3);
    checkout.edit("x.toml", |text| {
        let more = "[[workload]]\nname = \"file-read\"\ntasks = [1]\nrounds = 5\n\
                    params = { times = 200000000, file_bytes = 4096 }\n";
        text.replace("blocks = 3", "blocks = 3, traced = 0").replace("[10]", "[10, 11, 12, 13, 14]") + more
    });
    interrupt_while_it_sums(checkout.start(&["run", "x.toml", "--out", "results"]));
    let rows = checkout.read("results/trials.csv");
    assert!(column(&rows, "workload").iter().all(|workload| workload == "spawn"), "{rows}");
    let spawned = std::fs::read_to_string(checkout.path().join("runners/x/.spawned")).unwrap_or_default();
    assert_eq!(column(&rows, "status"), vec!["ok"; spawned.lines().count()]);
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

#[test]
fn a_runner_that_spoils_the_file_of_all_is_wrong_and_named() {
    let spoil = "ready; file=$(echo \"$go\" | sed 's/.*\"file\":\"\\([^\"]*\\)\".*/\\1/'); : > \"$file\";";
    for (then, status, words) in [
        ("done_with 2 0; end", "wrong", "changed or removed the file that it was to read"),
        ("exit 7", "crashed", "exit status: 7"),
    ] {
        let checkout = Checkout::with("honest", &["b"], 3);
        checkout.runner("a", &format!("{spoil} {then}"));
        for name in ["a", "b"] {
            checkout.edit(&format!("runners/{name}/main.sh"), |script| {
                script.replacen("\"spawn\"", "\"file-read\"", 1)
            });
        }
        checkout.edit("x.toml", |text| {
            text.replace("\"spawn\"", "\"file-read\"") + "params = { file_bytes = 65536 }\n"
        });
        let said = checkout.run(&["run", "x.toml", "--out", "results", "--seed", "7"]);
        assert_eq!(said.code, 2, "{}", said.err);
        let named = said.err.lines().filter(|line| line.contains("was spoilt, and is made anew"));
        let named: Vec<&str> = named.collect();
        assert!(
            !named.is_empty() && named.iter().all(|line| line.contains("_a ran last before")),
            "{}",
            said.err
        );
        let rows = checkout.read("results/trials.csv");
        let of = |cell: &str| -> Vec<&str> { rows.lines().filter(|row| row.contains(cell)).collect() };
        for row in of("_a,x_file-read") {
            assert!(row.contains(&format!(",{status},")) && row.contains(words), "{row}");
        }
        assert!(of("_a,x_file-read").len() >= 3, "{rows}");
        assert!(!of("_b,x_file-read").iter().any(|row| row.contains("changed or removed")), "{rows}");
    }
}
