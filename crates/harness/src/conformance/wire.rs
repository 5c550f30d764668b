//! How a runner answers single jobs that no trial has, and what it does when the harness is gone.
//!
//! A harness sends no job that makes no sense; an older or a newer one may, and so may a person at a
//! terminal. A runner that outlives its harness disturbs the next trial.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use protocol::wire::{GO, decode, encode};
use protocol::{Event, Go, Job, PROTOCOL, Refusal, RuntimeInfo, Status, Workload};
use results::cell::own_name;

use crate::discover::Runtime;
use crate::environment::cpus;
use crate::fault::{Fault, Step, TrialError};
use crate::process::{Line, Side, Supervised};
use crate::trial::Instruments;
use crate::trial::conversation::{check_exit, finish, next_event, out_of_turn, start};

/// How long the harness pauses at `holding` to see whether the runner counts it in.
const PAUSE: Duration = Duration::from_millis(50);

/// One such question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // The name of each says what has to hold.
pub enum WireQuestion {
    NoTasks,
    UnknownWorkload,
    UnknownRuntime,
    OtherVersion,
    Rubbish,
    /// The end of input comes instead of a job.
    NoJob,
    /// The end of input comes instead of `go`, here and in the next.
    NoGo,
    NoGoAtHolding,
    Pause,
    /// A workload that stands under `unsupported`.
    Disclaimed(Workload),
}

impl WireQuestion {
    /// Those for a runtime.
    pub fn of(runtime: &RuntimeInfo) -> Vec<Self> {
        let claims = |workload: Workload| runtime.workloads.iter().any(|name| name == workload.name());
        let mut questions = vec![
            Self::NoTasks,
            Self::UnknownWorkload,
            Self::UnknownRuntime,
            Self::OtherVersion,
            Self::Rubbish,
            Self::NoJob,
            Self::NoGo,
        ];
        if claims(Workload::Hold) {
            questions.extend([Self::NoGoAtHolding, Self::Pause]);
        }
        let disclaimed = runtime.unsupported.keys().filter_map(|name| Workload::from_name(name));
        questions.extend(disclaimed.map(Self::Disclaimed));
        questions
    }

    /// In a few words, as what has to hold.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoTasks => "refuses 0 tasks",
            Self::UnknownWorkload => "refuses an unknown workload",
            Self::UnknownRuntime => "refuses an unknown runtime",
            Self::OtherVersion => "refuses another protocol version",
            Self::Rubbish => "refuses a job that is not JSON",
            Self::NoJob => "ends when there is no job",
            Self::NoGo => "ends when go does not come",
            Self::NoGoAtHolding => "ends when go does not come at holding",
            Self::Pause => "counts no pause at holding",
            Self::Disclaimed(_) => "by its own description",
        }
    }

    /// The workload that it is about; `None` where that does not matter.
    pub fn workload(self) -> Option<Workload> {
        match self {
            Self::Disclaimed(workload) => Some(workload),
            _ => None,
        }
    }

    /// The line that is sent; `None` where there is none.
    pub(super) fn line(self, runtime: &Runtime, spans_file: Option<&Path>) -> Option<String> {
        let of = |workload: Workload| Job {
            spans_file: spans_file.map(Path::to_path_buf),
            ..job(runtime, workload)
        };
        let plain = || of(plain_workload(runtime));
        let job = match self {
            Self::NoTasks => Job { tasks: 0, ..plain() },
            Self::UnknownWorkload => Job { workload: "no-such-workload".into(), ..plain() },
            Self::UnknownRuntime => Job { runtime: "no-such-runtime".into(), ..plain() },
            Self::OtherVersion => Job { protocol: PROTOCOL + 1, ..plain() },
            Self::Rubbish => return Some("this is no job\n".into()),
            Self::NoJob => return None,
            Self::NoGo => plain(),
            Self::NoGoAtHolding | Self::Pause => of(Workload::Hold),
            Self::Disclaimed(workload) => of(workload),
        };
        Some(encode(&job))
    }

    /// Asks it; gives the refusal, where that is the answer.
    pub(super) fn ask(
        self,
        runtime: &Runtime,
        seed: u64,
        instruments: &mut Instruments,
    ) -> Result<Option<Refusal>, TrialError> {
        let scratch = instruments.scratch.folder()?;
        let mut command = runtime.runner.command(false).expect("every runner has a command");
        let mut runner = start(&mut command, instruments.bounds)?;
        if let Some(line) = self.line(runtime, Some(&scratch.path().join("spans"))) {
            // A runner that has gone already says why on standard error.
            let _ = runner.send(&line);
        }
        let heard = match self {
            Self::NoJob => Ok(None),
            Self::NoGo => hear_ready(&mut runner).map(|()| None),
            Self::NoGoAtHolding => hold(&mut runner, seed).map(|()| None),
            Self::Pause => pause(&mut runner, seed).map(|()| None),
            _ => self.hear_refusal(&mut runner).map(Some),
        };
        let refusal = match heard {
            // It cannot do this job here: trials ask about that.
            Err(TrialError::Failed(Fault::Refused(_))) => return Ok(None),
            heard => heard?,
        };
        let exit = finish(&mut runner, Step::Ending)?;
        // Without a harness, a runner may end as it likes.
        if refusal.is_some() {
            check_exit(exit, &mut runner, Step::Ending)?;
            ends_with_the_last_event(&runner.take_traffic())?;
        }
        Ok(refusal)
    }

    fn hear_refusal(self, runner: &mut Supervised) -> Result<Refusal, TrialError> {
        let refusal = match next_event(runner, Step::Answering)? {
            Event::Refused(refusal) => refusal,
            other => return Err(out_of_turn(other, "refused").into()),
        };
        let expected = match self {
            Self::NoTasks | Self::OtherVersion | Self::Rubbish => Some(Status::ProtocolError),
            Self::Disclaimed(_) => Some(Status::Unsupported),
            _ => None,
        };
        if let Some(expected) = expected.filter(|&expected| refusal.status != expected) {
            return Err(Fault::RefusedAs(refusal.status, expected).into());
        }
        if refusal.reason.trim().is_empty() {
            return Err(Fault::NoReason(refusal.status).into());
        }
        Ok(refusal)
    }
}

