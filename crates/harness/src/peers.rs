//! The peers of runtimes: the origin server that `request` asks, the load generator that `echo`
//! serves, and the file that `file-read` reads.
//!
//! Server and load generator run in a process of their own, so that neither shares a scheduler, an
//! allocator or a lock with the harness. They are supervised like a runner, and start before the
//! trial's counters are opened, so that none of their work is counted.

use std::ffi::OsString;
use std::fmt::Display;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use peer::block_file::BlockFile;
use peer::load::{Load, LoadReport};
use peer::origin::Origin;
use peer::process::{Assignment, Listening, LoadAnswer, OriginSpec, Ready};
use peer::{Answered, Secret, Tokens};
use protocol::proof::token;
use protocol::wire::{decode, encode};
use protocol::workload::{DURATION_NS, FILE_BYTES, IO, io as file_io};
use protocol::{Go, Job, Refusal, Workload};
use rustix::process::{Resource, getrlimit};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::fault::{Fault, TrialError};
use crate::file_system;
use crate::process::{Bounds, Broken, Supervised};
use crate::scratch::Scratch;

/// How long a peer that was killed may take to end, in a trial that has failed.
const DYING: Duration = Duration::from_millis(100);

/// Files that a peer has open beside its connections.
const OTHER_FILES: u64 = 16;

/// The ports that the kernel gives to whoever connects, the first and the last one.
const PORTS: &str = "/proc/sys/net/ipv4/ip_local_port_range";

/// Starts the peers of trials, and keeps the file that several trials read.
pub struct Peers {
    /// The program that becomes a peer, with its arguments; where there is none, a thread does.
    program: Vec<OsString>,
    /// The last file made for `file-read`, with its size: trials of one cell read the same file.
    file: Option<(u64, BlockFile)>,
    /// That a file was found spoilt, and made anew.
    spoilt: bool,
}

/// The peer of one trial; dropping it ends its processes.
pub struct Peer<'b> {
    origin: Option<OriginPeer<'b>>,
    load: Option<Supervised<'b>>,
    /// The origin's replies and the load's messages follow from it: no runner can know it, and each trial has its own.
    secret: Secret,
}

enum OriginPeer<'b> {
    Process(Box<Supervised<'b>>),
    Thread(Origin),
}

impl Peers {
    /// Peers that are processes of this program, started with these arguments; with no program,
    /// threads of this process, which is good enough where nothing is measured.
    pub fn new(program: impl IntoIterator<Item = OsString>) -> Self {
        Self { program: program.into_iter().collect(), file: None, spoilt: false }
    }

