//! A process that outlives the lab, and then ends what the lab left.
//!
//! The kernel ends a runner when the lab is killed, but not what the runner has started: the workers of Python's
//! multiprocessing would go on and use all cores. So all that the lab starts has a mark in its environment, which is
//! inherited. It is also in a control group of the lab's own, if the lab may make one. Another process waits for the end of
//! the lab, at the other end of a pipe.

use std::ffi::OsStr;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{LazyLock, OnceLock};
use std::thread::sleep;
use std::time::{Duration, Instant};

use procfs::process::Process;
use rustix::process::{Pid, Signal, kill_process};

use super::group;
use super::orphans::supervised;
use crate::scratch;

/// The variable that marks what a lab has started, with the lab's own mark as its value.
const MARK: &str = "KILOTASK_LAB";

/// The mark of this lab: another one each time.
fn mark() -> &'static str {
    static OURS: LazyLock<String> =
        LazyLock::new(|| format!("{}-{:016x}", std::process::id(), RandomState::new().hash_one(())));
    &OURS
}

/// Marks what the command starts, so that it ends with this lab.
pub fn mark_as_ours(command: &mut Command) {
    command.env(MARK, mark());
}

/// How long what was marked may take to be gone; some of it may start more.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long to wait before looking again.
const PAUSE: Duration = Duration::from_millis(20);

/// How often nothing marked must be found before it is believed: a process may be on its way from fork to exec.
const LOOKS: u32 = 3;

/// Starts the process that outlives this one: a command that gets our mark as its last argument, and calls [`keep`].
/// Once; it needs nothing but to be started.
///
/// # Errors
/// When it cannot be started.
pub fn start_keeper(command: &mut Command) -> io::Result<()> {
    /// Its input, which ends when we do.
    static INPUT: OnceLock<ChildStdin> = OnceLock::new();
    // A group of its own: Ctrl-C and Ctrl-\ are for us alone. It must hold no stream of ours open.
    command.arg(mark()).process_group(0);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut supervised = supervised();
    let mut keeper = command.spawn()?;
    // It is no orphan that a runner left.
    supervised.push(Pid::from_child(&keeper));
    let _ = INPUT.set(keeper.stdin.take().expect("standard input is piped"));
    // The keeper is not in it. Where there is none, the marks have to do.
    let _ = group::enter(mark());
    Ok(())
}

/// Waits for the end of the lab with this mark, that of `input`; then ends all that has its mark, and removes its
/// temporary files.
pub fn keep(mark: &str, mut input: impl Read) {
    let _ = io::copy(&mut input, &mut io::sink());
    let (began, mut looks) = (Instant::now(), 0);
    while looks < LOOKS && began.elapsed() < PATIENCE {
        let is_over = [group::end(mark), end_marked(mark)] == [true; 2];
        looks = if is_over { looks + 1 } else { 0 };
        sleep(PAUSE);
    }
    scratch::sweep();
}

/// Kills what a lab has left that was killed together with its keeper: processes with the mark of a lab that is gone, and
/// those in its group.
pub fn sweep_processes() {
    let is_of_none = |mark: &str| lab_of(mark).is_some_and(|lab| Process::new(lab).is_err());
    kill_where(is_of_none);
    let Some(ours) = own_namespace() else { return };
    group::end_where(is_of_none, |pid| namespace(pid).as_ref() == Some(&ours));
}

/// The process that a mark is of.
fn lab_of(mark: &str) -> Option<i32> {
    mark.split_once('-')?.0.parse().ok()
}

/// Kills every process with this mark; whether there was none.
fn end_marked(mark: &str) -> bool {
    kill_where(|value| value == mark) == 0
}

/// Kills every process whose mark is meant, and counts them. Those in another PID namespace than ours are left alone: the
/// numbers in their marks are not ours.
fn kill_where(is_meant: impl Fn(&str) -> bool) -> usize {
    let Some(ours) = own_namespace() else { return 0 };
    let is_left = |process: &Process| {
        // What is not ours to read is not ours to end.
        let environment = process.environ().unwrap_or_default();
        let mark = environment.get(OsStr::new(MARK)).and_then(|mark| mark.to_str());
        mark.is_some_and(&is_meant) && namespace(process.pid).as_ref() == Some(&ours)
    };
    let all = procfs::process::all_processes().into_iter().flatten().flatten();
    let left: Vec<Pid> = all.filter(is_left).filter_map(|process| Pid::from_raw(process.pid)).collect();
    for pid in &left {
        let _ = kill_process(*pid, Signal::KILL);
    }
    left.len()
}

/// The PID namespace of a process; `None` where it is not ours to know.
fn namespace(pid: i32) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/ns/pid")).ok()
}

fn own_namespace() -> Option<PathBuf> {
    Process::myself().ok().and_then(|me| namespace(me.pid))
}
