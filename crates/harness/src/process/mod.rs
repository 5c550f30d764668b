//! A runner as a process: started in a group of its own, listened to within bounds, always reaped.
//!
//! Everything a runner writes is input from a stranger. Lines are bounded, standard error is kept
//! only at its end, and whatever happens (end of time, too much memory, Ctrl-C, an early return in
//! our own code) the whole process group is killed and its leader reaped when [`Supervised`] goes.
//!
//! There is one poll for all that we wait for: output, errors, room in the runner's input, its end. Nothing else
//! blocks, so that the limits and Ctrl-C hold whatever the runner does.

mod group;
mod keeper;
mod orphans;
mod start;
mod telling;

use std::io::{self, Write};
use std::mem;
use std::os::fd::OwnedFd;
use std::process::{Child, ChildStdin, Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process_group};

pub use self::keeper::{keep, mark_as_ours, start_keeper, sweep_processes};
pub use self::orphans::adopt_orphans;
pub(crate) use self::orphans::is_proc_ours;
use self::orphans::{end_orphans, orphans, outlivers, supervised};
pub use self::start::NotStarted;
use crate::fault::Fault;
use crate::memory;
use crate::pipe::{Lines, Tail};
use crate::standstill;

/// How often a waiting harness checks memory and Ctrl-C. Rarely enough to leave the measured region
/// alone: a trial shorter than this is never checked.
const TICK: Duration = Duration::from_millis(200);

/// How often the memory of all processes of a trial is added up, which means to look at every process of the machine.
const TREE_TICK: Duration = Duration::from_secs(1);

/// How long a process that was killed may take to be gone.
const GONE_WITHIN: Duration = Duration::from_secs(5);

/// How long to wait for a killed process before looking again.
const PAUSE: Duration = Duration::from_millis(1);

/// How much is kept of what a runner writes after its last event, bytes.
const EXCERPT_BYTES: usize = 100;

/// The bounds within which a runner lives.
#[derive(Debug, Clone, Copy)]
pub struct Bounds<'a> {
    /// The whole life of the process.
    pub timeout: Duration,
    /// Resident memory, bytes.
    pub memory_bytes: u64,
    /// Set when the person at the terminal wants to stop.
    pub interrupted: &'a AtomicBool,
}

impl Bounds<'static> {
    /// Bounds of a process that nobody interrupts.
    pub const fn uninterrupted(timeout: Duration, memory_bytes: u64) -> Self {
        static NEVER: AtomicBool = AtomicBool::new(false);
        Self { timeout, memory_bytes, interrupted: &NEVER }
    }
}

impl Bounds<'_> {
    /// That so much memory, where it is known, is allowed.
    ///
    /// # Errors
    /// [`Fault::Memory`] where it is more.
    pub(crate) fn check_memory(&self, resident: Option<u64>) -> Result<(), Fault> {
        let limit = self.memory_bytes;
        match resident {
            Some(resident) if resident > limit => Err(Fault::Memory { resident, limit }),
            _ => Ok(()),
        }
    }
}

/// Why a runner was not heard out.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // The text of each says what it is.
pub enum Broken {
    #[error("ended before it was done")]
    Ended,
    #[error("not done within {}", humantime::format_duration(*.0))]
    Timeout(Duration),
    #[error(transparent)]
    TooMuch(#[from] Fault),
    #[error("interrupted")]
    Interrupted,
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// A runner process under supervision.
pub struct Supervised<'a> {
    child: Child,
    pidfd: OwnedFd,
    input: Option<ChildStdin>,
    /// What is to be written and did not fit into the pipe.
    unsent: Vec<u8>,
    /// Whether the input is to be closed once all is written.
    closes: bool,
    output: Lines<std::process::ChildStdout>,
    errors: Tail<std::process::ChildStderr>,
    started: Instant,
    bounds: Bounds<'a>,
    /// When its own memory was looked at last, and that of its tree.
    looked: [Instant; 2],
    exit: Option<ExitStatus>,
    left_behind: Vec<String>,
    traffic: Vec<Line>,
}

/// A line on the wire, without its newline.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Line {
    pub from: Side,
    pub text: String,
}

/// An end of the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The lab.
    Harness,
    /// The program that hosts runtimes.
    Runner,
}

impl<'a> Supervised<'a> {
    /// Starts a command in a process group of its own.
    ///
    /// # Errors
    /// That it cannot be started, and whose fault that is.
    pub fn start(command: &mut Command, bounds: Bounds<'a>) -> Result<Self, NotStarted> {
        let started = Instant::now();
        let (mut child, pidfd) = start::spawn(command)?;
        let input = child.stdin.take().expect("standard input is piped");
        let output = child.stdout.take().expect("standard output is piped");
        let errors = child.stderr.take().expect("standard error is piped");
        Ok(Self {
            input: Some(input),
            unsent: Vec::new(),
            closes: false,
            child,
            pidfd,
            output: Lines::new(output),
            errors: Tail::new(errors),
            started,
            bounds,
            looked: [started; 2],
            exit: None,
            left_behind: Vec::new(),
            traffic: Vec::new(),
        })
    }