    /// Starts the peer that the job needs, and enters its address or path into what `go` brings.
    pub fn prepare<'b>(
        &mut self,
        workload: Workload,
        job: &Job,
        go: &mut Go,
        bounds: Bounds<'b>,
        scratch: &mut Scratch,
    ) -> Result<Peer<'b>, TrialError> {
        let mut peer = Peer { origin: None, load: None, secret: Secret::fresh() };
        if workload.asks_origin() || workload.serves() {
            // A peer raises its own limit as far as it may.
            check_connections(job.tasks, getrlimit(Resource::Nofile).maximum)?;
            check_ports(job.tasks, fs::read_to_string(PORTS).ok().as_deref())?;
        }
        if workload.asks_origin() {
            let spec = OriginSpec {
                secret: peer.secret,
                delay_ns: workload.param(&job.params, DURATION_NS),
                tokens: Tokens { first: token(go.seed, 0), count: job.tasks, times: job.rounds.into() },
            };
            let (address, origin) = self.origin(spec, bounds)?;
            go.origin = Some(address);
            peer.origin = Some(origin);
        }
        if workload.serves()
            && let Some(mut load) = self.start("the load", bounds)?
        {
            let Ready { .. } = ask("the load", &mut load, &Assignment::Load)?;
            peer.load = Some(load);
        }
        if workload.reads_file() {
            go.file = Some(self.file(workload, job, scratch)?.path().into());
        }
        Ok(peer)
    }

    /// That the file that was made last is as it was made.
    ///
    /// # Errors
    /// That the runner whose trial read it has spoilt it.
    pub fn check_file(&self) -> Result<(), Fault> {
        match &self.file {
            Some((_, file)) if !file.is_intact() => Err(Fault::SpoiltFile),
            _ => Ok(()),
        }
    }

    /// Whether a file was found spoilt, and made anew, since this was last asked.
    pub fn take_spoilt(&mut self) -> bool {
        std::mem::take(&mut self.spoilt)
    }

    /// The sums of the blocks of the file that was made last.
    pub fn block_sums(&self) -> &[u64] {
        self.file.as_ref().map_or(&[], |(_, file)| file.sums())
    }

    fn origin<'b>(
        &self,
        spec: OriginSpec,
        bounds: Bounds<'b>,
    ) -> Result<(SocketAddr, OriginPeer<'b>), TrialError> {
        const WHAT: &str = "the origin";
        if let Some(mut process) = self.start(WHAT, bounds)? {
            let listening: Listening = ask(WHAT, &mut process, &Assignment::Origin(spec))?;
            return Ok((listening.address, OriginPeer::Process(Box::new(process))));
        }
        let origin = spec.start().map_err(|error| broken(WHAT, &error))?;
        Ok((origin.address(), OriginPeer::Thread(origin)))
    }

    /// The process that becomes a peer; `None` where a thread does.
    fn start<'b>(&self, what: &'static str, bounds: Bounds<'b>) -> Result<Option<Supervised<'b>>, Fault> {
        let Some((program, arguments)) = self.program.split_first() else { return Ok(None) };
        let process = Supervised::start(Command::new(program).args(arguments), bounds);
        process.map(Some).map_err(|error| error.fault(|problem| broken(what, &problem)))
    }

    /// The file to read; made anew only when the size changes.
    fn file(&mut self, workload: Workload, job: &Job, scratch: &mut Scratch) -> Result<&BlockFile, Fault> {
        let bytes = workload.param(&job.params, FILE_BYTES);
        let broken = |error: io::Error| Fault::hindered(&format!("the file to read: {error}"), &error);
        let kept = self.file.take().filter(|(size, _)| *size == bytes);
        let is_spoilt = kept.as_ref().is_some_and(|(_, file)| !file.is_intact());
        self.spoilt |= is_spoilt;
        let kept = kept.filter(|_| !is_spoilt);
        let (_, file) = if let Some(kept) = kept {
            self.file.insert(kept)
        } else {
            let made = BlockFile::make(scratch.root()?, bytes, Secret::fresh()).map_err(broken)?;
            self.file.insert((bytes, made))
        };
        if workload.param(&job.params, IO) == file_io::DIRECT {
            check_is_on_disk(file.path())?;
            file.supports_direct().map_err(|reason| Fault::Refused(Refusal::unsupported(reason)))?;
        } else {
            file.warm().map_err(broken)?;
        }
        Ok(file)
    }
}

impl Peer<'_> {
    /// Runs the load of one round of `echo` against the server of a runner, which has to send back every
    /// message as it came.
    pub fn load(
        &mut self,
        job: &Job,
        address: SocketAddr,
        runner: &mut Supervised,
    ) -> Result<LoadReport, TrialError> {
        if !address.ip().is_loopback() {
            return Err(Fault::NotHere(address).into());
        }
        let load = Load::of(job, address, self.secret);
        let answer = match &mut self.load {
            Some(process) => {
                const WHAT: &str = "the load";
                send(WHAT, process, &load)?;
                hear(WHAT, process, Some(runner))?
            }
            None => LoadAnswer::of(&load),
        };
        match answer {
            LoadAnswer::Report(report) => Ok(report),
            LoadAnswer::Error(error) => Err(Fault::Load(error).into()),
            LoadAnswer::Hindered(words, errno) => {
                Err(Fault::hindered(&format!("the load: {words}"), &io::Error::from_raw_os_error(errno))
                    .into())
            }
        }
    }

    /// What a trial failed for: a runner whose peer has gone is not to blame.
    pub fn blame(&mut self, error: TrialError) -> TrialError {
        let of_origin = match &mut self.origin {
            Some(OriginPeer::Process(process)) => Some(("the origin", &mut **process)),
            _ => None,
        };
        let mut processes = of_origin.into_iter().chain(self.load.as_mut().map(|load| ("the load", load)));
        match (&error, processes.find(|(_, process)| process.has_ended_within(DYING))) {
            (TrialError::Failed(fault), Some((what, process))) if fault.status().is_failure() => {
                broken(what, &format!("{}: {}", Broken::Ended, process.stderr_tail())).into()
            }
            _ => error,
        }
    }

    /// What the origin replies to the token of each task; nothing where there is no origin.
    pub fn replies(&self, job: &Job, go: &Go) -> Vec<u64> {
        let tasks = if self.origin.is_some() { job.tasks } else { 0 };
        (0..tasks).map(|task| self.secret.number(token(go.seed, task))).collect()
    }

    /// Ends the peer, and checks that it has seen all that the job asks for. Gives how many requests were open at once.
    pub fn finish(mut self, job: &Job) -> Result<Option<u64>, TrialError> {
        const WHAT: &str = "the origin";
        let answered = match self.origin.take() {
            None => return Ok(None),
            Some(OriginPeer::Thread(origin)) => origin.stop().map_err(|error| broken(WHAT, &error))?,
            Some(OriginPeer::Process(mut process)) => {
                process.close_input();
                hear(WHAT, &mut process, None)?
            }
        };
        check_requests(answered, job)?;
        Ok(Some(answered.most_open))
    }
}

