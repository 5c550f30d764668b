//! Every way in which a runner may fail or lie is found out, by its right name and with the remedy.
//!
//! The runner is `liars/runner.sh`. Its honest self answers every question rightly; each lie changes one thing.

use std::fs;
use std::sync::RwLock;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use harness::conformance::{Answer, Finding, Questions, TrialQuestion, WireQuestion, examine};
use harness::discover::{Runtime, discover};
use harness::peers::Peers;
use harness::process::{Bounds, adopt_orphans};
use harness::trial::Instruments;
use protocol::{Status, Workload};
use tempfile::TempDir;

/// What runners leave behind comes to this process, and cannot be told from what another test's runner
/// leaves behind at the same time: tests that leave something take this alone.
static ALONE: RwLock<()> = RwLock::new(());

/// Time for an honest process on a busy machine.
const LONG: Duration = Duration::from_secs(60);
/// Time for a runner that hangs.
const SHORT: Duration = Duration::from_secs(2);

/// A checkout with one runner.
struct Checkout {
    folder: TempDir,
}

impl Checkout {
    fn with(lie: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runner = folder.path().join("runners/liar");
        fs::create_dir_all(&runner).unwrap();
        fs::write(runner.join("runner.sh"), include_str!("liars/runner.sh")).unwrap();
        fs::write(runner.join("runner.toml"), format!("command = [\"sh\", \"runner.sh\", \"{lie}\"]"))
            .unwrap();
        Self { folder }
    }

    fn liar(&self) -> Runtime {
        discover(self.folder.path()).unwrap().remove(0)
    }
}

fn ask(lie: &str, timeout: Duration, choose: impl FnOnce(&mut Questions)) -> Vec<Finding> {
    static GO_ON: AtomicBool = AtomicBool::new(false);
    adopt_orphans();
    let checkout = Checkout::with(lie);
    let liar = checkout.liar();
    let mut questions = Questions::of(&liar, 2);
    choose(&mut questions);
    let bounds = Bounds { timeout, memory_bytes: 1 << 30, interrupted: &GO_ON };
    let mut instruments = Instruments { tracer: None, bounds, peers: Peers::new([]) };
    examine(&liar, &questions, 1_700_000_000_000_000, &mut instruments).unwrap()
}

/// Asks a liar one trial of a workload, of two tasks and two rounds.
fn trial(lie: &str, workload: &str, timeout: Duration) -> Finding {
    let only = |question: &TrialQuestion| {
        question.cell.workload == workload && question.cell.tasks == 2 && question.variant.is_empty()
    };
    ask(lie, timeout, |questions| {
        questions.wire.clear();
        questions.trials.retain(only);
    })
    .remove(0)
}

fn wire(lie: &str, question: WireQuestion, timeout: Duration) -> Finding {
    ask(lie, timeout, |questions| {
        questions.wire = vec![question];
        questions.trials.clear();
    })
    .remove(0)
}

/// That a finding is a failure of this kind, with these words in the reason and these in the remedy.
fn assert_fails(finding: &Finding, status: Status, reason: &str, remedy: &str) {
    assert_eq!((finding.verdict, finding.status), (Answer::Fails, Some(status)), "{finding:?}");
    assert!(finding.reason.contains(reason), "{finding:?}");
    assert!(finding.remedy.is_some_and(|words| words.contains(remedy)), "{finding:?}");
    assert!(finding.reproduce.is_some() || status == Status::Unsupported, "{finding:?}");
}

/// Asserts that a lie shows in a trial.
fn caught(lie: &str, workload: &str, status: Status, reason: &str, remedy: &str) {
    let _together = ALONE.read();
    assert_fails(&trial(lie, workload, LONG), status, reason, remedy);
}

/// Asserts that a hang ends at the time limit, and that the reason says where it hung.
fn hang(lie: &str, workload: &str, reason: &str, remedy: &str) {
    let _together = ALONE.read();
    assert_fails(&trial(lie, workload, SHORT), Status::Timeout, reason, remedy);
}

#[test]
fn the_honest_runner_conforms() {
    let _together = ALONE.read();
    let findings = ask("honest", LONG, |_| ());
    let (held, others): (Vec<&Finding>, Vec<&Finding>) =
        findings.iter().partition(|finding| finding.verdict == Answer::Holds);
    let [disclaimed] = &others[..] else { panic!("{others:?}") };
    assert_eq!((disclaimed.verdict, &*disclaimed.reason), (Answer::Declined, "no such workload"));
    assert!(held.iter().any(|finding| finding.question.contains("pause")), "{held:?}");
    assert!(findings.len() > 20, "{} questions", findings.len());
}

#[test]
fn skipped_tasks() {
    caught("skips-a-task", "spawn", Status::Wrong, "1 of 2 tasks completed", "when it is joined");
    caught("skips-in-secret", "spawn", Status::Wrong, "checksum", "a task was lost");
}

