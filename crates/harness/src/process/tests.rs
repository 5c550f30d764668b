//! A runner that is a line of shell, and every way in which it can end.

use super::*;

fn shell(script: &str, timeout: Duration) -> Supervised<'static> {
    Supervised::start(Command::new("sh").args(["-c", script]), Bounds::uninterrupted(timeout, u64::MAX))
        .unwrap()
}

const LONG: Duration = Duration::from_secs(30);

#[test]
fn lines_come_one_by_one_and_the_end_is_an_end() {
    let mut runner = shell("echo one; printf 'two\\nthree'", LONG);
    assert_eq!(runner.read_line().unwrap(), b"one");
    assert_eq!(runner.read_line().unwrap(), b"two");
    assert!(matches!(runner.read_line(), Err(Broken::Ended)));
    assert!(runner.finish().unwrap().success());
}

#[test]
fn a_hang_ends_at_the_time_limit_and_takes_the_group_along() {
    let mut runner = shell("sleep 1000 & echo $!; wait", Duration::from_millis(500));
    let line = String::from_utf8(runner.read_line().unwrap()).unwrap();
    assert!(matches!(runner.read_line(), Err(Broken::Timeout(_))));
    drop(runner);
    assert!(is_gone(&line), "the grandchild outlived its group");
}

/// Whether a process is gone, or soon is: its parent has died with it, so that whoever adopts it
/// has to reap it.
fn is_gone(pid: &str) -> bool {
    let alive = || match std::fs::read_to_string(format!("/proc/{pid}/stat")) {
        Ok(stat) => !stat.contains(") Z "),
        Err(_) => false,
    };
    (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        !alive()
    })
}

#[test]
fn while_one_is_waited_for_another_can_write_errors_and_is_held_to_its_memory() {
    let folder = tempfile::tempdir().unwrap();
    let written = folder.path().join("written");
    let floods =
        format!("head -c 3000000 /dev/zero >&2; touch {0}; while [ -e {0} ]; do :; done", written.display());
    let mut other = shell(&floods, LONG);
    let waits = format!("while [ ! -e {} ]; do :; done; echo then", written.display());
    assert_eq!(shell(&waits, LONG).read_line_beside(&mut other).unwrap(), b"then");
    other.bounds.memory_bytes = 1;
    let broken = shell("sleep 1000", LONG).read_line_beside(&mut other).unwrap_err();
    assert!(matches!(broken, Broken::TooMuch(Fault::Memory { limit: 1, .. })), "{broken}");
}

#[test]
fn a_descendant_that_keeps_the_pipe_open_does_not_keep_us() {
    let mut runner = shell("echo one; (sleep 1000) & exit 3", LONG);
    assert_eq!(runner.read_line().unwrap(), b"one");
    assert!(matches!(runner.read_line(), Err(Broken::Ended)));
    assert_eq!(runner.finish().unwrap().code(), Some(3));
}

#[test]
fn a_runner_that_closes_its_output_and_stays_ends_at_the_time_limit() {
    let mut runner = shell("exec >&-; sleep 1000", Duration::from_millis(500));
    assert!(matches!(runner.read_line(), Err(Broken::Ended)));
    assert!(matches!(runner.finish(), Err(Broken::Timeout(_))));
}

#[test]
fn the_last_words_on_standard_error_are_kept_whatever_came_before() {
    let mut runner = shell("head -c 3000000 /dev/zero >&2; printf '\\nwhy\\n' >&2; exit 1", LONG);
    assert_eq!(runner.finish().unwrap().code(), Some(1));
    assert!(runner.stderr_tail().ends_with("why"));
}

#[test]
fn settings_that_no_one_stated_stay_outside() {
    let mut runner = shell("echo ${CARGO_MANIFEST_DIR:-nothing} $(test -n \"$PATH\" && echo path)", LONG);
    assert_eq!(runner.read_line().unwrap(), b"nothing path");
}

#[test]
fn too_much_memory_ends_a_runner() {
    let bounds = Bounds::uninterrupted(LONG, 1);
    let mut runner = Supervised::start(Command::new("sleep").arg("1000"), bounds).unwrap();
    assert!(matches!(runner.read_line(), Err(Broken::TooMuch(Fault::Memory { .. }))));
}

#[test]
fn the_memory_of_all_that_it_started_counts_also_while_it_talks() {
    let limit = 100 << 20;
    let script = "head -c 200000000 /dev/zero | tail -c 200000000 | sleep 1000 & \
                  while true; do echo still here >&2; sleep 0.01; done";
    let bounds = Bounds::uninterrupted(LONG, limit);
    let mut runner = Supervised::start(Command::new("sh").args(["-c", script]), bounds).unwrap();
    assert!(matches!(runner.read_line(), Err(Broken::TooMuch(Fault::Memory { .. }))));
}

#[test]
fn a_runner_that_reads_nothing_does_not_keep_us() {
    let mut runner = shell("sleep 1000", Duration::from_millis(500));
    for _ in 0..20 {
        runner.send(&"x".repeat(100_000)).unwrap();
    }
    assert!(matches!(runner.read_line(), Err(Broken::Timeout(_))));
    runner.close_input();
    assert!(matches!(runner.finish(), Err(Broken::Timeout(_))));
}

#[test]
fn what_does_not_fit_into_the_pipe_is_written_while_we_wait() {
    let mut runner = shell("sleep 0.1; wc -c", LONG);
    runner.send(&"x".repeat(1_000_000)).unwrap();
    runner.close_input();
    assert_eq!(runner.read_line().unwrap(), b"1000000");
    assert!(runner.finish().unwrap().success());
}

#[test]
fn a_process_that_another_one_traces_is_gone_all_the_same() {
    // The tracer is a daemon in a session of its own: the process cannot be reaped while that one lives.
    let script = "(setsid strace -qq -o /dev/null -p $$ 2> /dev/null &); sleep 0.5; echo $$; sleep 1000";
    let mut runner = shell(script, LONG);
    adopt_orphans();
    let pid = String::from_utf8(runner.read_line().unwrap()).unwrap();
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    if status.contains("TracerPid:\t0\n") {
        eprintln!(
            "there is no strace here, or it may not trace: a process that cannot be reaped is not tested"
        );
        return;
    }
    let began = Instant::now();
    runner.reap().unwrap();
    assert!(is_gone(&pid) && began.elapsed() < GONE_WITHIN);
}

#[test]
fn an_interrupt_ends_the_wait() {
    static STOP: AtomicBool = AtomicBool::new(true);
    let bounds = Bounds { interrupted: &STOP, ..Bounds::uninterrupted(LONG, u64::MAX) };
    let mut runner = Supervised::start(Command::new("sleep").arg("1000"), bounds).unwrap();
    assert!(matches!(runner.read_line(), Err(Broken::Interrupted)));
}