/// That each task asked once in each round, on a connection of its own.
fn check_requests(seen: Answered, job: &Job) -> Result<(), Fault> {
    let (answered, asked) = (seen.answered, job.tasks * u64::from(job.rounds));
    match seen {
        _ if answered != asked => Err(Fault::Requests { answered, asked }),
        Answered { uneven: tokens @ 1.., .. } => Err(Fault::UnevenRequests { tokens }),
        Answered { shared: requests @ 1.., .. } => Err(Fault::SharedConnections { requests }),
        _ => Ok(()),
    }
}

/// Refuses more connections at once than a peer may have open.
fn check_connections(connections: u64, allowed: Option<u64>) -> Result<(), Fault> {
    let needed = connections.saturating_add(OTHER_FILES);
    match allowed {
        Some(most) if most < needed => Err(Fault::Refused(Refusal::unsupported(format!(
            "the lab's end of {connections} connections needs {needed} open files, and {most} are allowed; raise the \
             limit with ulimit -n {needed}"
        )))),
        _ => Ok(()),
    }
}

/// Refuses more connections at once than there are ports for the ends that connect: the first and the last one, in the
/// words of the kernel.
fn check_ports(connections: u64, range: Option<&str>) -> Result<(), Fault> {
    let ends: Option<Vec<u64>> =
        range.and_then(|range| range.split_whitespace().map(|end| end.parse().ok()).collect());
    let Some([first, last]) = ends.as_deref() else { return Ok(()) };
    let ports = (last + 1).saturating_sub(*first);
    if connections <= ports {
        return Ok(());
    }
    Err(Fault::Refused(Refusal::unsupported(format!(
        "{connections} connections need as many ports, and there are {ports}, {first} to {last}; raise their number with \
         sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\""
    ))))
}

/// Refuses direct I/O where there is nothing behind the page cache.
fn check_is_on_disk(file: &Path) -> Result<(), Fault> {
    if !file_system::is_memory(file) {
        return Ok(());
    }
    let name = file_system::name_of(file).unwrap_or_else(|| "this file system".into());
    Err(Fault::Refused(Refusal::unsupported(format!(
        "O_DIRECT would read from memory: {} is on {name}; choose another folder with TMPDIR",
        file.display()
    ))))
}

fn ask<T: DeserializeOwned>(
    what: &'static str,
    process: &mut Supervised,
    question: &impl Serialize,
) -> Result<T, TrialError> {
    send(what, process, question)?;
    hear(what, process, None)
}

fn send(what: &'static str, process: &mut Supervised, message: &impl Serialize) -> Result<(), Fault> {
    process.send(&encode(message)).map_err(|error| broken(what, &error))
}

/// What a peer answers. The runner that it works against is not to wait for us meanwhile.
fn hear<T: DeserializeOwned>(
    what: &'static str,
    process: &mut Supervised,
    runner: Option<&mut Supervised>,
) -> Result<T, TrialError> {
    let line = match runner {
        Some(runner) => process.read_line_beside(runner),
        None => process.read_line(),
    };
    let line = line.map_err(|error| match error {
        Broken::Interrupted => TrialError::Interrupted,
        // Its time is that of the trial, which was used up, and its memory is counted with what the runner left.
        Broken::Timeout(limit) => Fault::HungBefore { limit, what }.into(),
        Broken::TooMuch(fault) => fault.into(),
        ended @ Broken::Ended => broken(what, &format!("{ended}: {}", process.stderr_tail())).into(),
        Broken::Io(error) => broken(what, &error).into(),
    })?;
    Ok(decode(&line).map_err(|error| broken(what, &error))?)
}

