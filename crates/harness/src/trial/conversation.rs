//! The part of a trial in which harness and runner talk.
//!
//! It is short, so that it can be read as a whole: job, `ready`, `go` with the seed, perhaps `holding`
//! and `go`, `done`, end of input, exit. At each checkpoint the runner stands still, and the harness reads
//! its memory and its counters from outside.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use peer::load::LoadReport;
use protocol::wire::{GO, decode, encode};
use protocol::{Done, Event, Go, Job, Status, Workload};

use super::counter::{Counter, Counts};
use super::outcome::Outcome;
use super::pause::pause_before_go;
use crate::fault::{Fault, Step, TrialError};
use crate::memory::{self, Memory};
use crate::peers::Peer;
use crate::process::{Bounds, Broken, Side, Supervised};
use crate::verify::{Outside, least_cpu};
use crate::{cpu_time, listener};
use results::sanitize::{MAX_NAME, one_line};

/// All that is there before the runner is started.
pub(super) struct Setup<'b> {
    pub workload: Workload,
    pub job: Job,
    pub go: Go,
    pub command: Command,
    pub bounds: Bounds<'b>,
    pub peer: Peer<'b>,
    pub counter: Counter<'b>,
}

/// What the runner said, and what the harness saw of it meanwhile.
pub(super) struct Transcript {
    pub done: Done,
    pub outside: Outside,
    pub ready: Option<Memory>,
    pub holding: Option<Memory>,
    pub at_done: Option<Memory>,
    pub startup: Duration,
    pub counts: Counts,
    /// What the load of each round saw, workload `echo`.
    pub loads: Vec<LoadReport>,
}

/// Starts the runner, talks with it to its end, and reaps it. What was said, and how long the
/// process lived, is kept even where the trial then fails.
pub(super) fn converse(setup: &mut Setup, outcome: &mut Outcome) -> Result<Transcript, TrialError> {
    let mut runner = start(&mut setup.command, setup.bounds)?;
    let mut conversation = Conversation {
        runner: &mut runner,
        peer: &mut setup.peer,
        counter: &mut setup.counter,
        workload: setup.workload,
        step: Step::Starting,
    };
    let transcript = conversation.lead(&setup.job, &setup.go);
    outcome.traffic = runner.take_traffic();
    let transcript = transcript?;
    let exit = finish(&mut runner, Step::Done)?;
    outcome.sample.process_lifetime_ns = Some(nanoseconds(runner.started().elapsed()));
    let last_words = runner.take_traffic();
    outcome.traffic.extend(last_words.iter().cloned());
    check_exit(exit, &mut runner, Step::Done)?;
    if let Some(line) = last_words.into_iter().find(|line| line.from == Side::Runner) {
        return Err(Fault::TalksOn(line.text).into());
    }
    if let names @ [_, ..] = runner.left_behind() {
        return Err(Fault::LeftBehind { names: names.to_vec() }.into());
    }
    Ok(transcript)
}

/// Starts a runner.
pub(crate) fn start<'b>(command: &mut Command, bounds: Bounds<'b>) -> Result<Supervised<'b>, Fault> {
    Supervised::start(command, bounds).map_err(|error| error.fault(Fault::NotStarted))
}

/// The next event of a runner that has come so far.
pub(crate) fn next_event(runner: &mut Supervised, step: Step) -> Result<Event, TrialError> {
    let line = runner.read_line().map_err(|broken| explain(broken, runner, step))?;
    decode(&line).map_err(|error| no_event(line, &error.to_string(), runner, step).into())
}

/// How long a process that says that it dies may take to be dead.
const DYING: Duration = Duration::from_millis(200);

/// What is no event may be the last words of a runtime that crashed, which is no fault of its runner's protocol.
fn no_event(line: Vec<u8>, problem: &str, runner: &mut Supervised, step: Step) -> Fault {
    if runner.has_ended_within(DYING) {
        let words = runner.dying_words(line);
        if let Some(exit) = runner.finish().ok().filter(|exit| exit.signal().is_some()) {
            return Fault::Ended { exit: exit.to_string(), step, half_line: None, stderr: words };
        }
    }
    Fault::NoEvent(problem.into())
}

/// Ends a runner's input, and waits until it has ended.
pub(crate) fn finish(runner: &mut Supervised, step: Step) -> Result<ExitStatus, TrialError> {
    runner.finish().map_err(|broken| explain(broken, runner, step))
}

/// That a runner exited with 0.
pub(crate) fn check_exit(exit: ExitStatus, runner: &mut Supervised, step: Step) -> Result<(), Fault> {
    if exit.success() {
        return Ok(());
    }
    Err(Fault::Ended { exit: exit.to_string(), step, half_line: None, stderr: runner.stderr_tail() })
}

/// That another event came than was expected; or that the runner refused, which is its right.
pub(crate) fn out_of_turn(event: Event, expected: &'static str) -> Fault {
    match event {
        // Only these three are a runner's to say; that it was ok, or too slow, is for us to find. And it says them
        // before any task has run: later, a task that fails is a crash.
        Event::Refused(refusal)
            if expected == "ready"
                && matches!(
                    refusal.status,
                    Status::Unavailable | Status::Unsupported | Status::ProtocolError
                ) =>
        {
            Fault::Refused(refusal)
        }
        other => Fault::OutOfTurn { expected, got: encode(&other).trim_end().into() },
    }
}