fn hear_ready(runner: &mut Supervised) -> Result<(), TrialError> {
    match next_event(runner, Step::Starting)? {
        Event::Ready => Ok(()),
        other => Err(out_of_turn(other, "ready").into()),
    }
}

/// Leads a runner to `holding`.
fn hold(runner: &mut Supervised, seed: u64) -> Result<(), TrialError> {
    hear_ready(runner)?;
    let _ = runner.send(&Go::with_seed(seed).line());
    match next_event(runner, Step::Ready)? {
        Event::Holding => Ok(()),
        other => Err(out_of_turn(other, "holding").into()),
    }
}

fn pause(runner: &mut Supervised, seed: u64) -> Result<(), TrialError> {
    let began = Instant::now();
    hold(runner, seed)?;
    thread::sleep(PAUSE);
    let _ = runner.send(&format!("{GO}\n"));
    let done = match next_event(runner, Step::Holding)? {
        Event::Done(done) => done,
        other => return Err(out_of_turn(other, "done").into()),
    };
    let makespan_ns = done.rounds.iter().fold(0u64, |sum, round| sum.saturating_add(round.makespan_ns));
    if u128::from(makespan_ns) + PAUSE.as_nanos() > began.elapsed().as_nanos() {
        return Err(Fault::PauseCounted { makespan_ns, pause_ns: PAUSE.as_nanos() }.into());
    }
    Ok(())
}

/// A job of two tasks that makes sense.
fn job(runtime: &Runtime, workload: Workload) -> Job {
    let mut job = Job::new(own_name(&runtime.info.name), workload, 2);
    job.params.extend(runtime.info.params.clone());
    job.workers = runtime.info.workers_default.unwrap_or_else(cpus);
    job
}

/// A workload that the runtime claims and that needs no peer; any, where there is none.
fn plain_workload(runtime: &Runtime) -> Workload {
    let claimed = runtime.info.workloads.iter().filter_map(|name| Workload::from_name(name));
    let plain = |it: &Workload| !it.asks_origin() && !it.serves() && !it.reads_file();
    claimed.into_iter().find(plain).unwrap_or(Workload::Spawn)
}

/// That a runner wrote nothing after `done` or a refusal.
pub(super) fn ends_with_the_last_event(traffic: &[Line]) -> Result<(), Fault> {
    let is_last =
        |line: &&Line| matches!(decode(line.text.as_bytes()), Ok(Event::Done(_) | Event::Refused(_)));
    let said = traffic.iter().filter(|line| line.from == Side::Runner);
    match said.skip_while(|line| !is_last(line)).nth(1) {
        Some(line) => Err(Fault::TalksOn(line.text.clone())),
        None => Ok(()),
    }
}

/// That a refusal names what stands in the way.
pub(super) fn names(refusal: &Refusal, name: &'static str) -> Result<(), Fault> {
    if refusal.reason.contains(name) {
        return Ok(());
    }
    Err(Fault::Unnamed { name, reason: refusal.reason.clone() })
}
