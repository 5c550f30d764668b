//! The part of a trial in which harness and runner talk.
//!
//! It is short, so that it can be read as a whole: job, `ready`, `go`, perhaps `holding` and `go`,
//! `done`, end of input, exit. At each checkpoint the runner stands still, and the harness reads its
//! memory and its system calls from outside.

use std::io;
use std::process::Command;
use std::time::{Duration, Instant};

use peer::load::LoadReport;
use protocol::wire::{GO, decode, encode};
use protocol::{Done, Event, Job, Status, Workload};
use results::TrialRow;

use super::error::TrialError;
use crate::memory::{self, Memory};
use crate::peers::{Peer, PeerError};
use crate::process::{Bounds, Broken, Supervised};
use crate::sanitize::{MAX_NAME, one_line};
use crate::trace::SyscallCounter;

/// All that is there before the runner is started.
pub(super) struct Setup<'b> {
    pub workload: Workload,
    pub job: Job,
    pub command: Command,
    pub bounds: Bounds<'b>,
    pub peer: Peer<'b>,
    pub counter: Option<SyscallCounter>,
}

/// What the runner said, and what the harness saw of it meanwhile.
pub(super) struct Transcript {
    pub done: Done,
    pub seen: Duration,
    pub ready: Option<Memory>,
    pub holding: Option<Memory>,
    pub at_done: Option<Memory>,
    pub startup: Duration,
    pub syscalls: Option<u64>,
    /// What the load of each round saw, workload `echo`.
    pub loads: Vec<LoadReport>,
}

/// Starts the runner, talks with it to its end, and reaps it. The row keeps how long the process
/// lived even where the trial then fails.
pub(super) fn converse(setup: &mut Setup, sample: &mut TrialRow) -> Result<Transcript, TrialError> {
    let mut runner = Supervised::start(&mut setup.command, setup.bounds)
        .map_err(|error| TrialError::cannot("start the runner", &error))?;
    let mut conversation = Conversation {
        runner: &mut runner,
        peer: &mut setup.peer,
        counter: setup.counter.as_mut(),
        workload: setup.workload,
        step: Step::Starting,
    };
    let transcript = conversation.lead(&setup.job)?;
    let exit = runner.finish().map_err(|broken| explain(broken, &mut runner, Step::Done))?;
    sample.wall_ns = Some(nanoseconds(runner.started().elapsed()));
    if !exit.success() {
        let reason = format!("{exit} after done: {}", runner.stderr_tail());
        return Err(TrialError::failed(Status::Crashed, reason));
    }
    if let left @ [_, ..] = runner.left_behind() {
        let reason = format!("left {} processes behind when it ended: {}", left.len(), left.join(", "));
        return Err(TrialError::failed(Status::Wrong, reason));
    }
    Ok(transcript)
}

/// How far a runner has come, by its own word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Starting,
    Ready,
    Holding,
    Serving,
    Done,
}

impl Step {
    /// Where a runner hangs that says nothing more.
    fn of_a_hang(self) -> &'static str {
        match self {
            Self::Starting => "it never said ready",
            Self::Ready => "after ready and go, nothing more came",
            Self::Holding => "after holding and go, nothing more came",
            Self::Serving => "after serving and the load, nothing more came",
            Self::Done => "it was done, but did not end when its input was closed",
        }
    }
}

struct Conversation<'r, 'b> {
    runner: &'r mut Supervised<'b>,
    peer: &'r mut Peer<'b>,
    counter: Option<&'r mut SyscallCounter>,
    workload: Workload,
    step: Step,
}

