//! Our instruments and those of others agree on a plain program.
//!
//! Where the other tool or the kernel's permission is missing, the test says so, and asserts that
//! the instrument gives its reason.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use harness::counters::Counters;
use harness::memory;
use harness::process::{Bounds, Supervised};
use harness::trace::SyscallTracer;

const BOUNDS: Bounds = Bounds::uninterrupted(Duration::from_secs(60), u64::MAX);

/// Whether a tool is here; says so where it is not.
fn have(tool: &str) -> bool {
    let found =
        Command::new(tool).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !found {
        eprintln!("{tool} is not here: nothing to compare with");
    }
    found
}

/// A plain program that fills some 30 MiB and then waits for a line.
const GREEDY: &str = "x=$(head -c 30000000 /dev/zero | tr '\\0' x); echo full; read -r line";

#[test]
fn peak_resident_memory_agrees_with_gnu_time() {
    let mut greedy = Supervised::start(Command::new("sh").args(["-c", GREEDY]), BOUNDS).unwrap();
    assert_eq!(greedy.read_line().unwrap(), b"full");
    let ours = memory::read(greedy.id()).unwrap().resident_peak;
    assert!(ours > 30_000_000, "{ours}");

    if !have("/usr/bin/time") {
        return;
    }
    let output =
        Command::new("/usr/bin/time").args(["-v", "sh", "-c", GREEDY]).stdin(Stdio::null()).output().unwrap();
    let report = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = report.lines().find(|line| line.contains("Maximum resident")).unwrap();
    let theirs = line.rsplit(' ').next().unwrap().parse::<u64>().unwrap() * 1024;
    // A few pages more or less: two runs of a shell are not the same run.
    assert!(ours.abs_diff(theirs) < theirs / 50, "ours {ours}, theirs {theirs}");
}

/// A plain program with a known number of calls: 1000 reads and 1000 writes, and some of its own,
/// in three processes.
const CALLER: &str = "dd if=/dev/zero of=/dev/null bs=1 count=1000 2>/dev/null; (exit 0); /bin/true";

#[test]
fn system_calls_agree_with_strace() {
    let tracer = match SyscallTracer::new() {
        Ok(tracer) => tracer,
        Err(forbidden) => {
            let reason = forbidden.to_string();
            assert!(reason.contains("run as root"), "a reason without how to change that: {reason}");
            eprintln!("system calls cannot be counted here: {reason}");
            return;
        }
    };
    let ours = count(tracer);
    assert!(ours >= 2000, "{ours}");

    if !have("strace") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("calls");
    Command::new("strace").arg("-fco").arg(&report).args(["sh", "-c", CALLER]).status().unwrap();
    let report = fs::read_to_string(report).unwrap();
    let total = report.lines().find(|line| line.ends_with("total")).unwrap();
    // "100.00  0.012345  5  2345  6 total": the fourth column has the calls.
    let theirs: u64 = total.split_whitespace().nth(3).unwrap().parse().unwrap();
    // strace counts the first execve, and calls that a signal made restart, otherwise than we do.
    assert!(ours.abs_diff(theirs) <= 10, "ours {ours}, theirs {theirs}");
}

#[test]
fn what_the_harness_calls_itself_is_not_counted() {
    let Ok(tracer) = SyscallTracer::new() else { return };
    let mut counter = tracer.open().unwrap();
    fs::read_to_string("/proc/self/status").unwrap();
    assert_eq!(counter.read().unwrap(), 0);
}

/// A plain program that asks for a line, divides it among so many rounds of a loop, and asks for another.
const LOOP: &str =
    "while read -r times; do i=0; while [ $i -lt $times ]; do i=$((i+1)); done; echo done; done";

/// What `count` says of so many rounds of the loop, between two moments at which the program waits.
fn of_loop(mut start: Command, times: u32, count: impl FnOnce(u32, &mut dyn FnMut()) -> u64) -> u64 {
    let mut program = Supervised::start(&mut start, BOUNDS).unwrap();
    let mut work = |times: u32| {
        program.send(&format!("{times}\n")).unwrap();
        assert_eq!(program.read_line().unwrap(), b"done");
        program.id()
    };
    // Once before it is counted, as whatever is done for the first time takes more.
    let process = work(1);
    count(process, &mut || {
        work(times);
    })
}

fn shell() -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", LOOP]);
    shell
}

/// What the processor counts of so many rounds; `None`, and a word about it, where it counts nothing.
fn by_processor(counters: &Counters, times: u32) -> Option<u64> {
    match counters.hardware() {
        Ok(hardware) => {
            let mut counter = hardware.open().unwrap();
            Some(of_loop(shell(), times, |_, work| {
                counter.begin().unwrap();
                work();
                counter.end().unwrap().instructions.unwrap()
            }))
        }
        Err(why) => {
            let why = why.to_string();
            assert!(why.contains("install valgrind") || why.contains("run as root"), "{why}");
            eprintln!("the processor does not count instructions here: {why}");
            None
        }
    }
}

/// The same of callgrind.
fn by_callgrind(counters: &Counters, times: u32) -> Option<u64> {
    match counters.callgrind() {
        Ok(callgrind) => {
            let folder = tempfile::tempdir().unwrap();
            let (start, emulation) = callgrind.emulate(&shell(), folder.path(), BOUNDS);
            Some(of_loop(start, times, |process, work| {
                emulation.begin(process).unwrap();
                work();
                emulation.end(process).unwrap()
            }))
        }
        Err(why) => {
            let why = why.to_string();
            assert!(why.contains("install valgrind") || why.contains("under valgrind"), "{why}");
            eprintln!("callgrind does not count instructions here: {why}");
            None
        }
    }
}

#[test]
fn more_work_is_more_instructions_and_the_processor_and_callgrind_agree() {
    let counters = Counters::find();
    let by_processor = [1000, 2000].map(|times| by_processor(&counters, times));
    let by_callgrind = [1000, 2000].map(|times| by_callgrind(&counters, times));
    for counted in [by_processor, by_callgrind] {
        let [Some(once), Some(twice)] = counted else { continue };
        assert!(once > 100_000 && twice > once + once / 2, "{once}, {twice}");
    }
    if let ([Some(once), Some(twice)], [Some(same), Some(again)]) = (by_processor, by_callgrind) {
        let (ours, theirs) = (twice - once, again - same);
        assert!(ours.abs_diff(theirs) < theirs / 20, "the processor {ours}, callgrind {theirs}");
    }
}

fn count(tracer: SyscallTracer) -> u64 {
    let mut counter = tracer.open().unwrap();
    let mut caller = Supervised::start(Command::new("sh").args(["-c", CALLER]), BOUNDS).unwrap();
    assert!(caller.finish().unwrap().success());
    counter.read().unwrap()
}
