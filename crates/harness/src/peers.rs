//! The peers of runtimes: the origin server that `request` asks, the load generator that `echo`
//! serves, and the file that `file-read` reads.
//!
//! Server and load generator run in a process of their own, so that neither shares a scheduler, an
//! allocator or a lock with the harness. They are supervised like a runner, and start before the
//! trial's counters are opened, so that none of their work is counted.

use std::ffi::OsString;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::SocketAddr;
use std::process::Command;

use peer::block_file::BlockFile;
use peer::load::{Load, LoadReport};
use peer::process::{Answered, Assignment, Listening, LoadAnswer, Ready};
use protocol::wire::{decode, encode};
use protocol::workload::{DURATION_NS, FILE_BYTES, IO, io as file_io};
use protocol::{Job, Workload};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::process::{Bounds, Broken, Supervised};

/// Starts the peers of trials, and keeps the file that several trials read.
pub struct Peers {
    /// The program that becomes a peer, with its arguments.
    program: Vec<OsString>,
    /// The last file made for `file-read`, with its size: trials of one cell read the same file.
    file: Option<(u64, BlockFile)>,
}

/// Why the peer of a trial could not do its part.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// The person at the terminal wants to stop.
    #[error("interrupted")]
    Interrupted,
    /// This machine cannot do it.
    #[error("{0}")]
    Unsupported(String),
    /// It could not be started, or did not answer: not the runner's fault.
    #[error("{what}: {problem}")]
    Broken {
        /// Which peer.
        what: &'static str,
        /// What happened to it.
        problem: String,
    },
    /// The peer did its part, and the runner did not do its own.
    #[error("{0}")]
    Failed(String),
}

impl PeerError {
    fn broken(what: &'static str, problem: &impl ToString) -> Self {
        Self::Broken { what, problem: problem.to_string() }
    }
}

/// The peer of one trial; dropping it ends its processes.
#[derive(Default)]
pub struct Peer<'b> {
    origin: Option<Supervised<'b>>,
    load: Option<Supervised<'b>>,
    /// The seed of the origin's replies and of the load's messages.
    pub secret: u64,
}

impl Peers {
    /// Peers that are processes of this program, started with these arguments.
    pub fn new(program: impl IntoIterator<Item = OsString>) -> Self {
        Self { program: program.into_iter().collect(), file: None }
    }

    /// Starts the peer that the job needs, and enters its address or path into the job.
    ///
    /// # Errors
    /// When it cannot be started or made.
    pub fn prepare<'b>(
        &mut self,
        workload: Workload,
        job: &mut Job,
        bounds: Bounds<'b>,
    ) -> Result<Peer<'b>, PeerError> {
        // A secret that no runner can know, and another one for each trial.
        let mut peer = Peer { secret: RandomState::new().hash_one(job.seed), ..Peer::default() };
        if workload.asks_origin() {
            let delay_ns = workload.param(&job.params, DURATION_NS);
            let mut origin = self.start("the origin", bounds)?;
            let listening: Listening =
                ask("the origin", &mut origin, &Assignment::Origin { secret: peer.secret, delay_ns })?;
            job.origin = Some(listening.address);
            peer.origin = Some(origin);
        }
        if workload.serves() {
            let mut load = self.start("the load", bounds)?;
            let Ready { .. } = ask("the load", &mut load, &Assignment::Load)?;
            peer.load = Some(load);
        }
        if workload.reads_file() {
            job.file = Some(self.file(workload, job)?.path().into());
        }
        Ok(peer)
    }

    /// The sums of the blocks of the file that was made last.
    pub fn block_sums(&self) -> &[u64] {
        self.file.as_ref().map_or(&[], |(_, file)| file.sums())
    }

    fn start<'b>(&self, what: &'static str, bounds: Bounds<'b>) -> Result<Supervised<'b>, PeerError> {
        let (program, arguments) = self
            .program
            .split_first()
            .ok_or_else(|| PeerError::broken(what, &"no program is known that could be it"))?;
        Supervised::start(Command::new(program).args(arguments), bounds)
            .map_err(|error| PeerError::broken(what, &error))
    }

    /// The file to read; made anew only when the size changes.
    fn file(&mut self, workload: Workload, job: &Job) -> Result<&BlockFile, PeerError> {
        let bytes = workload.param(&job.params, FILE_BYTES);
        let broken = |error: io::Error| PeerError::broken("the file to read", &error);
        let kept = self.file.take().filter(|(size, _)| *size == bytes);
        let (_, file) = match kept {
            Some(kept) => self.file.insert(kept),
            None => {
                let secret = RandomState::new().hash_one(bytes);
                let made = BlockFile::make(&std::env::temp_dir(), bytes, secret).map_err(broken)?;
                self.file.insert((bytes, made))
            }
        };
        if workload.param(&job.params, IO) == file_io::DIRECT {
            file.supports_direct().map_err(PeerError::Unsupported)?;
        } else {
            file.warm().map_err(broken)?;
        }
        Ok(file)
    }
}

impl Peer<'_> {
    /// Runs the load of one round of `echo` against the runner's server.
    ///
    /// # Errors
    /// When not every message came back as it was sent.
    pub fn load(&mut self, job: &Job, address: SocketAddr) -> Result<LoadReport, PeerError> {
        let load = Load::of(job, address, self.secret);
        let process = self.load.as_mut().expect("a job of `echo` was prepared with a load");
        match ask("the load", process, &load)? {
            LoadAnswer::Report(report) => Ok(report),
            LoadAnswer::Error(error) => Err(PeerError::Failed(format!("the load: {error}"))),
        }
    }

    /// Ends the peer, and checks that it has seen all that the job asks for.
    ///
    /// # Errors
    /// When the origin did not get the requests of all tasks.
    pub fn finish(mut self, job: &Job) -> Result<(), PeerError> {
        let Some(origin) = &mut self.origin else { return Ok(()) };
        origin.close_input();
        let answered: Answered = hear("the origin", origin)?;
        let asked = job.tasks * u64::from(job.rounds);
        if answered.answered != asked {
            return Err(PeerError::Failed(format!(
                "the origin answered {} requests, {asked} were to be made",
                answered.answered
            )));
        }
        Ok(())
    }
}

fn ask<T: DeserializeOwned>(
    what: &'static str,
    process: &mut Supervised,
    question: &impl Serialize,
) -> Result<T, PeerError> {
    process.send(&encode(question)).map_err(|error| PeerError::broken(what, &error))?;
    hear(what, process)
}

fn hear<T: DeserializeOwned>(what: &'static str, process: &mut Supervised) -> Result<T, PeerError> {
    let line = process.read_line().map_err(|broken| match broken {
        Broken::Interrupted => PeerError::Interrupted,
        Broken::Ended => PeerError::broken(what, &format!("{broken}: {}", process.stderr_tail())),
        broken => PeerError::broken(what, &broken),
    })?;
    decode(&line).map_err(|error| PeerError::broken(what, &error))
}
