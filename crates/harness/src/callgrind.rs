//! Instructions of a process, counted by valgrind's callgrind, for machines whose processor shows no counters.
//!
//! The runner runs in an emulator, some fifty times slower, one thread at a time. `vgdb`, which is part of valgrind, asks
//! it from outside: at `ready`, while the runner waits, to count from zero, and at `done` to write its profile, of which
//! one number is read, the sum. The time and the memory of such a trial are those of the emulator.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use protocol::Workload;
use results::regular;
use results::sanitize::{MAX_REASON, of_stranger, one_line};

use crate::cell::Cell;
use crate::fault::{Fault, TrialError};
use crate::process::{Bounds, Broken, Supervised};
use crate::scratch::Scratch;
use crate::trace::Forbidden;

/// How to get it.
const INSTALL: &str = "install valgrind, as with: apt-get install valgrind";

/// The most operations of a round that are counted: with a thousand instructions each it is half a minute.
const MOST_OPERATIONS: u64 = 1_000_000;

/// The largest profile that is read, bytes; that of a runner has one or two million.
const MOST_BYTES: u64 = 64 << 20;

/// What a trial takes more than without it, nearly all of it to start and to write the profile: 24 short trials of eight
/// workloads on tokio lasted 0.8 to 1.1 s.
pub(crate) const TAKES: Duration = Duration::from_secs(1);

/// How long the emulator may take to do what it is asked.
const ANSWERS_WITHIN: Duration = Duration::from_secs(20);

/// How long a program that does nothing may take in it.
const TRIED_WITHIN: Duration = Duration::from_secs(60);

/// Whether the instructions of a cell can be counted so, or why not.
///
/// # Errors
/// What of it cannot be.
pub fn check(cell: &Cell, language: &str) -> Result<(), String> {
    let workload =
        Workload::from_name(&cell.workload).ok_or_else(|| format!("no workload {}", cell.workload))?;
    if !["rust", "c"].contains(&language) {
        return Err(format!("it is not for {language}, which makes code while it runs, or reads it"));
    }
    if cell.workers != 1 {
        return Err(format!(
            "it runs one thread at a time: 1 worker can be counted, and not {}",
            cell.workers
        ));
    }
    if let Some(why) = why_not(workload) {
        return Err(format!("not {}: {why}", workload.name()));
    }
    match workload.operations(cell.tasks, &cell.params) {
        Some(operations) if operations > MOST_OPERATIONS => {
            Err(format!("{operations} operations take too long in it: at most {MOST_OPERATIONS} are counted"))
        }
        _ => Ok(()),
    }
}

/// Why a workload cannot be counted where everything takes fifty times as long.
fn why_not(workload: Workload) -> Option<&'static str> {
    match workload {
        Workload::Sleep
        | Workload::Spawn
        | Workload::Hold
        | Workload::Yield
        | Workload::PingPong
        | Workload::FanIn
        | Workload::Skynet
        | Workload::Mutex => None,
        Workload::Brigade | Workload::Request | Workload::Echo | Workload::FileRead => {
            Some("how often it waits for the kernel depends on time")
        }
        Workload::Cpu => Some("what it computes is the lab's, and the same on every runtime"),
        Workload::Mixed | Workload::Blocking => Some("how much it does depends on time"),
    }
}

/// Valgrind, as it is installed here.
#[derive(Debug, Clone)]
#[cfg_attr(test, derive(Default))]
pub struct Callgrind {
    valgrind: PathBuf,
    vgdb: PathBuf,
}

impl Callgrind {
    /// Finds it, and counts a small program with it.
    pub fn find() -> Result<Self, Forbidden> {
        let find =
            |name| on_path(name).ok_or_else(|| Forbidden::because(format!("{name} is not here; {INSTALL}")));
        let found = Self { valgrind: find("valgrind")?, vgdb: find("vgdb")? };
        let tried = found.try_out().map_err(|error| match error {
            TrialError::Interrupted => Forbidden::because("interrupted"),
            TrialError::Failed(fault) => Forbidden::because(of_stranger(&fault.to_string(), MAX_REASON)),
        });
        tried.map(|()| found)
    }

