//! Every way in which a runner may fail or lie is found out, by its right name and with the remedy.
//!
//! The runner is `liars/runner.sh`. Its honest self answers every question rightly; each lie changes one thing.

use std::fs;
use std::path::Path;
use std::sync::RwLock;
use std::time::{Duration, Instant};

use harness::conformance::{Answer, Finding, Questions, TrialQuestion, examine};
use harness::discover::{Runtime, discover};
use harness::process::{Bounds, adopt_orphans};
use harness::trial::Instruments;

/// What runners leave behind comes to this process, and cannot be distinguished from what another test's runner
/// leaves behind at the same time: those that leave something take this alone.
static ALONE: RwLock<()> = RwLock::new(());
/// The lies of which a process is left behind, for a moment at least.
const LEAVING: [&str; 3] = ["leaves-a-child", "leaves-a-daemon", "child-that-follows"];

/// Time for an honest process on a busy machine.
const LONG: Duration = Duration::from_secs(60);
/// Time for a runner that hangs.
const SHORT: Duration = Duration::from_secs(2);

/// The runtime of the one runner of a checkout.
fn liar(checkout: &Path, lie: &str) -> Runtime {
    let runner = checkout.join("runners/liar");
    fs::create_dir_all(&runner).unwrap();
    fs::write(runner.join("runner.sh"), include_str!("liars/runner.sh")).unwrap();
    let manifest = format!("command = [\"sh\", \"runner.sh\", \"{lie}\"]");
    fs::write(runner.join("runner.toml"), manifest).unwrap();
    discover(checkout).unwrap().remove(0)
}

fn ask(lie: &str, timeout: Duration, choose: impl FnOnce(&mut Questions)) -> Vec<Finding> {
    let leaves = LEAVING.contains(&lie);
    let _held = (leaves.then(|| ALONE.write()), (!leaves).then(|| ALONE.read()));
    adopt_orphans();
    let checkout = tempfile::tempdir().unwrap();
    let liar = liar(checkout.path(), lie);
    let mut questions = Questions::of(&liar, 2);
    choose(&mut questions);
    let mut instruments = Instruments::plain(Bounds::uninterrupted(timeout, 1 << 30));
    examine(&liar, &questions, 1_700_000_000_000_000, &mut instruments).unwrap()
}

/// Asks a liar one question: on the wire, by its name, or a trial of a workload, of two tasks and two rounds, or with
/// what follows it: `sleep tasks=100`, `mixed slices=500`.
fn ask_one(lie: &str, question: &str, timeout: Duration) -> Finding {
    let (changes, words): (Vec<&str>, Vec<&str>) = question.split(' ').partition(|word| word.contains('='));
    let question = words.join(" ");
    let is_it = |trial: &TrialQuestion| {
        trial.cell.workload == question && trial.cell.tasks == 2 && trial.variant.is_empty()
    };
    ask(lie, timeout, |questions| {
        questions.wire.retain(|wire| wire.name() == question);
        questions.trials.retain(is_it);
        assert_eq!(questions.count(), 1, "{question}");
        for (name, value) in changes.iter().filter_map(|change| change.split_once('=')) {
            let (cell, value) = (&mut questions.trials[0].cell, value.parse().unwrap());
            if name == "tasks" {
                cell.tasks = value;
            } else {
                assert!(cell.params.insert(name.into(), value).is_some(), "{name}");
            }
        }
    })
    .remove(0)
}

/// That a finding is a failure of this kind, with these words in the reason and these in the remedy.
fn assert_fails(finding: &Finding, status: &str, reason: &str, remedy: &str) {
    let is = finding.status.map(|status| status.to_string());
    assert_eq!((finding.verdict, is.as_deref()), (Answer::Fails, Some(status)), "{finding:?}");
    assert!(finding.reason.contains(reason), "no {reason:?} in {finding:?}");
    assert!(
        finding.remedy.as_ref().is_some_and(|words| words.contains(remedy)),
        "no {remedy:?} in {finding:?}"
    );
    assert!(finding.reproduce.is_some() || status == "unsupported", "{finding:?}");
}

