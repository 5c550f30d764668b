//! A runner as a process: started in a group of its own, listened to within bounds, always reaped.
//!
//! Everything a runner writes is input from a stranger. Lines are bounded, standard error is kept
//! only at its end, and whatever happens (end of time, too much memory, Ctrl-C, an early return in
//! our own code) the whole process group is killed and its leader reaped when [`Supervised`] goes.

use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use protocol::wire::MAX_LINE_BYTES;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::process::{
    Pid, PidfdFlags, Resource, Rlimit, Signal, WaitOptions, getrlimit, kill_process, kill_process_group,
    pidfd_open, set_parent_process_death_signal, setrlimit, waitpid,
};

use crate::memory;
use crate::pipe::{LineTooLong, Lines, Tail};

/// How often a waiting harness looks at memory and at Ctrl-C. Rarely enough to leave the measured
/// region alone: a trial shorter than this is never looked at.
const TICK: Duration = Duration::from_millis(200);

/// How long a helper of a runner (a tracker of its language's library, say) may take to notice that
/// the runner has ended, and to end as well.
const GRACE: Duration = Duration::from_millis(100);

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

/// Why a runner was not heard out.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// It closed its output or ended.
    #[error("ended before it was done")]
    Ended,
    /// Its time was up.
    #[error("not done within {}", humantime::format_duration(*.0))]
    Timeout(Duration),
    /// It wrote a line longer than the protocol allows.
    #[error("wrote a line of more than {MAX_LINE_BYTES} bytes")]
    LineTooLong,
    /// It took more memory than it may.
    #[error("{resident} bytes resident, more than the limit of {limit} (--memory-limit)")]
    Memory {
        /// What it had, bytes.
        resident: u64,
        /// What it may have, bytes.
        limit: u64,
    },
    /// The person at the terminal wants to stop.
    #[error("interrupted")]
    Interrupted,
    /// The operating system would not.
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl From<LineTooLong> for Broken {
    fn from(_: LineTooLong) -> Self {
        Self::LineTooLong
    }
}

/// A runner process under supervision.
pub struct Supervised<'a> {
    child: Child,
    pidfd: OwnedFd,
    input: Option<ChildStdin>,
    output: Lines<std::process::ChildStdout>,
    errors: Tail<std::process::ChildStderr>,
    started: Instant,
    bounds: Bounds<'a>,
    reaped: bool,
    left_behind: Vec<String>,
}