#[test]
fn a_constant_checksum() {
    caught("constant-checksum", "spawn", Status::Wrong, "checksum \"42\"", "what it returned");
}

#[test]
fn a_sum_by_which_the_mistake_is_known() {
    caught("skips-in-secret", "spawn", Status::Wrong, "task 1 is missing from it", "what it returned");
    caught("sums-all-rounds", "spawn", Status::Wrong, "the sum of all rounds so far", "afresh in each round");
    caught("forgets-the-seed", "spawn", Status::Wrong, "the sum for seed 0", "what it returned");
}

#[test]
fn a_failure_can_be_reproduced_by_a_command() {
    let _together = ALONE.read();
    let command = trial("skips-in-secret", "sleep", LONG).reproduce.unwrap();
    let expected = "kilotask trial liar sleep --tasks 2 --workers 2 --rounds 2 --seed 1700000000000000 \
                    --param duration_ns=20000000";
    assert_eq!(command, expected);
    let command = wire("serves-any-protocol", WireQuestion::NoTasks, LONG).reproduce.unwrap();
    assert!(command.starts_with("printf '%s\\n' '{\"protocol\":1,\"runtime\":\"liar\""), "{command}");
    assert!(command.ends_with("(cd runners/liar && sh runner.sh serves-any-protocol)"), "{command}");
}

#[test]
fn a_round_left_out() {
    caught("one-round", "spawn", Status::Wrong, "1 rounds reported of 2", "each round");
}

#[test]
fn tasks_one_after_another() {
    caught("one-after-another", "sleep", Status::Wrong, "1 tasks in flight", "before joining the first");
}

#[test]
fn an_early_wake() {
    caught("wakes-early", "sleep", Status::Wrong, "woke early: after 10000000 ns of 20000000", "never down");
}

#[test]
fn more_time_than_passed() {
    caught("long-makespan", "spawn", Status::Wrong, "passed from go to done", "nanoseconds");
}

#[test]
fn a_hold_that_holds_nothing() {
    caught("never-holds", "hold", Status::Wrong, "without ever holding", "say `holding`");
}

#[test]
fn too_few_spans_too_many_and_none() {
    caught("too-few-spans", "sleep", Status::Wrong, "spans of 32 bytes, 64 expected", "16 bytes a span");
    caught("too-many-spans", "sleep", Status::Wrong, "spans of 96 bytes, 64 expected", "16 bytes a span");
    caught("no-spans", "sleep", Status::Wrong, "no spans", "spans_file");
}

#[test]
fn spans_that_run_backwards() {
    caught("backwards-spans", "sleep", Status::Wrong, "before it started", "its start and then its finish");
}

#[test]
fn a_hang_before_ready() {
    hang("never-ready", "spawn", "not done within 2s: it never said ready", "flush");
}

#[test]
fn a_hang_after_ready() {
    hang("hangs-after-ready", "spawn", "after ready and go, nothing more came", "never ended");
}

#[test]
fn a_hang_after_holding() {
    hang("hangs-after-holding", "hold", "after holding and go, nothing more came", "`go`");
}

#[test]
fn the_end_of_input_ignored_after_done() {
    hang("ignores-end-of-input", "spawn", "did not end when its input was closed", "to its end");
}

#[test]
fn the_end_of_input_ignored_at_ready() {
    let _together = ALONE.read();
    let finding = wire("ignores-end-at-ready", WireQuestion::NoGo, SHORT);
    assert_fails(&finding, Status::Timeout, "though its input had ended", "at every checkpoint");
}

#[test]
fn silence_instead_of_ready_is_named_as_such() {
    let _together = ALONE.read();
    let finding = wire("never-ready", WireQuestion::NoGo, SHORT);
    assert_fails(&finding, Status::Timeout, "it never said ready", "flush");
}

#[test]
fn a_runner_that_hangs_is_not_asked_for_ever() {
    let _together = ALONE.read();
    let findings = ask("never-ready", Duration::from_secs(1), |questions| questions.wire.clear());
    let verdicts: Vec<Answer> = findings.iter().map(|finding| finding.verdict).collect();
    assert_eq!(verdicts, [Answer::Fails, Answer::Fails, Answer::Note]);
    assert!(findings[2].reason.contains("repair that first"), "{findings:?}");
}

#[test]
fn bad_ends() {
    caught(
        "exits-with-3",
        "spawn",
        Status::Crashed,
        "exit status: 3 after done: could not clean up",
        "with 0",
    );
    caught("crashes", "spawn", Status::Crashed, "signal: 11", "by hand");
}

#[test]
fn rubbish_and_bytes_that_are_no_text() {
    caught("rubbish", "spawn", Status::ProtocolError, "Hello, world!", "standard error");
    caught("not-utf-8", "spawn", Status::ProtocolError, "not UTF-8", "spans_file");
}

