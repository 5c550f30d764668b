//! What a runner did wrong: the status and the reason of the row, and what its author may do about it.

use std::fmt::Display;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use protocol::wire::MAX_LINE_BYTES;
use protocol::{PROTOCOL, Refusal, Span, Status};
use rustix::io::Errno;

/// Makes [`Fault`] of a table. Faults of one status stand together, each with its fields, its text and,
/// where one is known that helps, its remedy.
macro_rules! faults {
    ($($status:ident {$(
        $fault:ident $({ $($field:ident: $type:ty),* })? $(($($element:ty),*))?:
        ($($text:tt)*) $(=> $remedy:expr)?;
    )*})*) => {
        /// How a trial, or another question put to a runner, failed. Its text is the reason in the row.
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        #[allow(missing_docs)] // The text of each says what it is.
        pub enum Fault {
            /// It refuses, which is an answer, or the harness knows that this machine cannot.
            #[error("{}", .0.reason)]
            Refused(Refusal),
            $($(
                #[error($($text)*)]
                $fault $({ $($field: $type),* })? $(($($element),*))?,
            )*)*
        }

        impl Fault {
            /// The status of the row.
            pub fn status(&self) -> Status {
                match self {
                    Self::Refused(refusal) => refusal.status,
                    $($(Self::$fault { .. } => Status::$status,)*)*
                }
            }

            /// What the author of the runner may do about it; `None` where nothing is known that would help.
            #[allow(unused_variables)] // Few remedies depend on the fields.
            pub fn remedy(&self) -> Option<&'static str> {
                match self {
                    Self::Refused(_) => None,
                    $($(Self::$fault { $($($field,)*)? .. } => faults!(@remedy $($remedy)?),)*)*
                }
            }
        }
    };
    (@remedy) => { None };
    (@remedy $remedy:expr) => { Some($remedy) };
}