impl<'a> Supervised<'a> {
    /// Starts a command in a process group of its own.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn start(command: &mut Command, bounds: Bounds<'a>) -> io::Result<Self> {
        settle_environment(command);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        die_with_the_harness(command);
        let started = Instant::now();
        let mut child = {
            // Held meanwhile, so that nobody takes the newborn for an orphan.
            let mut supervised = supervised();
            let child = command.spawn()?;
            supervised.push(pid_of(&child));
            child
        };
        let pidfd = pidfd_open(pid_of(&child), PidfdFlags::empty()).inspect_err(|_| {
            let _ = child.kill();
            let _ = child.wait();
            supervised().retain(|pid| *pid != pid_of(&child));
        })?;
        let output = child.stdout.take().expect("standard output is piped");
        let errors = child.stderr.take().expect("standard error is piped");
        set_nonblocking(&output)?;
        set_nonblocking(&errors)?;
        Ok(Self {
            input: child.stdin.take(),
            child,
            pidfd,
            output: Lines::new(output),
            errors: Tail::new(errors),
            started,
            bounds,
            reaped: false,
            left_behind: Vec::new(),
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

    /// Writes a line to the runner.
    ///
    /// # Errors
    /// When the runner has closed its input.
    pub fn send(&mut self, line: &str) -> io::Result<()> {
        let input = self.input.as_mut().expect("input is open until closed");
        input.write_all(line.as_bytes())
    }

    /// The next line the runner writes, without its newline.
    ///
    /// # Errors
    /// When none comes within the bounds.
    pub fn read_line(&mut self) -> Result<Vec<u8>, Broken> {
        loop {
            if let Some(line) = self.output.next_line()? {
                return Ok(line);
            }
            if self.output.closed {
                return Err(Broken::Ended);
            }
            if self.wait_for_something()? {
                // The leader has ended; what it wrote before is still in the pipe. A descendant that
                // holds the pipe open must not keep us.
                self.output.fill()?;
                return self.output.next_line()?.ok_or(Broken::Ended);
            }
        }
    }

    /// Whether the process has ended by itself.
    pub fn has_ended(&self) -> bool {
        let mut ended = [PollFd::new(&self.pidfd, PollFlags::IN)];
        poll(&mut ended, Some(&Timespec::default())).is_ok_and(|ready| ready > 0)
    }

    /// Closes the input: there is nothing more to be said to it.
    pub fn close_input(&mut self) {
        self.input = None;
    }

    /// Closes the runner's input and waits until it has ended; then no process of its group is left.
    ///
    /// # Errors
    /// When it does not end within the bounds.
    pub fn finish(&mut self) -> Result<ExitStatus, Broken> {
        self.close_input();
        while !self.wait_for_something()? {
            // Nothing more is to be said; a runner that talks on must not fill the pipe and stay.
            self.output.forget();
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

    /// The last lines of standard error, in one line for a table's cell; that there are none is told, too.
    pub fn stderr_tail(&mut self) -> String {
        let _ = self.errors.fill();
        let text = self.errors.text();
        let last: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        match &last[last.len().saturating_sub(2)..] {
            [] => "nothing on standard error".into(),
            last => last.join(" | "),
        }
    }

    /// Kills the group and reaps the leader; gives how the leader ended. Safe to call twice.
    ///
    /// # Errors
    /// When the leader cannot be waited for.
    pub fn reap(&mut self) -> io::Result<ExitStatus> {
        if !self.reaped {
            // While the leader is not reaped its group's number cannot be given to another.
            let _ = kill_process_group(pid_of(&self.child), Signal::KILL);
            self.reaped = true;
            let exit = self.child.wait();
            supervised().retain(|pid| *pid != pid_of(&self.child));
            end_orphans();
            return exit;
        }
        self.child.wait()
    }

    /// Waits for output, errors or the end of the process; true when the process has ended.
    fn wait_for_something(&mut self) -> Result<bool, Broken> {
        loop {
            if self.bounds.interrupted.load(Ordering::Relaxed) {
                return Err(Broken::Interrupted);
            }
            let left = self.bounds.timeout.saturating_sub(self.started.elapsed());
            if left.is_zero() {
                return Err(Broken::Timeout(self.bounds.timeout));
            }
            let [output, errors, ended] = self.poll(left.min(TICK))?;
            if errors {
                self.errors.fill()?;
            }
            if output {
                self.output.fill()?;
            }
            if output || ended {
                return Ok(ended);
            }
            if !errors {
                self.check_memory()?;
            }
        }
    }

    fn poll(&self, timeout: Duration) -> io::Result<[bool; 3]> {
        let timeout = Timespec::try_from(timeout).expect("a tick fits a timespec");
        // A closed pipe reports a hang-up for ever: it is left out.
        let mut fds = vec![PollFd::new(&self.pidfd, PollFlags::IN)];
        if !self.output.closed {
            fds.push(PollFd::new(&self.output.from, PollFlags::IN));
        }
        if !self.errors.closed {
            fds.push(PollFd::new(&self.errors.from, PollFlags::IN));
        }
        match poll(&mut fds, Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let mut ready = fds.iter().map(|fd| !fd.revents().is_empty());
        let mut next_is_ready = |watched: bool| watched && ready.next() == Some(true);
        let ended = next_is_ready(true);
        let output = next_is_ready(!self.output.closed);
        let errors = next_is_ready(!self.errors.closed);
        Ok([output, errors, ended])
    }

    fn check_memory(&self) -> Result<(), Broken> {
        let limit = self.bounds.memory_bytes;
        match memory::resident(self.id()) {
            Some(resident) if resident > limit => Err(Broken::Memory { resident, limit }),
            _ => Ok(()),
        }
    }
}

impl Drop for Supervised<'_> {
    fn drop(&mut self) {
        let _ = self.reap();
    }
}

/// What a runner inherits of our environment. Everything else would be a setting that no one stated:
/// `MALLOC_ARENA_MAX`, `TOKIO_WORKER_THREADS`, `PYTHONDONTWRITEBYTECODE` and their like.
const INHERITED: [&str; 6] = ["PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH", "JAVA_HOME"];

fn settle_environment(command: &mut Command) {
    command.env_clear();
    command.envs(INHERITED.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
}

/// Makes this process the one that inherits orphans, and every runner's descendants end with it,
/// even those that left its process group. For a program that starts nothing but runners, once, at
/// its start.
pub fn adopt_orphans() {
    if rustix::process::set_child_subreaper(Some(rustix::process::getpid())).is_ok() {
        ADOPTING.store(true, Ordering::Relaxed);
    }
}

/// Whether orphans come to us, so that every child that nobody supervises is one.
static ADOPTING: AtomicBool = AtomicBool::new(false);

/// The processes that are supervised now: a runner, and whatever stands opposite it.
static SUPERVISED: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

fn supervised() -> MutexGuard<'static, Vec<Pid>> {
    SUPERVISED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Kills and reaps every process that a runner left behind.
fn end_orphans() {
    if !ADOPTING.load(Ordering::Relaxed) {
        return;
    }
    // Their own children come to us once they are gone: until none is left.
    loop {
        let orphans = orphans();
        if orphans.is_empty() {
            return;
        }
        for orphan in orphans {
            let _ = kill_process(orphan, Signal::KILL);
            let _ = waitpid(Some(orphan), WaitOptions::empty());
        }
    }
}

/// The names of the orphans that are still at work after a grace. Where there is none, it takes one
/// look.
fn outlivers() -> Vec<String> {
    const LOOK_EVERY: Duration = Duration::from_millis(2);
    let began = Instant::now();
    loop {
        let at_work: Vec<String> = if ADOPTING.load(Ordering::Relaxed) {
            orphans().into_iter().filter_map(name_at_work).collect()
        } else {
            Vec::new()
        };
        if at_work.is_empty() || began.elapsed() >= GRACE {
            return at_work;
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// The name of a process that has not ended.
fn name_at_work(pid: Pid) -> Option<String> {
    let stat = procfs::process::Process::new(pid.as_raw_nonzero().get()).and_then(|it| it.stat()).ok()?;
    (!matches!(stat.state, 'Z' | 'X')).then_some(stat.comm)
}

/// Every child that nobody supervises.
fn orphans() -> Vec<Pid> {
    let supervised = supervised();
    let mut orphans = children();
    orphans.retain(|child| !supervised.contains(child));
    orphans
}

fn children() -> Vec<Pid> {
    let Ok(tasks) = procfs::process::Process::myself().and_then(|me| me.tasks()) else { return Vec::new() };
    let pids = tasks.flatten().filter_map(|task| task.children().ok()).flatten();
    pids.filter_map(|pid| Pid::from_raw(i32::try_from(pid).ok()?)).collect()
}

/// Asks the kernel to kill the runner when the harness dies, and not to write core files.
fn die_with_the_harness(command: &mut Command) {
    let prepare = || {
        set_parent_process_death_signal(Some(Signal::KILL))?;
        let core = Rlimit { current: Some(0), ..getrlimit(Resource::Core) };
        setrlimit(Resource::Core, core)?;
        Ok(())
    };
    // SAFETY: between fork and exec only three system calls are made, all async-signal-safe;
    // nothing is allocated and no lock is taken.
    #[allow(unsafe_code)]
    unsafe {
        command.pre_exec(prepare);
    }
}

fn pid_of(child: &Child) -> Pid {
    Pid::from_child(child)
}

fn set_nonblocking<F: AsFd>(fd: &F) -> io::Result<()> {
    Ok(fcntl_setfl(fd, fcntl_getfl(fd)? | OFlags::NONBLOCK)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    static GO_ON: AtomicBool = AtomicBool::new(false);

    fn bounds(timeout: Duration) -> Bounds<'static> {
        Bounds { timeout, memory_bytes: u64::MAX, interrupted: &GO_ON }
    }

    fn shell(script: &str, timeout: Duration) -> Supervised<'static> {
        Supervised::start(Command::new("sh").args(["-c", script]), bounds(timeout)).unwrap()
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
    fn a_line_without_end_is_cut_off() {
        let mut runner = shell("head -c 1000000000 /dev/zero", LONG);
        assert!(matches!(runner.read_line(), Err(Broken::LineTooLong)));
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
        let mut runner =
            Supervised::start(Command::new("sleep").arg("1000"), Bounds { memory_bytes: 1, ..bounds(LONG) })
                .unwrap();
        assert!(matches!(runner.read_line(), Err(Broken::Memory { .. })));
    }

    #[test]
    fn an_interrupt_ends_the_wait() {
        static STOP: AtomicBool = AtomicBool::new(true);
        let bounds = Bounds { interrupted: &STOP, ..bounds(LONG) };
        let mut runner = Supervised::start(Command::new("sleep").arg("1000"), bounds).unwrap();
        assert!(matches!(runner.read_line(), Err(Broken::Interrupted)));
    }
}