/// What was heard between `go` and `done`.
struct Heard {
    done: Done,
    holding: Option<Memory>,
    /// How long the runner stood still at `holding`, as far as we kept it waiting.
    paused: Duration,
    loads: Vec<LoadReport>,
}

struct Conversation<'r, 'b> {
    runner: &'r mut Supervised<'b>,
    peer: &'r mut Peer<'b>,
    counter: &'r mut Counter<'b>,
    workload: Workload,
    step: Step,
}

impl Conversation<'_, '_> {
    /// From the job to `done`.
    fn lead(&mut self, job: &Job, go: &Go) -> Result<Transcript, TrialError> {
        self.send(&encode(job))?;
        match self.next_event()? {
            Event::Ready => self.step = Step::Ready,
            other => return Err(out_of_turn(other, "ready").into()),
        }
        let startup = self.runner.started().elapsed();
        let ready = memory::read(self.runner.id());
        self.counter.begin(self.runner.id())?;
        thread::sleep(pause_before_go(go.seed));
        // After the pause, so that nothing that is used up in it counts as work.
        let cpu_before = cpu_time::of_process(self.runner.id());
        let released = Instant::now();
        self.send(&go.line())?;
        let rounds = self.hear_rounds(job)?;
        let wall = released.elapsed();
        let counts = self.counter.end(self.runner.id())?;
        let cpu = self.cpu_since(cpu_before, least_cpu(self.workload, job));
        let at_done = memory::read(self.runner.id());
        let Heard { done, holding, paused, loads } = rounds;
        let outside = Outside { wall, paused, cpu };
        Ok(Transcript { done, outside, ready, holding, at_done, startup, counts, loads })
    }

    /// From `go` to `done`.
    fn hear_rounds(&mut self, job: &Job) -> Result<Heard, TrialError> {
        let (mut held, mut holding, mut paused, mut loads) = (0, None, Duration::ZERO, Vec::new());
        let done = loop {
            match self.next_event()? {
                // No more often than there are rounds: a runner that does it for ever is out of turn.
                Event::Holding if self.workload.holds() && held < job.rounds => {
                    let began = Instant::now();
                    held += 1;
                    self.step = Step::Holding;
                    holding = holding.or_else(|| memory::read(self.runner.id()));
                    paused += began.elapsed();
                    self.send(&format!("{GO}\n"))?;
                }
                Event::Serving { address } if self.workload.serves() && loads.len() < job.rounds as usize => {
                    self.step = Step::Serving;
                    listener::check(self.runner.id(), address)?;
                    let load = self.peer.load(job, address, self.runner);
                    loads.push(load.or_else(|error| self.blame(error))?);
                }
                Event::Done(done) => break done,
                other => return Err(out_of_turn(other, "done").into()),
            }
        };
        if self.workload.holds() && held < job.rounds {
            return Err(Fault::NeverHeld { held, asked: job.rounds }.into());
        }
        if self.workload.serves() && loads.len() < job.rounds as usize {
            return Err(Fault::Served { served: loads.len(), asked: job.rounds }.into());
        }
        Ok(Heard { done, holding, paused, loads })
    }

    /// The CPU time of the runner since it was read. Where its own process used less than it must have, that of the
    /// processes that it started counts as well: to look for them takes longer, and few runners have any.
    fn cpu_since(&self, before: Option<Duration>, least: Duration) -> Option<Duration> {
        let own = cpu_time::of_process(self.runner.id())?.saturating_sub(before?);
        if own >= least { Some(own) } else { cpu_time::of_tree(self.runner.id()) }
    }

    /// Where a load failed because the runner has crashed, the runner's own end says more.
    fn blame<T>(&mut self, error: TrialError) -> Result<T, TrialError> {
        if let TrialError::Failed(Fault::Load(_)) = error
            && self.runner.has_ended()
        {
            return Err(explain(Broken::Ended, self.runner, self.step));
        }
        Err(error)
    }

    /// That a runner has closed its input is no error here: its next event, or the lack of one,
    /// shows it.
    fn send(&mut self, line: &str) -> Result<(), Fault> {
        match self.runner.send(line) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Fault::cannot("write to the runner", &error))
            }
            _ => Ok(()),
        }
    }

    fn next_event(&mut self) -> Result<Event, TrialError> {
        next_event(self.runner, self.step)
    }
}

/// What it means that a runner was not heard out; kills and reaps it first.
fn explain(broken: Broken, runner: &mut Supervised, step: Step) -> TrialError {
    let half_line = match runner.half_line() {
        [] => None,
        half => Some(format!("{:?}", one_line(&String::from_utf8_lossy(half), MAX_NAME))),
    };
    TrialError::Failed(match broken {
        Broken::Interrupted => return TrialError::Interrupted,
        Broken::Timeout(limit) => Fault::Hung { limit, step, half_line },
        Broken::TooMuch(fault) => fault,
        Broken::Io(error) => Fault::cannot("hear the runner", &error),
        Broken::Ended => {
            let exit = runner.finish().map_or_else(|error| error.to_string(), |exit| exit.to_string());
            Fault::Ended { exit, step, half_line, stderr: runner.stderr_tail() }
        }
    })
}

pub(super) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
