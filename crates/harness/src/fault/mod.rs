//! What a runner did wrong: the status and the reason of the row, and what its author may do about it.

mod remedy;

use std::io;
use std::time::Duration;

use protocol::wire::MAX_LINE_BYTES;
use protocol::{PROTOCOL, Refusal, Span, Status};

/// How a trial, or another question put to a runner, failed. Its text is the reason in the row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // The text of each says what it is.
pub enum Fault {
    // It does not prove its work.
    #[error("round {round}: {fault}")]
    InRound { round: usize, fault: Box<Self> },
    #[error("{completed} of {expected} tasks completed")]
    Completed { completed: u64, expected: u64 },
    #[error(
        "checksum {reported:?}, but what the tasks were to return adds up to {expected}{}",
        after(": ", guess.as_ref())
    )]
    Checksum { reported: String, expected: u64, guess: Option<String> },
    #[error("task {span} woke early: after {length_ns} ns of {asked_ns} ns")]
    WokeEarly { span: u64, length_ns: u64, asked_ns: u64 },
    #[error("{peak} tasks in flight at most; {workload} promises {promised}")]
    InFlight { peak: u64, promised: u64, workload: &'static str },
    #[error("task {task} finished at {} ns, before it started at {} ns", span.finish_ns, span.start_ns)]
    Backwards { task: usize, span: Span },
    #[error("task {task} finished at {finish_ns} ns, after the makespan of {makespan_ns} ns")]
    AfterMakespan { task: usize, finish_ns: u64, makespan_ns: u64 },
    #[error("makespans add up to {makespans_ns} ns, but only {seen_ns} ns passed from go to done")]
    Makespans { makespans_ns: u64, seen_ns: u128 },
    #[error("{0}")]
    Spans(String),
    #[error("{reported} rounds reported of {asked}")]
    Rounds { reported: usize, asked: u32 },
    #[error("done without ever holding")]
    NeverHeld,
    #[error("served {served} of {asked} rounds")]
    Served { served: usize, asked: u32 },
    #[error("the load: {0}")]
    Load(String),
    #[error("the origin answered {answered} requests, {asked} were to be made")]
    Requests { answered: u64, asked: u64 },
    #[error("a makespan of {makespan_ns} ns has a pause of {pause_ns} ns at holding in it")]
    PauseCounted { makespan_ns: u64, pause_ns: u128 },
    #[error("its counted build reports no allocations")]
    NoAllocations,
    #[error("its timed build reports allocations")]
    TimedAllocations,
    #[error("left {} processes behind when it ended: {}", .0.len(), .0.join(", "))]
    LeftBehind(Vec<String>),

    // It hangs or ends too early.
    #[error(
        "not done within {}: {}{}",
        humantime::format_duration(*limit),
        step.hung(),
        after(", in the middle of a line: ", half_line.as_ref())
    )]
    Hung { limit: Duration, step: Step, half_line: Option<String> },
    #[error("{exit} {}{}: {stderr}", step.ended(), after(", in the middle of a line: ", half_line.as_ref()))]
    Ended { exit: String, step: Step, half_line: Option<String>, stderr: String },
    #[error("{resident} bytes resident, more than the limit of {limit} (--memory-limit)")]
    Memory { resident: u64, limit: u64 },

    // It does not keep to the protocol.
    #[error("wrote a line of more than {MAX_LINE_BYTES} bytes")]
    LongLine,
    #[error("{0}")]
    NoEvent(String),
    #[error("expected {expected}, got {got}")]
    OutOfTurn { expected: &'static str, got: String },
    #[error("wrote {0:?} after its last event")]
    TalksOn(String),
    #[error("refused as {0}, not as {1}")]
    RefusedAs(Status, Status),
    #[error("refused as {0} without a reason")]
    NoReason(Status),
    #[error("{reason}: this does not name {name}")]
    Unnamed { name: &'static str, reason: String },
    #[error("{program} cannot be started: {error}")]
    NoProgram { program: String, error: String },
    #[error("it speaks protocol {0}, this harness {PROTOCOL}")]
    OtherProtocol(u32),
    #[error("{0:?} is no name for a runtime: use a-z, 0-9 and -")]
    Name(String),
    #[error("{question} gave no answer: {problem}")]
    NoAnswer { question: &'static str, problem: String },
    #[error("it was built for version {built}, and says that it is {described}")]
    OtherVersion { built: String, described: String },
    #[error("{0} stands under `workloads` and under `unsupported`")]
    ClaimedTwice(String),
    #[error("claims no workload")]
    NoClaim,
    #[error("claims {workload} and answers unsupported: {reason}")]
    EmptyClaim { workload: String, reason: String },

    /// It refuses, which is an answer, or the harness knows that this machine cannot.
    #[error("{}", .0.reason)]
    Refused(Refusal),
    #[error("cannot start the runner: {0}")]
    NotStarted(String),
    /// Something of this machine stood in the way: not the runner's fault.
    #[error("{0}")]
    Machine(String),
}

/// Why a trial, or another question put to a runner, has no good answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrialError {
    /// The person at the terminal wants to stop.
    Interrupted,
    /// It failed.
    Failed(Fault),
}

impl From<Fault> for TrialError {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

/// How far a runner had come, by its own word, when it hung or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Step {
    Starting,
    Ready,
    Holding,
    Serving,
    Done,
    Answering,
    Ending,
}

impl Step {
    fn hung(self) -> &'static str {
        match self {
            Self::Starting => "it never said ready",
            Self::Ready => "after ready and go, nothing more came",
            Self::Holding => "after holding and go, nothing more came",
            Self::Serving => "after serving and the load, nothing more came",
            Self::Done => "it was done, but did not end when its input was closed",
            Self::Answering => "there was no answer",
            Self::Ending => "it did not end, though its input had ended",
        }
    }

    fn ended(self) -> &'static str {
        match self {
            Self::Starting | Self::Ready | Self::Holding | Self::Serving => "before it was done",
            Self::Done => "after done",
            Self::Answering => "without an answer",
            Self::Ending => "after it refused",
        }
    }
}

/// What is known, with the words that lead to it; nothing where it is not known.
fn after(words: &str, known: Option<&String>) -> String {
    known.map_or_else(String::new, |known| format!("{words}{known}"))
}

impl Fault {
    /// The operating system refused something that the harness needs.
    pub fn cannot(what: &str, error: &io::Error) -> Self {
        Self::Machine(format!("cannot {what}: {error}"))
    }

    /// The status of the row.
    pub fn status(&self) -> Status {
        match self {
            Self::Hung { .. } => Status::Timeout,
            Self::Ended { .. } | Self::Memory { .. } | Self::NotStarted(_) | Self::Machine(_) => {
                Status::Crashed
            }
            Self::LongLine
            | Self::NoEvent(_)
            | Self::OutOfTurn { .. }
            | Self::TalksOn(_)
            | Self::RefusedAs(..)
            | Self::NoReason(_)
            | Self::Unnamed { .. }
            | Self::NoProgram { .. }
            | Self::OtherProtocol(_)
            | Self::Name(_)
            | Self::NoAnswer { .. }
            | Self::OtherVersion { .. }
            | Self::ClaimedTwice(_)
            | Self::NoClaim => Status::ProtocolError,
            Self::EmptyClaim { .. } => Status::Unsupported,
            Self::Refused(refusal) => refusal.status,
            _ => Status::Wrong,
        }
    }
}
