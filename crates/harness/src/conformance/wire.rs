//! How a runner answers a job that makes no sense, and what it does when the harness has gone.
//!
//! No trial asks these: a harness sends no such job. An older or a newer one may, and so may a person
//! at a terminal; and a runner that outlives its harness is the next trial's noise.

use std::io;

use protocol::wire::{decode, encode};
use protocol::{Event, Job, PROTOCOL, Status, Workload};

use super::repro_command;
use crate::discover::Runtime;
use crate::process::{Broken, Supervised};
use crate::trial::Instruments;

/// One such question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WireQuestion {
    /// A job with no task.
    NoTasks,
    /// A job with a workload that no one knows.
    UnknownWorkload,
    /// A job with a runtime that no one knows.
    UnknownRuntime,
    /// A job of another version of the wire.
    OtherVersion,
    /// A line that is no job.
    Rubbish,
    /// The end of input where the job should be.
    NoJob,
    /// The end of input where `go` should be.
    NoGo,
}

/// What was found, short of an answer that holds.
pub(super) enum Fault {
    Interrupted,
    Found(Status, String),
}

impl WireQuestion {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::NoTasks,
        Self::UnknownWorkload,
        Self::UnknownRuntime,
        Self::OtherVersion,
        Self::Rubbish,
        Self::NoJob,
        Self::NoGo,
    ];

    /// In a few words, as what ought to hold.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoTasks => "refuses 0 tasks",
            Self::UnknownWorkload => "refuses an unknown workload",
            Self::UnknownRuntime => "refuses an unknown runtime",
            Self::OtherVersion => "refuses another protocol version",
            Self::Rubbish => "refuses a job that is not JSON",
            Self::NoJob => "ends when there is no job",
            Self::NoGo => "ends when go does not come",
        }
    }

    /// The status of the refusal, where it has to be just that one.
    fn status(self) -> Option<Status> {
        match self {
            Self::NoTasks | Self::OtherVersion | Self::Rubbish => Some(Status::ProtocolError),
            _ => None,
        }
    }

    /// The line that is sent; `None` where there is none.
    fn line(self, job: Job) -> Option<String> {
        let job = match self {
            Self::NoTasks => Job { tasks: 0, ..job },
            Self::UnknownWorkload => Job { workload: "no-such-workload".into(), ..job },
            Self::UnknownRuntime => Job { runtime: "no-such-runtime".into(), ..job },
            Self::OtherVersion => Job { protocol: PROTOCOL + 1, ..job },
            Self::Rubbish => return Some("this is no job\n".into()),
            Self::NoJob => return None,
            Self::NoGo => job,
        };
        Some(encode(&job))
    }

    /// The command that asks it again.
    pub(super) fn again(self, runtime: &Runtime, seed: u64) -> String {
        repro_command::line(runtime, self.line(job(runtime, seed)).as_deref())
    }

    /// Asks it.
    pub(super) fn ask(self, runtime: &Runtime, seed: u64, instruments: &Instruments) -> Result<(), Fault> {
        let scratch = tempfile::tempdir().map_err(|error| ours(&error))?;
        let mut job = job(runtime, seed);
        job.spans_file = Some(scratch.path().join("spans"));
        let mut command = runtime.runner.command(false).expect("every runner has a command");
        let mut runner = Supervised::start(&mut command, instruments.bounds).map_err(|error| ours(&error))?;
        if let Some(line) = self.line(job) {
            // A runner that has gone already says why on standard error.
            let _ = runner.send(&line);
        }
        match self {
            Self::NoJob => {}
            Self::NoGo => match self.hear(&mut runner)? {
                Event::Ready => {}
                // It cannot do this job here, which is the matter of a trial.
                Event::Refused(_) => return Ok(()),
                other => return Err(unexpected(&other, "ready")),
            },
            _ => self.hear_refusal(&mut runner)?,
        }
        let exit = runner.finish().map_err(|broken| match broken {
            Broken::Interrupted => Fault::Interrupted,
            Broken::Timeout(_) => {
                Fault::Found(Status::Timeout, format!("{broken}: still there, though its input has ended"))
            }
            broken => Fault::Found(Status::Crashed, broken.to_string()),
        })?;
        // Without a harness, how a runner ends is its own matter.
        if self.is_answered() && !exit.success() {
            let reason = format!("{exit} after it refused: {}", runner.stderr_tail());
            return Err(Fault::Found(Status::Crashed, reason));
        }
        Ok(())
    }

    fn is_answered(self) -> bool {
        !matches!(self, Self::NoJob | Self::NoGo)
    }

    fn hear(self, runner: &mut Supervised) -> Result<Event, Fault> {
        // One job makes sense: what is missing there is no refusal, and the mend is another.
        let (silent, gone) = match self {
            Self::NoGo => ("it never said ready", "before it was done"),
            _ => ("there was no answer", "without an answer"),
        };
        let line = runner.read_line().map_err(|broken| match broken {
            Broken::Interrupted => Fault::Interrupted,
            Broken::Ended => {
                let exit = runner.finish().map_or_else(|error| error.to_string(), |exit| exit.to_string());
                Fault::Found(Status::Crashed, format!("{exit} {gone}: {}", runner.stderr_tail()))
            }
            Broken::Timeout(_) => Fault::Found(Status::Timeout, format!("{broken}: {silent}")),
            broken => Fault::Found(Status::ProtocolError, broken.to_string()),
        })?;
        decode(&line).map_err(|error| Fault::Found(Status::ProtocolError, error.to_string()))
    }

    fn hear_refusal(self, runner: &mut Supervised) -> Result<(), Fault> {
        match self.hear(runner)? {
            Event::Refused(refusal) => match self.status() {
                Some(status) if refusal.status != status => {
                    let reason = format!("refused as {}, not as {status}", refusal.status);
                    Err(Fault::Found(Status::ProtocolError, reason))
                }
                _ => Ok(()),
            },
            other => Err(unexpected(&other, "refused")),
        }
    }
}

/// A job that makes sense.
fn job(runtime: &Runtime, seed: u64) -> Job {
    let mut job = Job::new(&runtime.info.name, plain_workload(runtime), 2, seed);
    job.params.extend(runtime.info.params.clone());
    job
}

/// A workload that the runtime claims and that needs no other party; any, where there is none.
fn plain_workload(runtime: &Runtime) -> Workload {
    let claimed = runtime.info.workloads.iter().filter_map(|name| Workload::from_name(name));
    let plain = |it: &Workload| !it.asks_origin() && !it.serves() && !it.reads_file();
    claimed.into_iter().find(plain).unwrap_or(Workload::Spawn)
}

fn unexpected(event: &Event, expected: &str) -> Fault {
    let reason = format!("expected {expected}, got {}", encode(event).trim_end());
    Fault::Found(Status::ProtocolError, reason)
}

/// Something of this machine stood in the way.
fn ours(error: &io::Error) -> Fault {
    Fault::Found(Status::Crashed, format!("cannot start the runner: {error}"))
}