impl Conversation<'_, '_> {
    /// From the job to `done`.
    fn lead(&mut self, job: &Job) -> Result<Transcript, TrialError> {
        self.send(&encode(job))?;
        match self.next_event()? {
            Event::Ready => self.step = Step::Ready,
            other => return Err(out_of_turn(&other, "ready")),
        }
        let startup = self.runner.started().elapsed();
        let ready = memory::read(self.runner.id());
        let calls_before = self.count_calls()?;
        let released = Instant::now();
        self.send(&format!("{GO}\n"))?;
        let mut holding = None;
        let mut loads = Vec::new();
        let done = loop {
            match self.next_event()? {
                Event::Holding if self.workload.holds() => {
                    self.step = Step::Holding;
                    holding = holding.or_else(|| memory::read(self.runner.id()));
                    self.send(&format!("{GO}\n"))?;
                }
                // No more loads than rounds: a runner that serves for ever is out of turn.
                Event::Serving { address } if self.workload.serves() && loads.len() < job.rounds as usize => {
                    self.step = Step::Serving;
                    loads.push(self.peer.load(job, address).or_else(|error| self.blame(error))?);
                }
                Event::Done(done) => break done,
                other => return Err(out_of_turn(&other, "done")),
            }
        };
        let seen = released.elapsed();
        if self.workload.holds() && holding.is_none() {
            return Err(TrialError::failed(Status::Wrong, "done without ever holding"));
        }
        if self.workload.serves() && loads.len() < job.rounds as usize {
            return Err(TrialError::failed(
                Status::Wrong,
                format!("served {} of {} rounds", loads.len(), job.rounds),
            ));
        }
        let syscalls = self.count_calls()?.zip(calls_before).map(|(now, then)| now - then);
        let at_done = memory::read(self.runner.id());
        Ok(Transcript { done, seen, ready, holding, at_done, startup, syscalls, loads })
    }

    /// A load that failed because the runner has crashed says less than the runner's own end.
    fn blame<T>(&mut self, error: PeerError) -> Result<T, TrialError> {
        if let PeerError::Failed(_) = error
            && self.runner.has_ended()
        {
            return Err(explain(Broken::Ended, self.runner, self.step));
        }
        Err(error.into())
    }

    fn count_calls(&mut self) -> Result<Option<u64>, TrialError> {
        let read = self.counter.as_deref_mut().map(SyscallCounter::read).transpose();
        read.map_err(|error| TrialError::cannot("read the system call counter", &error))
    }

    /// A runner that has closed its input is found out by what it says, or does not say, next.
    fn send(&mut self, line: &str) -> Result<(), TrialError> {
        match self.runner.send(line) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(TrialError::cannot("write to the runner", &error))
            }
            _ => Ok(()),
        }
    }

    fn next_event(&mut self) -> Result<Event, TrialError> {
        let line = self.runner.read_line().map_err(|broken| explain(broken, self.runner, self.step))?;
        decode(&line).map_err(|error| TrialError::failed(Status::ProtocolError, error.to_string()))
    }
}

fn out_of_turn(event: &Event, expected: &str) -> TrialError {
    match event {
        // Only these three are a runner's to say; that it was ok, or too slow, is for us to find.
        Event::Refused(refusal)
            if matches!(
                refusal.status,
                Status::Unavailable | Status::Unsupported | Status::ProtocolError
            ) =>
        {
            TrialError::failed(refusal.status, refusal.reason.clone())
        }
        other => TrialError::failed(
            Status::ProtocolError,
            format!("expected {expected}, got {}", encode(other).trim_end()),
        ),
    }
}

/// Puts the end of a runner into a status and words; kills and reaps it first.
fn explain(broken: Broken, runner: &mut Supervised, step: Step) -> TrialError {
    match broken {
        Broken::Interrupted => TrialError::Interrupted,
        Broken::Timeout(_) => {
            let reason = format!("{broken}: {}{}", step.of_a_hang(), half_line(runner));
            TrialError::failed(Status::Timeout, reason)
        }
        Broken::LineTooLong => TrialError::failed(Status::ProtocolError, broken.to_string()),
        Broken::Memory { .. } => TrialError::failed(Status::Crashed, broken.to_string()),
        Broken::Io(error) => TrialError::cannot("hear the runner", &error),
        Broken::Ended => {
            let half = half_line(runner);
            let exit = runner.finish().map_or_else(|error| error.to_string(), |exit| exit.to_string());
            let said = runner.stderr_tail();
            TrialError::failed(Status::Crashed, format!("{exit} before it was done{half}: {said}"))
        }
    }
}

/// What a runner said that lacks its newline, to be added to a reason.
fn half_line(runner: &Supervised) -> String {
    match runner.half_line() {
        [] => String::new(),
        half => {
            format!(", in the middle of a line: {:?}", one_line(&String::from_utf8_lossy(half), MAX_NAME))
        }
    }
}

pub(super) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
