//! What the author of a runner may do about a fault: where it usually comes from.

use super::{Fault, Step};

impl Fault {
    /// What the author of the runner may do about it; `None` where nothing is known that would help.
    pub fn remedy(&self) -> Option<&'static str> {
        if let Self::InRound { fault, .. } = self {
            return fault.remedy();
        }
        self.of_a_proof()
            .or_else(|| self.of_a_round())
            .or_else(|| self.of_a_process())
            .or_else(|| self.of_an_event())
            .or_else(|| self.of_an_answer())
    }

    /// The work is not proven.
    fn of_a_proof(&self) -> Option<&'static str> {
        Some(match self {
            Self::Completed { .. } => {
                "count a task when it is joined, not when it is started, and join all of them before `done`"
            }
            Self::Checksum { .. } => {
                "whoever joins a task adds what it returned, wrapping at 64 bits, afresh in each round; a \
                 task was lost, run twice or not run at all. PROTOCOL.md says what each returns, with examples"
            }
            Self::WokeEarly { .. } => {
                "a span lasts from just before the wait until just after it, on the monotonic clock, and a \
                 wait lasts at least as long as asked, jitter included: round up to the timer's resolution, \
                 never down"
            }
            Self::InFlight { .. } => {
                "start all tasks before joining the first; where a waiting task keeps its worker to itself, \
                 say `blocks_worker` in the description"
            }
            Self::Backwards { .. } | Self::AfterMakespan { .. } => {
                "a span is its start and then its finish, two little-endian u64, from one monotonic clock, \
                 since the beginning of its own round; the makespan is read after the last join"
            }
            Self::Makespans { .. } | Self::PauseCounted { .. } => {
                "a makespan is in nanoseconds, from one monotonic clock, without the time spent at `holding`"
            }
            Self::Spans(_) => {
                "write 16 bytes a span (start and finish, little-endian u64), as many as PROTOCOL.md says, \
                 all rounds in order, to `spans_file`, and close it before the process ends"
            }
            _ => return None,
        })
    }

    /// A round is not as it was asked, or its counts are not.
    fn of_a_round(&self) -> Option<&'static str> {
        Some(match self {
            Self::Rounds { .. } => "run the workload `rounds` times and report each round in `done`",
            Self::NeverHeld => {
                "in `hold`, when all tasks are alive, say `holding` and wait for `go`, in each round"
            }
            Self::Served { .. } => {
                "in `echo` listen on 127.0.0.1 and say `serving` with the address, in each round, before \
                 waiting for clients"
            }
            Self::Load(_) => {
                "send back every byte of every connection as it came, until the client closes it"
            }
            Self::Requests { .. } => "each task makes one request, no more and no fewer, in each round",
            Self::NoAllocations => {
                "the counted build has stats_alloc as its global allocator and reports what it counted in \
                 `usage`"
            }
            Self::TimedAllocations => {
                "only the counted build counts allocations: an allocator that counts costs time"
            }
            _ => return None,
        })
    }

    /// The process ends badly, or not at all.
    fn of_a_process(&self) -> Option<&'static str> {
        Some(match self {
            Self::LeftBehind(_) => "end and wait for every process that the runner started before it exits",
            Self::Hung { half_line: Some(_), .. } => {
                "an event is one line: end it with a newline, and flush standard output"
            }
            Self::Hung { step, .. } => step.remedy_of_a_hang(),
            Self::Ended { half_line: Some(_), .. } => {
                "end every event with a newline, and flush standard output before the process ends"
            }
            Self::Ended { step, .. } => step.remedy_of_an_end(),
            Self::Memory { .. } => {
                "give --memory-limit if it needs that much; else look for what a round leaves behind"
            }
            Self::NotStarted(_) => {
                "the harness could not start it, for the reason above; a program that was built anew \
                 meanwhile is one cause"
            }
            _ => return None,
        })
    }

    /// What it says is not what is due.
    fn of_an_event(&self) -> Option<&'static str> {
        Some(match self {
            Self::LongLine => "an event is one short line; everything else goes to standard error",
            Self::NoEvent(_) | Self::TalksOn(_) => {
                "standard output carries events only, one JSON object a line, in UTF-8; print everything \
                 else to standard error, and write the bytes of spans to `spans_file`"
            }
            Self::OutOfTurn { expected: "ready", .. } => {
                "the first event after the job is `ready`, before any task has run; then wait for `go`"
            }
            Self::OutOfTurn { expected: "done", .. } => {
                "after `ready` come `holding` (only in `hold`), `serving` (only in `echo`) and `done`, \
                 nothing else"
            }
            Self::OutOfTurn { .. } => {
                "check the job before anything else, and answer with \
                 {\"event\":\"refused\",\"status\":…,\"reason\":…}"
            }
            Self::RefusedAs(..) => {
                "a job that makes no sense is a `protocol-error`; `unsupported` and `unavailable` are for \
                 those that do"
            }
            _ => return None,
        })
    }

    /// An answer is not what it has to be.
    fn of_an_answer(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoReason(_) => "a refusal says why: with the limit that stands in the way, if it is one",
            Self::Unnamed { name: "O_DIRECT", .. } => {
                "where the file's system has no direct I/O, answer `refused` with status `unsupported` and \
                 name O_DIRECT"
            }
            Self::Unnamed { .. } => {
                "count the files that the tasks will have open before any of them runs; where they are too \
                 many, answer `refused` with status `unsupported` and name the limit, ulimit -n"
            }
            Self::NoProgram { .. } => {
                "the first word of `command` in runner.toml is a program on the PATH or, with a / in it, an \
                 executable file in the folder (chmod +x; a first line #! where it is a script; built for \
                 this machine)"
            }
            Self::OtherProtocol(_) => {
                "write the runner for the version that this harness speaks: PROTOCOL.md"
            }
            Self::Name(_) => {
                "a runtime's name becomes a file's name and a row's: `my-runtime`, not `My Runtime`"
            }
            Self::NoAnswer { question: "describe", .. } => {
                "`describe` as the only argument prints the description as one JSON object on one line and \
                 exits 0"
            }
            Self::NoAnswer { .. } => {
                "`probe NAME` starts the runtime and prints {\"available\":true}, or false and the reason, on \
                 one line"
            }
            Self::ClaimedTwice(_) => "list a workload in one of the two",
            Self::NoClaim => "list in `workloads` of the description what the runtime can do",
            Self::EmptyClaim { .. } => {
                "take it out of `workloads` in the description, or list it under `unsupported` with the reason"
            }
            _ => return None,
        })
    }
}