/// Asserts that each lie of a table is found out. A row has the lie, the question that shows it, the
/// status, words of the reason and words of the remedy. A hang ends at the time limit.
fn found_out(table: &str) {
    for row in table.trim().lines() {
        let columns: Vec<&str> = row.split('|').map(str::trim).collect();
        let [lie, question, status, reason, remedy] = columns[..] else { panic!("columns of {row}") };
        let timeout = if status == "timeout" { SHORT } else { LONG };
        eprintln!("{row}");
        assert_fails(&ask_one(lie, question, timeout), status, reason, remedy);
    }
}

#[test]
fn the_honest_runner_conforms() {
    // The kernel's memory is that of the whole machine: while other tests take some, a hold of nothing may look like one of
    // something. Then it is asked again.
    let is_told = |findings: &Vec<Finding>| {
        findings.iter().any(|it| (it.verdict, &*it.question) == (Answer::Note, "hold 1000"))
    };
    let mut answers = (0..20).map(|_| ask("honest", LONG, |_| ()));
    let findings = answers.find(is_told).expect("a hold of nothing is told in one of 20 times");
    let (held, others): (Vec<&Finding>, Vec<&Finding>) =
        findings.iter().partition(|finding| finding.verdict == Answer::Holds);
    let [disclaimed, note] = &others[..] else { panic!("{others:?}") };
    // It holds nothing, as a shell has no tasks: that is told, whatever it is that claims to hold a thousand.
    assert_eq!((note.verdict, &*note.question), (Answer::Note, "hold 1000"));
    assert!(note.reason.contains("took no memory and no threads"), "{note:?}");
    assert_eq!((disclaimed.verdict, &*disclaimed.reason), (Answer::Declined, "no such workload"));
    assert!(held.iter().any(|finding| finding.question.contains("pause")), "{held:?}");
    assert!(findings.len() > 20, "{} questions", findings.len());
}

#[test]
fn work_that_is_not_done_or_not_as_it_was_asked() {
    found_out(
        r#"
skips-a-task       | spawn | wrong | 1 of 2 tasks completed            | when it is joined
skips-in-secret    | spawn | wrong | checksum                          | a task was lost
skips-in-secret    | spawn | wrong | task 1 is missing from it         | what each task returned
constant-checksum  | spawn | wrong | checksum "42"                     | what each task returned
sums-all-rounds    | spawn | wrong | the sum of all rounds so far      | from 0 in each round
forgets-the-seed   | spawn | wrong | the sum for seed 0                | what each task returned
one-round          | spawn | wrong | 1 of 2 rounds reported            | each round
one-after-another  | sleep | wrong | at most 1 tasks in flight              | before joining the first
wakes-early        | sleep | wrong | woke early: after 10000000 ns of 20000000 | never down
long-makespan      | spawn | wrong | passed from go to done            | nanoseconds
never-holds        | hold  | wrong | held in 0 of 2 rounds             | send `holding`
too-few-spans      | sleep | wrong | spans have 32 bytes; 64 were expected | 16 bytes per span
too-many-spans     | sleep | wrong | spans have 96 bytes; 64 were expected | 16 bytes per span
no-spans           | sleep | wrong | spans cannot be read              | spans_file
backwards-spans    | sleep | wrong | before it started                 | its start and then its finish
"#,
    );
}

