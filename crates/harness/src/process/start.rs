//! How a runner is started: in a process group of its own, with an environment that is stated, and so that it dies with
//! the harness.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::Errno;
use rustix::process::{
    Pid, PidfdFlags, Resource, Rlimit, Signal, getpid, getppid, getrlimit, pidfd_open,
    set_parent_process_death_signal, setrlimit,
};

use super::keeper::mark_as_ours;
use super::orphans::supervised;
use crate::fault::Fault;

/// Why a process was not started.
#[derive(Debug, thiserror::Error)]
pub enum NotStarted {
    /// Its program is not there, or cannot be run.
    #[error("{0}")]
    Program(io::Error),
    /// A limit, or something that the lab needs and does not have here.
    #[error(transparent)]
    Lab(Fault),
}

impl NotStarted {
    /// The fault of the lab, or the one that `of_program` makes of what is wrong with the program.
    pub fn fault(self, of_program: impl FnOnce(String) -> Fault) -> Fault {
        match self {
            Self::Program(error) => of_program(error.to_string()),
            Self::Lab(fault) => fault,
        }
    }
}

/// Starts a command whose three streams are pipes, ours of which do not block.
pub(super) fn spawn(command: &mut Command) -> Result<(Child, OwnedFd), NotStarted> {
    settle_environment(command);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    die_with_the_harness(command);
    let mut child = {
        // Held meanwhile, so that nobody takes the newborn for an orphan.
        let mut supervised = supervised();
        let child = command.spawn().map_err(whose)?;
        supervised.push(Pid::from_child(&child));
        child
    };
    match watch(&child) {
        Ok(pidfd) => Ok((child, pidfd)),
        Err(error) => {
            let _ = child.kill();
            let _ = child.wait();
            supervised().retain(|pid| *pid != Pid::from_child(&child));
            Err(NotStarted::Lab(Fault::cannot("watch the runner (pidfd_open)", &error)))
        }
    }
}

/// What tells that a process has ended.
fn watch(child: &Child) -> io::Result<OwnedFd> {
    set_nonblocking(child.stdin.as_ref())?;
    set_nonblocking(child.stdout.as_ref())?;
    set_nonblocking(child.stderr.as_ref())?;
    Ok(pidfd_open(Pid::from_child(child), PidfdFlags::empty())?)
}

fn set_nonblocking<F: AsFd>(pipe: Option<&F>) -> io::Result<()> {
    let Some(pipe) = pipe else { return Ok(()) };
    Ok(fcntl_setfl(pipe, fcntl_getfl(pipe)? | OFlags::NONBLOCK)?)
}

/// Whose fault it is that a program was not started: that of a limit of this machine, or the program's.
fn whose(error: io::Error) -> NotStarted {
    match Errno::from_io_error(&error) {
        Some(Errno::AGAIN | Errno::NOMEM | Errno::MFILE | Errno::NFILE) => {
            NotStarted::Lab(Fault::cannot("start the runner", &error))
        }
        _ => NotStarted::Program(error),
    }
}

/// What a runner inherits of our environment. Everything else would be a setting that no one stated:
/// `MALLOC_ARENA_MAX`, `TOKIO_WORKER_THREADS`, `PYTHONDONTWRITEBYTECODE` and their like.
/// Those that name the encoding are handed on, as Java finds no file beside other names than in ASCII without them, and
/// the version of Python that pyenv's user chose.
const INHERITED: [&str; 9] =
    ["PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "LD_LIBRARY_PATH", "JAVA_HOME", "PYENV_VERSION"];

fn settle_environment(command: &mut Command) {
    let inherited = INHERITED.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
    let inherited: BTreeMap<&str, OsString> = inherited.collect();
    command.env_clear();
    command.envs(&inherited);
    // cron, ssh and containers start programs in the locale `C`.
    if !has_unicode(|name| inherited.get(name).and_then(|value| value.to_str())) {
        command.env_remove("LC_ALL").env("LC_CTYPE", "C.UTF-8");
    }
    mark_as_ours(command);
}

/// Whether the encoding of a locale is UTF-8: of the first variable of these that is set.
fn has_unicode<'a>(value: impl Fn(&str) -> Option<&'a str>) -> bool {
    let decides =
        ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(value).find(|value| !value.is_empty());
    let encoding = decides.unwrap_or_default().to_ascii_lowercase();
    encoding.ends_with("utf-8") || encoding.ends_with("utf8")
}

/// Asks the kernel to kill the runner when the harness dies, and not to write core files.
fn die_with_the_harness(command: &mut Command) {
    let lab = getpid();
    let prepare = move || {
        set_parent_process_death_signal(Some(Signal::KILL))?;
        // It may have died just before.
        if getppid() != Some(lab) {
            return Err(io::Error::from(io::ErrorKind::NotFound));
        }
        let core = Rlimit { current: Some(0), ..getrlimit(Resource::Core) };
        setrlimit(Resource::Core, core)?;
        Ok(())
    };
    // SAFETY: between fork and exec only four system calls are made, all async-signal-safe;
    // nothing is allocated and no lock is taken.
    #[allow(unsafe_code)]
    unsafe {
        command.pre_exec(prepare);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_decides_the_encoding() {
        let cases: [(&[(&str, &str)], bool); 6] = [
            (&[], false),
            (&[("LANG", "C")], false),
            (&[("LANG", "de_DE.UTF-8")], true),
            (&[("LANG", "de_DE.UTF-8"), ("LC_ALL", "POSIX")], false),
            (&[("LANG", "C"), ("LC_CTYPE", "en_US.utf8")], true),
            (&[("LANG", "C.UTF-8"), ("LC_ALL", "")], true),
        ];
        for (set, expected) in cases {
            let value = |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
            assert_eq!(has_unicode(value), expected, "{set:?}");
        }
    }

    #[test]
    fn a_limit_of_the_machine_is_not_the_program_s_fault_and_says_how_to_raise_it() {
        let fault = |errno: Errno| whose(errno.into()).fault(Fault::NotStarted);
        for (errno, remedy) in
            [(Errno::AGAIN, "ulimit -u"), (Errno::MFILE, "ulimit -n"), (Errno::NOMEM, "memory")]
        {
            let fault = fault(errno);
            assert_eq!(fault.status(), protocol::Status::LabError);
            assert!(fault.to_string().contains(remedy), "{fault}");
        }
        for errno in [Errno::NOENT, Errno::ACCESS, Errno::NOEXEC] {
            assert_eq!(fault(errno).status(), protocol::Status::Crashed);
        }
    }
}