impl Step {
    fn remedy_of_a_hang(self) -> &'static str {
        match self {
            Self::Starting => {
                "read the job from standard input, build the runtime, write {\"event\":\"ready\"} and flush: \
                 output to a pipe is buffered"
            }
            Self::Ready => "a task never ended, or `done` was written and not flushed",
            Self::Holding => "wait for one line (`go`) at `holding`, then let all tasks go",
            Self::Serving => {
                "a round of `echo` is over when as many clients as there are tasks have come and gone"
            }
            Self::Done | Self::Ending => {
                "read standard input to its end after `done`, and at every checkpoint; at the end of input, \
                 exit: a thread that is not joined may keep the process"
            }
            Self::Answering => "answer a job that makes no sense with `refused`, a status and a reason",
        }
    }

    fn remedy_of_an_end(self) -> &'static str {
        match self {
            Self::Starting | Self::Ready | Self::Holding | Self::Serving => {
                "run the same trial by hand (kilotask trial RUNTIME WORKLOAD --tasks N); a limit of this \
                 machine is not a crash: answer `refused` with status `unsupported` and the limit"
            }
            Self::Done => "after `done` wait for the end of input, clean up, and exit with 0",
            Self::Answering => {
                "answer a job that makes no sense with `refused`; a crash tells the harness nothing"
            }
            Self::Ending => "exit with 0 once the refusal is written: it is an answer",
        }
    }
}