#[test]
fn makespans_counts_sums_and_usage_that_cannot_be() {
    found_out(
        "
no-makespan         | spawn | wrong | a makespan of 0 ns | one monotonic clock
negative-makespan   | spawn | protocol-error | invalid value | one JSON object per line
fractional-makespan | spawn | protocol-error | invalid type | one JSON object per line
textual-makespan    | spawn | protocol-error | invalid type | one JSON object per line
endless-makespan    | spawn | wrong | makespans add up to 18446744073709551615 ns, but only | one monotonic clock
hidden-time         | spawn | wrong | passed from go to done, without the pauses | next to nothing is done
one-task-more       | spawn | wrong | 3 of 2 tasks completed      | when it is joined
no-task             | spawn | wrong | 0 of 2 tasks completed      | when it is joined
signed-checksum     | spawn | wrong | is not a decimal whole number | what each task returned
number-for-checksum | spawn | protocol-error | expected a string | one JSON object per line
three-rounds        | spawn | wrong | 3 of 2 rounds reported      | each round
no-rounds           | spawn | wrong | 0 of 2 rounds reported      | each round
works-for-days      | spawn | wrong | all CPUs together had       | the difference of two readings
negative-usage      | spawn | protocol-error | invalid value      | one JSON object per line
knows-no-seed       | spawn | wrong | checksum                    | what each task returned
",
    );
}

#[test]
fn spans_that_cannot_be() {
    found_out(
        "
spans-after-makespan | sleep           | wrong | after the makespan                 | its start and then its finish
half-a-span          | sleep           | wrong | spans have 60 bytes; 64            | 16 bytes per span
copied-spans         | sleep tasks=100 | wrong | all 100 spans have the same start  | reads the clock itself
claims-a-pool        | sleep           | wrong | 2 tasks in flight on 1 workers     | do not set `blocks_worker`
",
    );
}