faults! {
    Wrong {
        InRound { round: usize, fault: Box<Fault> }: ("round {round}: {fault}") => fault.remedy()?;
        Completed { completed: u64, expected: u64 }: ("{completed} of {expected} tasks completed")
            => "count a task when it is joined, not when it is started, and join all of them before `done`";
        Checksum { reported: String, expected: u64, guess: Option<String> }:
            ("checksum {reported:?}, but what the tasks must return adds up to {expected}{}",
             after(": ", guess.as_ref()))
            => "add what each task returned when you join it, wrapping at 64 bits, from 0 in each round; a \
                task was lost, run twice or not run at all. PROTOCOL.md says what each task returns, with \
                examples";
        WokeEarly { span: u64, length_ns: u64, asked_ns: u64 }:
            ("task {span} woke early: after {length_ns} ns of {asked_ns} ns")
            => "a span lasts from just before the wait until just after it, on the monotonic clock, and a \
                wait lasts at least as long as asked, including jitter: round up to the timer's resolution, \
                never down";
        InFlight { peak: u64, promised: u64, workload: &'static str }:
            ("at most {peak} tasks in flight; {workload} promises {promised}")
            => "start all tasks before joining the first; if a waiting task blocks its worker, set \
                `blocks_worker` in the description";
        Backwards { task: usize, span: Span }:
            ("task {task} finished at {} ns, before it started at {} ns", span.finish_ns, span.start_ns)
            => SPAN;
        AfterMakespan { task: usize, finish_ns: u64, makespan_ns: u64 }:
            ("task {task} finished at {finish_ns} ns, after the makespan of {makespan_ns} ns") => SPAN;
        Makespans { makespans_ns: u64, seen_ns: u128 }:
            ("makespans add up to {makespans_ns} ns, but only {seen_ns} ns passed from go to done")
            => MAKESPAN;
        NoMakespan: ("a makespan of 0 ns") => MAKESPAN;
        Unaccounted { makespans_ns: u64, seen_ns: u128 }:
            ("makespans add up to {makespans_ns} ns, but {seen_ns} ns passed from go to done, without the pauses")
            => "a makespan lasts from before the first task of its round is started until after the last one is joined; \
                before the first round, and between two, next to nothing is done";
        LittleCpu { used_ns: u128, least_ns: u128 }:
            ("its processes used {used_ns} ns of CPU time from go to done; what was asked takes {least_ns} ns at least")
            => "the tasks compute what they are asked to, all of it, after go, in the runner's own processes";
        ShortMakespans { makespans_ns: u64, least_ns: u128 }:
            ("makespans add up to {makespans_ns} ns; on all CPUs of this machine the work takes {least_ns} ns at least")
            => MAKESPAN;
        TooMuchUsage { used_ns: u64, most_ns: u128 }:
            ("`usage` has {used_ns} ns of CPU time; all CPUs together had {most_ns} ns from go to done")
            => "`usage` is what the rounds used, in nanoseconds: the difference of two readings";
        PauseCounted { makespan_ns: u64, pause_ns: u128 }:
            ("a makespan of {makespan_ns} ns includes a pause of {pause_ns} ns at holding") => MAKESPAN;
        TooManyInFlight { peak: u64, workers: u32 }:
            ("{peak} tasks in flight on {workers} workers, each of which a waiting task keeps to itself")
            => "a span begins when its task begins to run, not when it is started; if a waiting task leaves its worker to \
                others, do not set `blocks_worker` in the description";
        BeatsOverlap { task: u64, beat: u64 }:
            ("beat {beat} of task {task} began before the one before it had ended")
            => "a heartbeat waits, then waits again: its beats come one after another, each with the index \
                task × times + beat";
        AllAlike { spans: usize }:
            ("all {spans} spans have the same start and the same finish")
            => "each task reads the clock itself, right before its work and right after it";
        Spans(String): ("{0}")
            => "write 16 bytes per span (start and finish, little-endian u64), as many as PROTOCOL.md says, \
                all rounds in order, to `spans_file`, and close it before the process ends";
        Rounds { reported: usize, asked: u32 }: ("{reported} of {asked} rounds reported")
            => "run the workload `rounds` times and report each round in `done`";
        NeverHeld { held: u32, asked: u32 }: ("held in {held} of {asked} rounds")
            => "in `hold`, send `holding` when all tasks are alive, then wait for `go`, in each round";
        Served { served: usize, asked: u32 }: ("served {served} of {asked} rounds")
            => "in `echo`, listen on 127.0.0.1 and send `serving` with the address in each round, before \
                waiting for clients";
        NotHere(SocketAddr): ("serves at {0}, which is not a loopback address")
            => "in `echo`, listen on 127.0.0.1: the load comes from this machine";
        NotItsOwn(SocketAddr): ("no process of the runner's listens at {0}")
            => "in `echo`, the tasks are the server: listen in the runner's own process, or in one that it started";
        Load(String): ("the load: {0}")
            => "send back every byte of every connection as it came, until the client closes it";
        Requests { answered: u64, asked: u64 }:
            ("the origin answered {answered} requests instead of {asked}")
            => "each task makes one request, no more and no fewer, in each round";
        UnevenRequests { tokens: u64 }:
            ("{tokens} tokens did not come to the origin once in each round, and others too often")
            => "each task sends its own token, the seed plus its index";
        SharedConnections { requests: u64 }:
            ("{requests} requests came on a connection that had carried another one")
            => "each task makes a connection of its own, in each round, and closes it";
        NoAllocations: ("its counted build reports no allocations")
            => "make stats_alloc the global allocator of the counted build, and report its counts in `usage`";
        TimedAllocations: ("its timed build reports allocations")
            => "only the counted build counts allocations: an allocator that counts costs time";
        SpoiltFile: ("changed or removed the file that it was to read, which is that of other trials too")
            => "open the file of `file-read` for reading only, and leave it where it is";
        LeftBehind { names: Vec<String> }:
            ("left {} processes behind when it ended: {}", names.len(), names.join(", "))
            => "end and wait for every process that the runner started before it exits";
    }

    Timeout {
        Hung { limit: Duration, step: Step, half_line: Option<String> }:
            ("not done within {}: {}{}", humantime::format_duration(*limit), step.hung().0,
             after(HALF_LINE, half_line.as_ref()))
            => match half_line {
                Some(_) => "an event is one line: end it with a newline, and flush standard output",
                None => step.hung().1,
            };
        HungBefore { limit: Duration, what: &'static str }:
            ("not done within {}: {what} did not end", humantime::format_duration(*limit))
            => "answer every client, and end each round of `echo` when all clients have gone";
    }

    Crashed {
        Ended { exit: String, step: Step, half_line: Option<String>, stderr: String }:
            ("{exit} {}{}: {stderr}", step.ended().0, after(HALF_LINE, half_line.as_ref()))
            => match half_line {
                Some(_) => {
                    "end every event with a newline, and flush standard output before the process ends"
                }
                None => step.ended().1,
            };
        Memory { resident: u64, limit: u64 }:
            ("{resident} bytes resident, more than the limit of {limit} (--memory-limit)")
            => "raise --memory-limit if it needs that much; otherwise look for memory that a round does not \
                free";
        OutOfMemory { allowed: Option<u64> }:
            ("the kernel killed it, as there was no memory left (--memory-limit ends it in time){}", after(
                "; the control group allows ",
                allowed.map(|bytes| format!("{bytes} bytes")).as_ref()
            ))
            => "set --memory-limit below what is there, so that it is ended in good order; give the machine or the \
                control group more memory, or the job fewer tasks";
        NotStarted(String): ("cannot start the runner: {0}")
            => "fix the reason above; one cause is a program that was rebuilt during the run";
        Stays { pid: u32, limit: Duration }:
            ("process {pid} was killed and is not gone after {} s", limit.as_secs())
            => "no other process may trace it or keep it";
    }

    ProtocolError {
        LongLine: ("wrote a line of more than {MAX_LINE_BYTES} bytes")
            => "an event is one short line; everything else goes to standard error";
        NoEvent(String): ("{0}") => EVENTS_ONLY;
        TalksOn(String): ("wrote {0:?} after its last event") => EVENTS_ONLY;
        OutOfTurn { expected: &'static str, got: String }: ("expected {expected}, got {got}")
            => match *expected {
                "ready" => {
                    "the first event after the job is `ready`, before any task has run; then wait for `go`"
                }
                "done" => {
                    "after `ready` come `holding` (only in `hold`), `serving` (only in `echo`), each once in a \
                     round, and `done`, nothing else; a job is refused before `ready`, and what fails later is a crash"
                }
                _ => {
                    "check the job before anything else, and answer with \
                     {\"event\":\"refused\",\"status\":…,\"reason\":…}"
                }
            };
        RefusedAs(Status, Status): ("refused as {0}, not as {1}")
            => "an invalid job is a `protocol-error`; `unsupported` and `unavailable` are for valid jobs";
        NoReason(Status): ("refused as {0} without a reason")
            => "a refusal says why; if a limit is the reason, it names the limit";
        Unnamed { name: &'static str, reason: String }: ("{reason}: this does not name {name}")
            => "before any task runs, count the files that the tasks will have open; if there are too many, answer \
                `refused` with status `unsupported` and name the limit, ulimit -n";
        NoProgram { program: String, error: String }: ("{program} cannot be started: {error}")
            => "the first word of `command` in runner.toml must be a program on the PATH or, with a / in \
                it, an executable file in the folder (chmod +x; a first line #! in a script; built for this \
                machine)";
        OtherProtocol { protocol: u32 }: ("it uses protocol {protocol}; this harness supports {PROTOCOL}")
            => match protocol {
                1 => {
                    "version 2 changed one thing: `seed`, `origin` and `file` are no longer in the job; they come \
                     with the first `go`, a line like: go {\"seed\":7}. Read them there, before the clock of the first \
                     round starts, and say protocol 2: PROTOCOL.md, \"From version 1\""
                }
                _ => "write the runner for the version that this harness supports: PROTOCOL.md",
            };
        Name(String): ("{0:?} is not a valid name for a runtime or family: use a-z, 0-9 and -")
            => "the name becomes part of file names and rows: `my-runtime`, not `My Runtime`";
        NoAnswer { question: &'static str, problem: String }: ("{question} gave no answer: {problem}")
            => match *question {
                "describe" => {
                    "`describe` as the only argument prints the description as one JSON object on one line \
                     and exits 0"
                }
                _ => {
                    "`probe NAME` starts the runtime and prints {\"available\":true}, or false and the \
                     reason, on one line"
                }
            };
        ParamOfWorkload { name: &'static str, workload: &'static str }:
            ("its parameter {name} is one of {workload}")
            => "give a parameter of the runtime's own in `params` another name: what a workload asks is not a runtime's to \
                change";
        OtherVersion { built: String, described: String }:
            ("it was built for version {built}, but describes itself as {described}");
        ClaimedTwice(String): ("{0} is listed both under `workloads` and under `unsupported`")
            => "list it in only one of them";
        NoClaim: ("claims no workload")
            => "list the workloads that the runtime supports in `workloads` of the description";
    }

    // The lab or the machine stood in the way: not the runner's fault.
    LabError {
        Hindered(String): ("{0}");
        StoodStill:
            ("the lab stood still during the trial: it was stopped (Ctrl-Z) or frozen, or the machine slept")
            => "let the lab run without a pause";
    }

    Unsupported {
        EmptyClaim { workload: String, reason: String }:
            ("claims {workload} and answers unsupported: {reason}")
            => "remove it from `workloads` in the description, or list it under `unsupported` with the \
                reason";
        // Other passes show whether the runner is sound.
        Emulated(String): ("under valgrind: {0}")
            => "valgrind --tool=callgrind with the runner's command may show more; some system calls and instructions are \
                unknown to valgrind";
    }
}

const SPAN: &str = "a span is its start and then its finish, two little-endian u64, from one monotonic \
    clock, since the beginning of its own round; the makespan is read after the last join";

const MAKESPAN: &str =
    "a makespan is in nanoseconds, from one monotonic clock, without the time spent at `holding`";

const EVENTS_ONLY: &str = "standard output carries only events, one JSON object per line, in UTF-8; print \
                           everything else to standard error, and write the bytes of spans to `spans_file`";

const HALF_LINE: &str = ", in the middle of a line: ";

/// What is known, with the words that lead to it; nothing where it is not known.
fn after(words: &str, known: Option<&impl Display>) -> String {
    known.map_or_else(String::new, |known| format!("{words}{known}"))
}

impl Fault {
    /// The operating system refused something that the harness needs: what, and how to fix it where that is known.
    pub fn cannot(what: impl Display, error: &io::Error) -> Self {
        Self::hindered(&format!("cannot {what}: {error}"), error)
    }

    /// The same, in words that have the error in them.
    pub fn hindered(words: &str, error: &io::Error) -> Self {
        Self::Hindered(format!("{words}{}", after("; ", limit_behind(error).as_ref())))
    }
}

/// What to do about an error that a limit of this machine causes.
fn limit_behind(error: &io::Error) -> Option<&'static str> {
    Some(match Errno::from_io_error(error)? {
        Errno::AGAIN => "raise the limit on processes: ulimit -u, or pids.max of the control group",
        Errno::NOMEM => {
            "there is no memory left: end other programs, or raise the limit of the control group"
        }
        Errno::MFILE => "raise the limit on open files: ulimit -n",
        Errno::NFILE => "the machine has no file descriptors left: raise fs.file-max, or end other programs",
        Errno::NOSPC | Errno::DQUOT => "free some space",
        _ => return None,
    })
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
    /// What is said of a runner that hung then, and the remedy.
    fn hung(self) -> (&'static str, &'static str) {
        match self {
            Self::Starting => (
                "it never said ready",
                "read the job from standard input, build the runtime, write {\"event\":\"ready\"} and flush: \
                 output to a pipe is buffered",
            ),
            Self::Ready => (
                "after ready and go, nothing more came",
                "a task never ended, or `done` was written and not flushed",
            ),
            Self::Holding => (
                "after holding and go, nothing more came",
                "wait for one line (`go`) at `holding`, then let all tasks go",
            ),
            Self::Serving => (
                "after serving and the load, nothing more came",
                "a round of `echo` is over when as many clients as there are tasks have come and gone",
            ),
            Self::Done => ("it was done, but did not end when its input was closed", READ_TO_THE_END),
            Self::Answering => {
                ("there was no answer", "answer an invalid job with `refused`, a status and a reason")
            }
            Self::Ending => ("it did not end although its input had ended", READ_TO_THE_END),
        }
    }

    /// What is said of a runner that ended then, and the remedy.
    fn ended(self) -> (&'static str, &'static str) {
        match self {
            Self::Starting | Self::Ready | Self::Holding | Self::Serving => (
                "before it was done",
                "run the same trial by hand (kilotask trial RUNTIME WORKLOAD --tasks N); a limit of this \
                 machine is not a crash: answer `refused` with status `unsupported` and the limit",
            ),
            Self::Done => ("after done", "after `done` wait for the end of input, clean up, and exit with 0"),
            Self::Answering => (
                "without an answer",
                "answer an invalid job with `refused`; a crash does not tell the harness why",
            ),
            Self::Ending => ("after it refused", "exit with 0 once the refusal is written: it is an answer"),
        }
    }
}

const READ_TO_THE_END: &str = "read standard input to its end after `done` and at every checkpoint; at the \
                               end of input, exit: a thread that is not joined may keep the process alive";
