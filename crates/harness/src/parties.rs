//! What stands opposite a runtime in workloads that need another party: the origin server that
//! `request` asks, the load that `echo` serves, the file that `file-read` reads.
//!
//! Server and load run in a process of their own, so that neither shares a scheduler, an allocator or
//! a lock with the harness. They are supervised like a runner, and started before the trial's counters
//! are opened, so that none of their work is counted.

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

/// The other parties of a laboratory's trials.
pub struct Parties {
    /// The program that becomes a peer, with its arguments.
    program: Vec<OsString>,
    /// What `file-read` read last: trials of one cell read the same file.
    file: Option<(u64, BlockFile)>,
}

/// Why a trial's other party could not do its part.
#[derive(Debug, thiserror::Error)]
pub enum PartyError {
    /// The person at the terminal wants to stop.
    #[error("interrupted")]
    Interrupted,
    /// This machine cannot do it.
    #[error("{0}")]
    Unsupported(String),
    /// It could not be started or heard: not the runner's fault.
    #[error("{what}: {problem}")]
    Broken {
        /// Which party.
        what: &'static str,
        /// What happened to it.
        problem: String,
    },
    /// It did its part, and the runner did not do its own.
    #[error("{0}")]
    Failed(String),
}

/// The parties of one trial; gone with it.
#[derive(Default)]
pub struct Opposite<'b> {
    origin: Option<Supervised<'b>>,
    load: Option<Supervised<'b>>,
    /// With it the origin makes its replies, and the load its messages.
    pub secret: u64,
}

impl Parties {
    /// Parties that run as this program with these arguments.
    pub fn new(program: impl IntoIterator<Item = OsString>) -> Self {
        Self { program: program.into_iter().collect(), file: None }
    }

    /// Brings up whatever the job needs, and names it in the job.
    ///
    /// # Errors
    /// When something cannot be had.
    pub fn prepare<'b>(
        &mut self,
        workload: Workload,
        job: &mut Job,
        bounds: Bounds<'b>,
    ) -> Result<Opposite<'b>, PartyError> {
        // Nobody outside this process can know it, and each trial has another.
        let mut opposite = Opposite { secret: RandomState::new().hash_one(job.seed), ..Opposite::default() };
        if workload.asks_origin() {
            let delay_ns = workload.param(&job.params, DURATION_NS);
            let mut origin = self.start("the origin", bounds)?;
            let listening: Listening =
                ask("the origin", &mut origin, &Assignment::Origin { secret: opposite.secret, delay_ns })?;
            job.origin = Some(listening.address);
            opposite.origin = Some(origin);
        }
        if workload.serves() {
            let mut load = self.start("the load", bounds)?;
            let Ready { .. } = ask("the load", &mut load, &Assignment::Load)?;
            opposite.load = Some(load);
        }
        if workload.reads_file() {
            job.file = Some(self.file(workload, job)?.path().into());
        }
        Ok(opposite)
    }

    /// The sums of the blocks of the file that was made last.
    pub fn block_sums(&self) -> &[u64] {
        self.file.as_ref().map_or(&[], |(_, file)| file.sums())
    }

    fn start<'b>(&self, what: &'static str, bounds: Bounds<'b>) -> Result<Supervised<'b>, PartyError> {
        let broken = |error: io::Error| PartyError::Broken { what, problem: error.to_string() };
        let (program, arguments) = self
            .program
            .split_first()
            .ok_or_else(|| broken(io::Error::other("no program is known that could be it")))?;
        Supervised::start(Command::new(program).args(arguments), bounds).map_err(broken)
    }

    /// The file, made anew only where another size is asked for.
    fn file(&mut self, workload: Workload, job: &Job) -> Result<&BlockFile, PartyError> {
        let bytes = workload.param(&job.params, FILE_BYTES);
        let broken =
            |error: io::Error| PartyError::Broken { what: "the file to read", problem: error.to_string() };
        if self.file.as_ref().is_none_or(|(size, _)| *size != bytes) {
            self.file = None;
            let secret = RandomState::new().hash_one(bytes);
            let made = BlockFile::make(&std::env::temp_dir(), bytes, secret).map_err(|error| {
                PartyError::Broken { what: "the file to read", problem: error.to_string() }
            })?;
            self.file = Some((bytes, made));
        }
        let (_, file) = self.file.as_ref().expect("made just now");
        if workload.param(&job.params, IO) == file_io::DIRECT {
            file.supports_direct().map_err(PartyError::Unsupported)?;
        } else {
            file.warm().map_err(broken)?;
        }
        Ok(file)
    }
}

impl Opposite<'_> {
    /// Puts the server of a round of `echo` under its load.
    ///
    /// # Errors
    /// When not every message came back as it was sent.
    pub fn load(&mut self, job: &Job, address: SocketAddr) -> Result<LoadReport, PartyError> {
        let load = Load::of(job, address, self.secret);
        let process = self.load.as_mut().expect("a job of `echo` was prepared with a load");
        match ask("the load", process, &load)? {
            LoadAnswer::Report(report) => Ok(report),
            LoadAnswer::Error(error) => Err(PartyError::Failed(format!("the load: {error}"))),
        }
    }

    /// Ends the parties; each has seen what it was to see.
    ///
    /// # Errors
    /// When the origin did not get the requests of all tasks.
    pub fn finish(mut self, job: &Job) -> Result<(), PartyError> {
        let Some(origin) = &mut self.origin else { return Ok(()) };
        origin.close_input();
        let answered: Answered = hear("the origin", origin)?;
        let asked = job.tasks * u64::from(job.rounds);
        if answered.answered != asked {
            return Err(PartyError::Failed(format!(
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
) -> Result<T, PartyError> {
    process
        .send(&encode(question))
        .map_err(|error| PartyError::Broken { what, problem: error.to_string() })?;
    hear(what, process)
}

fn hear<T: DeserializeOwned>(what: &'static str, process: &mut Supervised) -> Result<T, PartyError> {
    let line = process.read_line().map_err(|broken| match broken {
        Broken::Interrupted => PartyError::Interrupted,
        Broken::Ended => PartyError::Broken { what, problem: format!("{broken}: {}", process.stderr_tail()) },
        broken => PartyError::Broken { what, problem: broken.to_string() },
    })?;
    decode(&line).map_err(|error| PartyError::Broken { what, problem: error.to_string() })
}