    fn try_out(&self) -> Result<(), TrialError> {
        let mut scratch = Scratch::default();
        let folder = scratch.folder()?;
        let bounds = Bounds::uninterrupted(TRIED_WITHIN, u64::MAX);
        let (mut command, emulation) = self.emulate(&Command::new("cat"), folder.path(), bounds);
        let mut cat =
            Supervised::start(&mut command, bounds).map_err(|error| error.fault(Fault::Emulated))?;
        // It waits for a line: once it has copied one it waits for the next.
        let mut copy = || {
            cat.send("a line\n").map_err(|error| Fault::Emulated(error.to_string()))?;
            cat.read_line()
                .map_err(|broken| Fault::Emulated(format!("cat: {broken}: {}", cat.stderr_tail())))?;
            Ok::<u32, Fault>(cat.id())
        };
        emulation.begin(copy()?)?;
        emulation.end(copy()?).map(|_| ())
    }

    /// The command, to be run by it, with what to ask of it meanwhile; its files are in this folder.
    pub fn emulate<'b>(
        &self,
        command: &Command,
        folder: &Path,
        bounds: Bounds<'b>,
    ) -> (Command, Emulation<'b>) {
        let emulation = Emulation {
            vgdb: self.vgdb.clone(),
            pipes: folder.join("vgdb"),
            profile: folder.join("callgrind.out"),
            bounds,
        };
        let mut emulated = Command::new(&self.valgrind);
        emulated.args(["--tool=callgrind", "-q", "--vgdb=yes"]);
        emulated.arg(format!("--vgdb-prefix={}", as_pattern(&emulation.pipes)));
        emulated.arg(format!("--callgrind-out-file={}", as_pattern(&emulation.profile)));
        emulated.arg("--").arg(command.get_program()).args(command.get_args());
        if let Some(folder) = command.get_current_dir() {
            emulated.current_dir(folder);
        }
        (emulated, emulation)
    }
}

/// The program of a name, in one of the folders of PATH.
fn on_path(name: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// A path in which valgrind replaces nothing.
fn as_pattern(path: &Path) -> String {
    path.display().to_string().replace('%', "%%")
}

/// A runner in the emulator.
pub struct Emulation<'b> {
    vgdb: PathBuf,
    /// How the names of the pipes begin by which it is asked.
    pipes: PathBuf,
    /// How the names of its profiles begin.
    profile: PathBuf,
    bounds: Bounds<'b>,
}

impl Emulation<'_> {
    /// Counts from now on; the process waits for us.
    pub fn begin(&self, process: u32) -> Result<(), TrialError> {
        self.ask(process, "zero")
    }

    /// The instructions since it began, of all threads; the process waits for us.
    pub fn end(&self, process: u32) -> Result<u64, TrialError> {
        self.ask(process, "dump")?;
        // The first one that it is asked for.
        let mut path = OsString::from(&self.profile);
        path.push(".1");
        let unreadable = |why: String| Fault::Emulated(format!("reading the profile of callgrind: {why}"));
        let profile =
            regular::read(Path::new(&path), MOST_BYTES).map_err(|error| unreadable(error.to_string()))?;
        Ok(instructions_in(&profile).map_err(unreadable)?)
    }

    fn ask(&self, process: u32, what: &str) -> Result<(), TrialError> {
        let mut prefix = OsString::from("--vgdb-prefix=");
        prefix.push(&self.pipes);
        let mut command = Command::new(&self.vgdb);
        command.arg(prefix).arg(format!("--pid={process}")).arg(what);
        let bounds = Bounds { timeout: ANSWERS_WITHIN, ..self.bounds };
        let failed = |why: String| Fault::Emulated(format!("asking callgrind to {what} (vgdb): {why}"));
        let mut vgdb = Supervised::start(&mut command, bounds).map_err(|error| error.fault(failed))?;
        match vgdb.finish() {
            Ok(exit) if exit.success() => Ok(()),
            Ok(exit) => Err(failed(format!("{exit}: {}", vgdb.stderr_tail())).into()),
            Err(Broken::Interrupted) => Err(TrialError::Interrupted),
            Err(broken) => Err(failed(broken.to_string()).into()),
        }
    }
}