/// It could not be started, or did not answer: not the runner's fault.
fn broken(what: &'static str, problem: &impl Display) -> Fault {
    Fault::Hindered(format!("{what}: {problem}"))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_file_that_a_runner_spoils_is_its_fault_and_the_next_trial_has_a_new_one() {
        let (mut peers, mut scratch) = (Peers::new([]), Scratch::default());
        let mut next_file = |peers: &mut Peers| -> PathBuf {
            let mut job = Job::new("x", Workload::FileRead, 1);
            job.params.insert(FILE_BYTES.into(), 8192);
            let mut go = Go::with_seed(7);
            let bounds = Bounds::uninterrupted(Duration::from_secs(30), u64::MAX);
            peers.prepare(Workload::FileRead, &job, &mut go, bounds, &mut scratch).unwrap();
            go.file.unwrap()
        };
        let first = next_file(&mut peers);
        assert_eq!(next_file(&mut peers), first, "trials of a cell read one file");
        assert_eq!((peers.check_file(), peers.take_spoilt()), (Ok(()), false));

        for spoil in [|file: &Path| fs::write(file, "short"), |file: &Path| fs::remove_file(file)] {
            spoil(&next_file(&mut peers)).unwrap();
            assert_eq!(peers.check_file(), Err(Fault::SpoiltFile));
            let new = next_file(&mut peers);
            assert_eq!(fs::metadata(new).unwrap().len(), 8192);
            assert_eq!((peers.check_file(), peers.take_spoilt(), peers.take_spoilt()), (Ok(()), true, false));
        }
    }

    #[test]
    fn each_task_asks_once_in_each_round_on_a_connection_of_its_own() {
        let job = Job { rounds: 2, ..Job::new("x", Workload::Request, 3) };
        let right = Answered { answered: 6, most_open: 3, uneven: 0, shared: 0 };
        let cases = [
            (right, Ok(())),
            (Answered { answered: 5, ..right }, Err(Fault::Requests { answered: 5, asked: 6 })),
            (Answered { answered: 7, ..right }, Err(Fault::Requests { answered: 7, asked: 6 })),
            (Answered { uneven: 2, ..right }, Err(Fault::UnevenRequests { tokens: 2 })),
            (Answered { shared: 1, ..right }, Err(Fault::SharedConnections { requests: 1 })),
        ];
        for (seen, expected) in cases {
            assert_eq!(check_requests(seen, &job), expected, "{seen:?}");
            let is_wrong = expected.is_err_and(|fault| fault.status() == protocol::Status::Wrong);
            assert_eq!(is_wrong, seen != right, "{seen:?}");
        }
    }

    #[test]
    fn more_connections_than_there_are_ports_are_refused_with_how_to_get_more() {
        for range in [None, Some("nonsense"), Some("32768\t60999\n"), Some("100 199")] {
            assert_eq!(check_ports(100, range), Ok(()), "{range:?}");
        }
        let fault = check_ports(101, Some("100\t199\n")).unwrap_err();
        assert_eq!(fault.status(), protocol::Status::Unsupported);
        assert!(fault.to_string().contains("there are 100, 100 to 199; raise"), "{fault}");
    }

    #[test]
    fn more_connections_than_a_peer_may_have_open_are_refused_with_the_limit_that_they_need() {
        assert_eq!(check_connections(184, Some(200)), Ok(()));
        assert_eq!(check_connections(u64::MAX, None), Ok(()));
        let fault = check_connections(185, Some(200)).unwrap_err();
        assert_eq!(fault.status(), protocol::Status::Unsupported);
        assert!(fault.to_string().contains("201 open files, and 200 are allowed"), "{fault}");
        assert!(fault.to_string().ends_with("ulimit -n 201"), "{fault}");
    }

    #[test]
    fn direct_reads_of_a_file_in_memory_are_refused_with_how_to_fix_it() {
        let shared = Path::new("/dev/shm");
        if let Err(fault) = check_is_on_disk(shared) {
            assert_eq!(fault.status(), protocol::Status::Unsupported);
            assert!(fault.to_string().contains("choose another folder with TMPDIR"), "{fault}");
        } else {
            assert!(!file_system::is_memory(shared));
        }
        assert_eq!(check_is_on_disk(Path::new("/proc")), Ok(()));
    }
}