    /// When the process was started.
    pub fn started(&self) -> Instant {
        self.started
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Writes a line to the runner: as much as its pipe takes now, the rest while it is waited for.
    pub fn send(&mut self, line: &str) -> io::Result<()> {
        self.traffic.push(Line { from: Side::Harness, text: line.trim_end().into() });
        self.unsent.extend_from_slice(line.as_bytes());
        self.write()
    }

    /// Writes what the pipe takes. What a runner that has closed its input was to read is forgotten.
    fn write(&mut self) -> io::Result<()> {
        while let Some(input) = &mut self.input
            && !self.unsent.is_empty()
        {
            match input.write(&self.unsent) {
                Ok(written) => drop(self.unsent.drain(..written)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.unsent.clear();
                    return Err(error);
                }
            }
        }
        if self.closes {
            self.input = None;
        }
        Ok(())
    }

    /// What both sides have said since it was last taken: each line that was sent or read, and the first
    /// one that the runner wrote while it was to [`finish`](Self::finish).
    pub fn take_traffic(&mut self) -> Vec<Line> {
        mem::take(&mut self.traffic)
    }

    /// The next line the runner writes, without its newline.
    pub fn read_line(&mut self) -> Result<Vec<u8>, Broken> {
        let line = self.wait_for_line(None)?;
        self.note(&line);
        Ok(line)
    }

    fn note(&mut self, line: &[u8]) {
        self.traffic.push(Line { from: Side::Runner, text: String::from_utf8_lossy(line).into_owned() });
    }

    /// The same. Meanwhile the errors of another process are read and its memory is looked at, as while it is waited for
    /// itself: with a full pipe it would stand still.
    ///
    /// # Errors
    /// As of `read_line`; or that the other one takes too much memory.
    pub fn read_line_beside(&mut self, other: &mut Supervised) -> Result<Vec<u8>, Broken> {
        let line = self.wait_for_line(Some(other))?;
        self.note(&line);
        Ok(line)
    }

    fn wait_for_line(&mut self, mut other: Option<&mut Supervised>) -> Result<Vec<u8>, Broken> {
        loop {
            if let Some(line) = self.output.next_line()? {
                return Ok(line);
            }
            if self.output.closed {
                return Err(Broken::Ended);
            }
            if self.wait_for_something(other.as_deref_mut())? {
                // The leader has ended; what it wrote before is still in the pipe. A descendant that
                // holds the pipe open must not keep us.
                self.output.fill()?;
                return self.output.next_line()?.ok_or(Broken::Ended);
            }
        }
    }

    /// Whether the process has ended by itself.
    pub fn has_ended(&self) -> bool {
        self.has_ended_within(Duration::ZERO)
    }

    /// Whether it has ended by itself, or does so before this time has passed.
    pub fn has_ended_within(&self, time: Duration) -> bool {
        let mut ended = [PollFd::new(&self.pidfd, PollFlags::IN)];
        poll(&mut ended, Some(&timespec(time))).is_ok_and(|ready| ready > 0)
    }

    /// Closes the input once all is written: there is nothing more to be said to it.
    pub fn close_input(&mut self) {
        self.closes = true;
        // That it reads no more is no error at the end.
        let _ = self.write();
    }

    /// Closes the runner's input and waits until it has ended; then no process of its group is left.
    pub fn finish(&mut self) -> Result<ExitStatus, Broken> {
        self.close_input();
        let mut noted = false;
        loop {
            let ended = self.wait_for_something(None)?;
            // Nothing more is to be said; a runner that talks on must not fill the pipe and stay.
            let excess = self.output.forget();
            if !noted && !excess.is_empty() {
                self.note(&excess[..excess.len().min(EXCERPT_BYTES)]);
                noted = true;
            }
            if ended {
                break;
            }
        }
        self.left_behind = outlivers();
        Ok(self.reap()?)
    }

    /// The names of the processes that were still at work when the leader, asked to
    /// [`finish`](Self::finish), had ended. Known only to a program that [adopts orphans](adopt_orphans).
    pub fn left_behind(&self) -> &[String] {
        &self.left_behind
    }

    /// What it wrote after its last whole line.
    pub fn half_line(&self) -> &[u8] {
        self.output.half_line()
    }

    /// Kills the group and all that its processes left, and reaps the leader; gives how the leader ended. Safe to call
    /// twice.
    ///
    /// It does not block: a process that another one traces cannot be reaped until that one is gone.
    pub fn reap(&mut self) -> Result<ExitStatus, Fault> {
        let began = Instant::now();
        while self.exit.is_none() {
            // While the leader is not reaped its group's number cannot be given to another.
            let _ = kill_process_group(pid_of(&self.child), Signal::KILL);
            let exit = self.child.try_wait();
            self.exit = exit.map_err(|error| Fault::cannot("wait for the runner", &error))?;
            let all_gone = end_orphans();
            if self.exit.is_some() || began.elapsed() > GONE_WITHIN {
                break;
            }
            if all_gone {
                let mut ended = [PollFd::new(&self.pidfd, PollFlags::IN)];
                let _ = poll(&mut ended, Some(&timespec(PAUSE)));
            }
            std::thread::sleep(PAUSE);
        }
        // From now on it is an orphan like others, if it is still there.
        supervised().retain(|pid| *pid != pid_of(&self.child));
        while !end_orphans() && began.elapsed() < GONE_WITHIN {
            std::thread::sleep(PAUSE);
        }
        self.exit.ok_or_else(|| Fault::Stays { pid: self.id(), limit: GONE_WITHIN })
    }

    /// Waits for output, errors or the end of the process; true when the process has ended. The errors of another one are
    /// taken meanwhile.
    fn wait_for_something(&mut self, mut other: Option<&mut Supervised>) -> Result<bool, Broken> {
        loop {
            if self.bounds.interrupted.load(Ordering::Relaxed) {
                return Err(Broken::Interrupted);
            }
            let left = self.bounds.timeout.saturating_sub(self.started.elapsed());
            if left.is_zero() {
                return Err(Broken::Timeout(self.bounds.timeout));
            }
            let [output, errors, input, ended] = self.poll(left.min(TICK), other.as_deref())?;
            if input {
                // That it does not read is no error here: its next word, or the lack of one, shows it.
                let _ = self.write();
            }
            if errors {
                self.errors.fill()?;
            }
            if output {
                self.output.fill()?;
            }
            self.check_memory()?;
            if let Some(other) = &mut other {
                other.errors.fill()?;
                other.check_memory()?;
            }
            if output || ended {
                return Ok(ended);
            }
        }
    }

    /// Whether there is output, there are errors, there is room for input, and the process has ended. Errors of another
    /// one end the wait as well.
    fn poll(&self, timeout: Duration, other: Option<&Supervised>) -> io::Result<[bool; 4]> {
        // A closed pipe reports a hang-up for ever: it is left out.
        let mut fds = vec![PollFd::new(&self.pidfd, PollFlags::IN)];
        if !self.output.closed {
            fds.push(PollFd::new(&self.output.from, PollFlags::IN));
        }
        if !self.errors.closed {
            fds.push(PollFd::new(&self.errors.from, PollFlags::IN));
        }
        let input = self.input.as_ref().filter(|_| !self.unsent.is_empty());
        if let Some(input) = input {
            fds.push(PollFd::new(input, PollFlags::OUT));
        }
        if let Some(other) = other.filter(|other| !other.errors.closed) {
            fds.push(PollFd::new(&other.errors.from, PollFlags::IN));
        }
        let began = Instant::now();
        match poll(&mut fds, Some(&timespec(timeout))) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        standstill::note_wait(timeout, began.elapsed());
        let mut ready = fds.iter().map(|fd| !fd.revents().is_empty());
        let mut next_is_ready = |watched: bool| watched && ready.next() == Some(true);
        let ended = next_is_ready(true);
        let output = next_is_ready(!self.output.closed);
        let errors = next_is_ready(!self.errors.closed);
        Ok([output, errors, next_is_ready(input.is_some()), ended])
    }

    /// Looks at the memory of the process, and less often at that of all that it has started, when it is time.
    fn check_memory(&mut self) -> Result<(), Broken> {
        let [own, tree] = self.looked.map(|last| last.elapsed());
        let resident = if tree >= TREE_TICK {
            self.looked = [Instant::now(); 2];
            Some(memory::resident_of_trees(&[&[pid_of(&self.child)], &*orphans()].concat()))
        } else if own >= TICK {
            self.looked[0] = Instant::now();
            memory::resident(self.id())
        } else {
            None
        };
        Ok(self.bounds.check_memory(resident)?)
    }
}

fn timespec(duration: Duration) -> Timespec {
    Timespec::try_from(duration).expect("a tick fits a timespec")
}

impl Drop for Supervised<'_> {
    fn drop(&mut self) {
        let _ = self.reap();
    }
}

fn pid_of(child: &Child) -> Pid {
    Pid::from_child(child)
}

#[cfg(test)]
mod tests;