#[test]
fn half_a_line() {
    caught("half-a-line", "spawn", Status::Crashed, "in the middle of a line", "newline");
    hang("no-newline", "spawn", "in the middle of a line", "newline");
}

#[test]
fn a_line_of_a_gigabyte_costs_neither_time_nor_memory() {
    let began = Instant::now();
    caught(
        "endless-line",
        "spawn",
        Status::ProtocolError,
        "line of more than 1048576 bytes",
        "one short line",
    );
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kib: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(kib < 200 << 10, "this process took {kib} KiB");
}

#[test]
fn a_child_that_outlives_its_runner() {
    let _alone = ALONE.write();
    for lie in ["leaves-a-child", "leaves-a-daemon"] {
        let finding = trial(lie, "spawn", LONG);
        assert_fails(
            &finding,
            Status::Wrong,
            "left 1 processes behind when it ended: sleep",
            "wait for every process",
        );
    }
}

#[test]
fn a_helper_that_notices_the_end_and_follows_is_none() {
    let _alone = ALONE.write();
    let finding = trial("child-that-follows", "spawn", LONG);
    assert_eq!(finding.verdict, Answer::Holds, "{finding:?}");
}

#[test]
fn a_claim_that_every_trial_declines() {
    let _together = ALONE.read();
    let findings = ask("cannot-hold", LONG, |questions| {
        questions.wire.clear();
        questions.trials.retain(|question| question.cell.workload == "hold");
    });
    let (last, trials) = findings.split_last().unwrap();
    assert!(trials.iter().all(|finding| finding.verdict == Answer::Declined), "{trials:?}");
    assert_fails(
        last,
        Status::Unsupported,
        "claims hold and answers unsupported: it has no barrier",
        "`unsupported`",
    );
}

#[test]
fn another_version_of_the_protocol() {
    let _together = ALONE.read();
    let finding = ask("other-protocol", LONG, |_| ()).remove(0);
    assert_fails(&finding, Status::ProtocolError, "speaks protocol 2, this harness 1", "PROTOCOL.md");
    let finding = wire("serves-any-protocol", WireQuestion::OtherVersion, LONG);
    assert_fails(
        &finding,
        Status::ProtocolError,
        "expected refused, got {\"event\":\"ready\"}",
        "check the job",
    );
}

#[test]
fn a_job_that_makes_no_sense() {
    let _together = ALONE.read();
    for question in [WireQuestion::NoTasks, WireQuestion::UnknownRuntime, WireQuestion::UnknownWorkload] {
        let finding = wire("serves-any-protocol", question, LONG);
        assert_fails(&finding, Status::ProtocolError, "expected refused", "check the job");
    }
    let finding = wire("crashes-on-rubbish", WireQuestion::Rubbish, LONG);
    assert_fails(&finding, Status::Crashed, "without an answer: cannot: not a job", "`refused`");
}

#[test]
fn words_after_the_last_event() {
    caught("talks-on", "spawn", Status::ProtocolError, "\"bye\\n\" after its last event", "standard error");
}

#[test]
fn what_only_a_held_runner_shows() {
    let _together = ALONE.read();
    let finding = wire("counts-the-pause", WireQuestion::Pause, LONG);
    assert_fails(&finding, Status::Wrong, "a pause of 50000000 ns", "without the time spent at `holding`");
    let finding = wire("ignores-end-at-holding", WireQuestion::NoGoAtHolding, SHORT);
    assert_fails(&finding, Status::Timeout, "though its input had ended", "at every checkpoint");
}

#[test]
fn a_workload_that_is_disclaimed_and_done_all_the_same() {
    let _together = ALONE.read();
    let finding = wire("serves-any-protocol", WireQuestion::Disclaimed(Workload::Yield), LONG);
    assert_fails(&finding, Status::ProtocolError, "expected refused", "check the job");
}

#[test]
fn a_refusal_that_does_not_say_why() {
    caught("gives-no-reason", "hold", Status::ProtocolError, "unsupported without a reason", "says why");
}

#[test]
fn limits_that_are_not_named() {
    let _together = ALONE.read();
    let finding = wire("hides-the-limit", WireQuestion::NoDirectIo, LONG);
    assert_fails(&finding, Status::ProtocolError, "too much: this does not name O_DIRECT", "direct I/O");
    let findings = ask("hides-the-limit", LONG, |questions| {
        questions.wire.clear();
        questions.trials.retain(|question| question.open_files.is_some());
    });
    let command = findings[0].reproduce.as_deref().unwrap();
    assert!(command.starts_with("(ulimit -Sn 256; kilotask trial liar file-read"), "{command}");
    assert_fails(&findings[0], Status::ProtocolError, "this does not name ulimit -n", "count the files");
}
