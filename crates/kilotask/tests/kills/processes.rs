//! The processes of a lab: found by the temporary folder in their environment, which all that it starts inherit and nobody
//! else has.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::thread::sleep;
use std::time::{Duration, Instant};

use procfs::process::{Process, all_processes};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

/// The longest that anything may take which the test waits for: far longer than it takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// All signals that are sent, with their names. What is stopped goes on later.
pub const SIGNALS: [(Signal, &str); 8] = [
    (Signal::KILL, "KILL"),
    (Signal::TERM, "TERM"),
    (Signal::INT, "INT"),
    (Signal::HUP, "HUP"),
    (Signal::QUIT, "QUIT"),
    (Signal::ABORT, "ABRT"),
    (Signal::SEGV, "SEGV"),
    (Signal::STOP, "STOP"),
];

/// A process, with when it was started: its number alone may be another's later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pid: i32,
    started: u64,
    command: String,
    /// Whether it has the lab's mark, as runners and peers and what they start.
    is_marked: bool,
}

impl Found {
    /// The process of this number, if it is at work and has this temporary folder.
    fn of(process: &Process, folder: &Path) -> Option<Self> {
        let stat = process.stat().ok().filter(|stat| !matches!(stat.state, 'Z' | 'X'))?;
        let environment = process.environ().ok()?;
        let is_ours = environment.get(OsStr::new("TMPDIR")).is_some_and(|value| Path::new(value) == folder);
        is_ours.then(|| Self {
            pid: process.pid,
            started: stat.starttime,
            command: process.cmdline().unwrap_or_default().join(" "),
            is_marked: environment.contains_key(OsStr::new("KILOTASK_LAB")),
        })
    }

    /// Whether it is still at work, whatever it has made of its environment.
    pub fn is_at_work(&self) -> bool {
        let stat = Process::new(self.pid).and_then(|process| process.stat());
        stat.is_ok_and(|stat| stat.starttime == self.started && !matches!(stat.state, 'Z' | 'X'))
    }

    /// Whether it is a runner, or something that a runner has started.
    pub fn is_of_a_runner(&self) -> bool {
        self.is_marked && !self.is_peer()
    }

    pub fn is_peer(&self) -> bool {
        self.is_marked && self.command.ends_with("/kilotask peer")
    }

    /// Sends it a signal, unless it is gone; whether it was sent.
    pub fn send(&self, signal: Signal) -> bool {
        let Some(pid) = Pid::from_raw(self.pid) else { return false };
        let Ok(pidfd) = pidfd_open(pid, PidfdFlags::empty()) else { return false };
        // From here on the number is no other's.
        self.is_at_work() && pidfd_send_signal(&pidfd, signal).is_ok()
    }
}

/// All that has this temporary folder.
pub fn all_with(folder: &Path) -> Vec<Found> {
    let all = all_processes().unwrap().flatten();
    all.filter_map(|process| Found::of(&process, folder)).collect()
}

/// All that descends from a process and has this temporary folder.
pub fn descendants(pid: i32, folder: &Path) -> Vec<Found> {
    let (mut found, mut open) = (Vec::new(), vec![pid]);
    while let Some(parent) = open.pop() {
        let Ok(tasks) = Process::new(parent).and_then(|process| process.tasks()) else { continue };
        let children = tasks.flatten().filter_map(|task| task.children().ok()).flatten();
        for child in children.filter_map(|pid| i32::try_from(pid).ok()) {
            found.extend(Process::new(child).ok().and_then(|process| Found::of(&process, folder)));
            open.push(child);
        }
    }
    found
}

/// Waits for the end of a process, at most so long; how it ended.
pub fn wait_at_most(child: &mut Child, time: Duration) -> Option<ExitStatus> {
    let began = Instant::now();
    loop {
        let ended = child.try_wait().unwrap();
        let left = time.saturating_sub(began.elapsed());
        if ended.is_some() || left.is_zero() {
            return ended;
        }
        sleep(Duration::from_millis(1).min(left));
    }
}

/// Waits until nothing with this temporary folder is at work, and nothing of what was known of it; gives what stays.
pub fn wait_for_the_end_of(folder: &Path, known: &[Found]) -> Vec<Found> {
    let began = Instant::now();
    loop {
        let mut left = all_with(folder);
        left.extend(known.iter().filter(|found| found.is_at_work()).cloned());
        if left.is_empty() || began.elapsed() > PATIENCE {
            return left;
        }
        sleep(Duration::from_millis(5));
    }
}

/// What is in a folder and in all folders in it; without what Python compiles and what a build makes.
pub fn names_in(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_path_buf()]);
    while let Some(inner) = open.pop() {
        for entry in std::fs::read_dir(inner).into_iter().flatten().flatten() {
            let name = entry.file_name();
            if ["__pycache__", "build", "packages"].iter().any(|other| name == *other) {
                continue;
            }
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                open.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}