#[test]
fn events_out_of_turn() {
    found_out(
        r#"
refuses-after-go     | spawn | protocol-error | expected done, got {"event":"refused" | refused before `ready`
refuses-as-ok        | spawn | protocol-error | expected ready, got {"event":"refused","status":"ok" | before any task has run
refuses-as-wrong     | spawn | protocol-error | expected ready, got {"event":"refused","status":"wrong" | before any task has run
ready-twice          | spawn | protocol-error | expected done, got {"event":"ready"}  | each once in a round
holds-in-spawn       | spawn | protocol-error | expected done, got {"event":"holding"} | only in `hold`
holds-too-often      | hold  | protocol-error | expected done, got {"event":"holding"} | each once in a round
holds-once           | hold  | wrong          | held in 1 of 2 rounds                 | in each round
serves-in-spawn      | spawn | protocol-error | expected done, got {"event":"serving" | only in `echo`
unknown-event        | spawn | protocol-error | unknown variant `resting`             | carries only events
done-at-once         | spawn | protocol-error | expected ready, got {"event":"done"   | before any task has run
done-twice           | spawn | protocol-error | after its last event                  | carries only events
two-events-in-a-line | spawn | protocol-error | trailing characters                   | one JSON object per line
a-list-for-an-event  | spawn | protocol-error | not a JSON object                     | one JSON object per line
ready-without-a-job  | spawn | protocol-error | expected done, got {"event":"ready"}  | each once in a round
"#,
    );
}

/// Before it has read the job it knows no seed, so that it does no harm; but it cannot refuse any more.
#[test]
fn a_runner_that_is_ready_before_it_has_read_the_job_gains_nothing() {
    assert_eq!(ask_one("ready-before-the-job", "spawn", LONG).verdict, Answer::Holds);
    found_out(
        "ready-before-the-job | refuses 0 tasks | protocol-error | expected refused, got | check the job",
    );
}

#[test]
fn a_description_that_cannot_be() {
    let describes = |lie| ask(lie, LONG, |_| ()).remove(0);
    let changes_the_work = describes("renames-a-workload-s-parameter");
    let reason = "its parameter duration_ns is one of sleep";
    assert_fails(&changes_the_work, "protocol-error", reason, "another name");
    let is_old = describes("old-protocol");
    assert_fails(&is_old, "protocol-error", "uses protocol 1; this harness supports 2", "From version 1");
}

/// A runner without tasks is caught in these workloads, by what only work can bring.
#[test]
fn a_runner_that_runs_no_task_is_caught_where_the_lab_has_eyes() {
    found_out(
        "
cheats           | request           | wrong | answered 0 requests instead of 4            | one request
cheats           | file-read         | wrong | checksum                                    | a task was lost
cheats           | cpu               | wrong | checksum                                    | a task was lost
cheats           | cpu steps=1000000000 | wrong | of CPU time from go to done; what was asked takes 4000000000 ns | after go
cheats           | mixed slices=5000 | wrong | of CPU time from go to done; what was asked | after go
cheats-and-burns | mixed             | wrong | beat 1 of task 0 began before               | one after another
cheats           | echo              | wrong | served 0 of 2 rounds                        | listen on 127.0.0.1
serves-abroad    | echo              | wrong | which is not a loopback address             | listen on 127.0.0.1
",
    );
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let lie = format!("serves-at-another={}", server.local_addr().unwrap());
    let reason = "no process of the runner's listens at 127.0.0.1";
    assert_fails(&ask_one(&lie, "echo", LONG), "wrong", reason, "listen in the runner's own process");
}

/// In these it is not, which PROTOCOL.md owns up to.
#[test]
fn what_a_runner_that_runs_no_task_can_make_up_is_in_the_protocol() {
    let page = include_str!("../../../PROTOCOL.md");
    let (_, made_up) = page.split_once("### What a runner could make up").expect("its section");
    let workloads =
        ["spawn", "yield", "ping-pong", "fan-in", "skynet", "mutex", "sleep", "blocking", "hold", "brigade"];
    for workload in workloads {
        let finding = ask_one("cheats", workload, LONG);
        assert_eq!(
            finding.verdict,
            Answer::Holds,
            "it is caught now, and the page says it could not be: {finding:?}"
        );
        assert!(made_up.contains(&format!("`{workload}`")), "{workload} is not on the page");
    }
}

#[test]
fn hangs_in_a_trial() {
    found_out(
        "
never-ready          | spawn | timeout | not done within 2s: it never said ready      | flush
hangs-after-ready    | spawn | timeout | after ready and go, nothing more came        | never ended
hangs-after-holding  | hold  | timeout | after holding and go, nothing more came      | `go`
ignores-end-of-input | spawn | timeout | did not end when its input was closed        | to its end
no-newline           | spawn | timeout | in the middle of a line                      | newline
",
    );
}

#[test]
fn hangs_when_the_harness_is_gone() {
    found_out(
        "
ignores-end-at-ready   | ends when go does not come | timeout | although its input had ended | at every checkpoint
never-ready            | ends when go does not come | timeout | it never said ready        | flush
ignores-end-at-holding | ends when go does not come at holding | timeout | although its input had ended | at every checkpoint
",
    );
}

#[test]
fn bad_ends_and_words_that_are_no_events() {
    found_out(
        r#"
exits-with-3    | spawn | crashed        | exit status: 3 after done: could not clean up | with 0
crashes         | spawn | crashed        | signal: 11                                    | by hand
crashes-aloud   | spawn | crashed        | before it was done: A fatal error             | by hand
half-a-line     | spawn | crashed        | in the middle of a line                       | newline
rubbish         | spawn | protocol-error | Hello, world!                                 | standard error
not-utf-8       | spawn | protocol-error | not UTF-8                                     | spans_file
talks-on        | spawn | protocol-error | "bye\n" after its last event                  | standard error
gives-no-reason | hold  | protocol-error | unsupported without a reason                  | says why
"#,
    );
}

#[test]
fn wrong_answers_on_the_wire() {
    found_out(
        r#"
serves-any-protocol | refuses another protocol version | protocol-error | expected refused, got {"event":"ready"} | check the job
serves-any-protocol | refuses 0 tasks                  | protocol-error | expected refused                        | check the job
serves-any-protocol | refuses an unknown runtime       | protocol-error | expected refused                        | check the job
serves-any-protocol | refuses an unknown workload      | protocol-error | expected refused                        | check the job
serves-any-protocol | by its own description           | protocol-error | expected refused                        | check the job
crashes-on-rubbish  | refuses a job that is not JSON   | crashed        | without an answer: cannot: not a job    | `refused`
counts-the-pause    | counts no pause at holding       | wrong          | a pause of 50000000 ns                  | without the time spent at `holding`
"#,
    );
}

#[test]
fn a_failure_can_be_reproduced_by_a_command() {
    let command = ask_one("skips-in-secret", "sleep", LONG).reproduce.unwrap();
    let expected = "kilotask trial liar sleep --tasks 2 --workers 2 --rounds 2 --seed 1700000000000000 \
                    --param duration_ns=20000000";
    assert_eq!(command, expected);
    let command = ask_one("serves-any-protocol", "refuses 0 tasks", LONG).reproduce.unwrap();
    assert!(command.starts_with("printf '%s\\n' '{\"protocol\":2,\"runtime\":\"liar\""), "{command}");
    assert!(command.ends_with("(cd runners/liar && sh runner.sh serves-any-protocol)"), "{command}");
}

#[test]
fn a_runner_that_hangs_is_not_asked_for_ever() {
    let findings = ask("never-ready", Duration::from_secs(1), |questions| questions.wire.clear());
    let verdicts: Vec<Answer> = findings.iter().map(|finding| finding.verdict).collect();
    assert_eq!(verdicts, [Answer::Fails, Answer::Fails, Answer::Note]);
    assert!(findings[2].reason.contains("fix that first"), "{findings:?}");
}

#[test]
fn a_line_of_a_gigabyte_costs_neither_time_nor_memory() {
    let began = Instant::now();
    found_out("endless-line | spawn | protocol-error | line of more than 1048576 bytes | one short line");
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kib: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(kib < 200 << 10, "this process took {kib} KiB");
}

#[test]
fn a_child_that_outlives_its_runner() {
    for lie in ["leaves-a-child", "leaves-a-daemon"] {
        let reason = "left 1 processes behind when it ended: sleep";
        assert_fails(&ask_one(lie, "spawn", LONG), "wrong", reason, "wait for every process");
    }
}

#[test]
fn a_helper_that_notices_the_end_and_follows_is_none() {
    let finding = ask_one("child-that-follows", "spawn", LONG);
    assert_eq!(finding.verdict, Answer::Holds, "{finding:?}");
}

#[test]
fn a_claim_that_every_trial_declines() {
    let findings = ask("cannot-hold", LONG, |questions| {
        questions.wire.clear();
        questions.trials.retain(|question| question.cell.workload == "hold");
    });
    let (last, trials) = findings.split_last().unwrap();
    assert!(trials.iter().all(|finding| finding.verdict == Answer::Declined), "{trials:?}");
    let reason = "claims hold and answers unsupported: it has no barrier";
    assert_fails(last, "unsupported", reason, "`unsupported`");
}

#[test]
fn another_version_of_the_protocol_in_the_description() {
    let finding = ask("other-protocol", LONG, |_| ()).remove(0);
    assert_fails(&finding, "protocol-error", "uses protocol 3; this harness supports 2", "PROTOCOL.md");
}

#[test]
fn a_limit_on_open_files_that_is_not_named() {
    let findings = ask("hides-the-limit", LONG, |questions| {
        questions.wire.clear();
        questions.trials.retain(|question| question.open_files.is_some());
    });
    let command = findings[0].reproduce.as_deref().unwrap();
    assert!(command.starts_with("(ulimit -Sn 256; kilotask trial liar file-read"), "{command}");
    assert_fails(&findings[0], "protocol-error", "this does not name ulimit -n", "count the files");
}