/// The sum of a profile, whose first event has to be instructions (`Ir`). It is read like what a stranger wrote, as the
/// runner could have.
fn instructions_in(profile: &[u8]) -> Result<u64, String> {
    let events = only(profile, "events:")?;
    if events.split_whitespace().next() != Some("Ir") {
        return Err(format!("its events are {events:?}, and the first is not Ir"));
    }
    let totals = only(profile, "totals:")?;
    let first = totals.split_whitespace().next().unwrap_or_default();
    match first.parse() {
        Ok(0) => Err("it has counted nothing".into()),
        Ok(instructions) => Ok(instructions),
        Err(error) => Err(format!("totals: {first:?}: {error}")),
    }
}

/// What the only line says that begins with this key.
fn only(profile: &[u8], key: &str) -> Result<String, String> {
    let lines = profile.split(|byte| *byte == b'\n');
    let mut values = lines.filter_map(|line| line.strip_prefix(key.as_bytes()));
    match (values.next(), values.next()) {
        (Some(value), None) => Ok(one_line(&String::from_utf8_lossy(value), MAX_REASON)),
        (None, _) => Err(format!("no line `{key}`")),
        (Some(_), Some(_)) => Err(format!("more than one line `{key}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A profile as callgrind writes it, in short.
    const PROFILE: &str = "# callgrind format\nversion: 1\ncreator: callgrind-3.19.0\npid: 42\ncmd:  cat\npart: 1\n\n\
        desc: Trigger: Client Request\n\npositions: line\nevents: Ir\nsummary: 123456\n\n\nob=(1) /bin/cat\n\
        fl=(1) ???\nfn=(1) 0x2a\n0 3\n\ntotals: 123456\n";

    #[test]
    fn the_sum_of_a_profile_is_its_instructions() {
        assert_eq!(instructions_in(PROFILE.as_bytes()), Ok(123_456));
        // Other events follow, where the user's own settings ask for them.
        let more = PROFILE.replace("Ir\n", "Ir Dr Dw\n").replace("totals: 123456", "totals: 123456 7 8");
        assert_eq!(instructions_in(more.as_bytes()), Ok(123_456));
    }

    #[test]
    fn a_profile_that_is_none_gives_a_reason_and_no_number() {
        let totals = |text: &str| PROFILE.replace("totals: 123456", text).into_bytes();
        let cases: [(Vec<u8>, &str); 10] = [
            (Vec::new(), "no line `events:`"),
            (PROFILE.replace("events: Ir", "events: Dr Ir").into(), "the first is not Ir"),
            (PROFILE.repeat(2).into(), "more than one line `events:`"),
            (PROFILE.as_bytes()[..PROFILE.len() - 17].into(), "no line `totals:`"),
            (totals("totals: 1\ntotals: 2"), "more than one line `totals:`"),
            (totals("totals:"), "totals: \"\""),
            (totals("totals: 0"), "counted nothing"),
            (totals("totals: -5"), "invalid digit"),
            (totals(&format!("totals: 1{}", "0".repeat(1 << 20))), "totals: "),
            ([&[0xff; 1 << 10][..], &totals("totals: \u{1b}[31m")].concat(), "totals: "),
        ];
        for (profile, words) in cases {
            let why = instructions_in(&profile).unwrap_err();
            assert!(why.contains(words) && why.len() < 2 * MAX_REASON && !why.contains('\u{1b}'), "{why}");
        }
    }

    #[test]
    fn a_profile_without_end_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let huge = folder.path().join("callgrind.out.1");
        std::fs::File::create(&huge).unwrap().set_len(MOST_BYTES + 1).unwrap();
        assert!(regular::read(&huge, MOST_BYTES).is_err());
    }
}
