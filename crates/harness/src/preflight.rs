//! What the lab itself needs of a machine: looked at before the first trial, as without it every runtime would fail.

use std::collections::BTreeMap;
use std::env;
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::Duration;

use protocol::workload::FILE_BYTES;
use protocol::{Span, Workload};
use results::{Cell, human};
use rustix::process::{PidfdFlags, Resource, getpid, getrlimit, pidfd_open};

use crate::control_group;
use crate::process::is_proc_ours;
use crate::scratch::{Scratch, room_in};

/// Files that the lab has open at once. Connections are those of its peers: a cell with too many is refused by itself.
const FILES: u64 = 64;

/// Processes and threads of the lab, its peer, and the start of a runner.
const PROCESSES: u64 = 16;

/// Memory of the lab, its peer, and the smallest runner, bytes.
const MEMORY: u64 = 64 << 20;

/// How long a connection to our own machine may take.
const CONNECTING: Duration = Duration::from_secs(5);

/// What the trials of a plan ask of the lab.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Needs {
    /// Bytes of temporary files at once: the file that is read, and the spans of a trial.
    pub temporary_bytes: u64,
}

impl Needs {
    /// What trials of these cells ask for: the most of each.
    pub fn of<'a>(cells: impl IntoIterator<Item = &'a Cell>) -> Self {
        let (mut file, mut spans) = (0, 0);
        for cell in cells {
            let Some(workload) = Workload::from_name(&cell.workload) else { continue };
            let of_round = workload.spans(cell.tasks, &cell.params).saturating_mul(Span::BYTES as u64);
            spans = of_round.saturating_mul(cell.rounds.into()).max(spans);
            if workload.reads_file() {
                file = workload.param(&cell.params, FILE_BYTES).max(file);
            }
        }
        Self { temporary_bytes: file.saturating_add(spans) }
    }
}

/// Each thing that the lab needs, with `ok`, or what is wrong and how to fix it.
pub fn look(needs: Needs) -> BTreeMap<String, String> {
    let all = [
        ("temporary folder", temporary_folder(needs.temporary_bytes)),
        ("loopback", loopback()),
        ("pidfd", pidfd()),
        ("/proc", proc()),
        ("open files", open_files()),
        ("processes", processes()),
        ("memory", memory()),
    ];
    all.map(|(name, found)| (name.into(), found.err().unwrap_or_else(|| "ok".into()))).into()
}

/// The same for what is about to be run.
///
/// # Errors
/// All that is wrong, each with how to fix it.
pub fn check(needs: Needs) -> Result<(), String> {
    let wrong: Vec<String> = look(needs).into_values().filter(|found| found != "ok").collect();
    if wrong.is_empty() { Ok(()) } else { Err(format!("the lab cannot work here: {}", wrong.join(". "))) }
}

fn temporary_folder(bytes: u64) -> Result<(), String> {
    let folder = env::temp_dir();
    let mut scratch = Scratch::default();
    let root = scratch.root().map_err(|fault| fault.to_string())?;
    match room_in(root) {
        Some(left) if left < bytes => Err(format!(
            "{} has room for {}, and the trials need {}; free some space, or choose another folder with TMPDIR",
            folder.display(),
            human::bytes(left as f64),
            human::bytes(bytes as f64)
        )),
        _ => Ok(()),
    }
}

fn loopback() -> Result<(), String> {
    let connect = || {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        TcpStream::connect_timeout(&listener.local_addr()?, CONNECTING)
    };
    connect().map(drop).map_err(|error: io::Error| {
        format!("127.0.0.1 cannot be connected to: {error}; bring it up with: ip link set lo up")
    })
}

fn pidfd() -> Result<(), String> {
    let opened = pidfd_open(getpid(), PidfdFlags::empty());
    opened.map(drop).map_err(|error| {
        format!(
            "pidfd_open fails: {error}; use Linux 5.3 or newer, and a seccomp profile that allows it (docker run \
             --security-opt seccomp=unconfined)"
        )
    })
}

fn proc() -> Result<(), String> {
    if is_proc_ours() {
        return Ok(());
    }
    Err("/proc is missing, or that of another PID namespace; mount it here (unshare --mount-proc)".into())
}

fn open_files() -> Result<(), String> {
    // The soft limit: runners inherit it, so the lab does not raise its own.
    match getrlimit(Resource::Nofile).current {
        Some(most) if most < FILES => Err(format!(
            "{most} open files are allowed, and the lab itself needs {FILES}; raise the limit with ulimit -n {FILES}"
        )),
        _ => Ok(()),
    }
}

fn processes() -> Result<(), String> {
    match protocol::control_group::processes_left() {
        Some(left) if left < PROCESSES => Err(format!(
            "pids.max of the control group leaves room for {left} processes and threads, and the lab needs \
             {PROCESSES}; raise it"
        )),
        _ => Ok(()),
    }
}

fn memory() -> Result<(), String> {
    match control_group::memory_limit() {
        Some(limit) if limit < MEMORY => Err(format!(
            "the control group allows {} of memory, and the lab needs {}; raise its limit",
            human::bytes(limit as f64),
            human::bytes(MEMORY as f64)
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use protocol::Params;

    use super::*;
    use crate::fixture::planned;

    #[test]
    fn the_largest_cell_of_each_kind_says_what_is_needed() {
        let cell = |workload: &str, tasks, params: &[(&str, u64)]| Cell {
            workload: workload.into(),
            tasks,
            rounds: 2,
            params: params.iter().map(|(name, value)| ((*name).to_string(), *value)).collect::<Params>(),
            ..planned("a", 1).cell
        };
        let cells = [
            cell("sleep", 1000, &[]),
            cell("sleep", 10, &[]),
            cell("file-read", 1, &[(FILE_BYTES, 1 << 20)]),
            cell("spawn", 1 << 40, &[]),
        ];
        let spans = 1000 * 2 * Span::BYTES as u64;
        assert_eq!(Needs::of(&cells), Needs { temporary_bytes: (1 << 20) + spans });
    }

    #[test]
    fn what_is_here_is_ok_and_what_is_asked_for_beyond_it_is_named_with_how_to_fix_it() {
        let here = look(Needs::default());
        assert!(here.values().all(|found| found == "ok"), "{here:?}");
        let wrong = check(Needs { temporary_bytes: u64::MAX }).unwrap_err();
        assert!(wrong.contains("choose another folder with TMPDIR"), "{wrong}");
    }
}
