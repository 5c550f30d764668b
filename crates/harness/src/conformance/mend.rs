//! What the author of a runner may do about a failure.
//!
//! A reason says what was seen; this says where it usually comes from. The words are those of the
//! harness's own reasons; for each lie that `tests/liars.rs` tells it asserts both.

use protocol::Status;

/// How a trial ended, words of its reason, and what to do. The first that fits is given.
const MENDS: &[(Status, &str, &str)] = &[
    (
        Status::Wrong,
        "tasks completed",
        "count a task when it is joined, not when it is started, and join all of them before `done`",
    ),
    (
        Status::Wrong,
        "checksum",
        "whoever joins a task adds what it returned, wrapping at 64 bits, afresh in each round; a task was \
         lost, run twice or not run at all. PROTOCOL.md says what each returns, with examples",
    ),
    (
        Status::Wrong,
        "woke early",
        "a span lasts from just before the wait until just after it, on the monotonic clock, and a wait \
         lasts at least as long as asked, jitter included: round up to the timer's resolution, never down",
    ),
    (
        Status::Wrong,
        "in flight",
        "start all tasks before joining the first; where a waiting task keeps its worker to itself, say \
         `blocks_worker` in the description",
    ),
    (
        Status::Wrong,
        "before it started",
        "a span is its start and then its finish, two little-endian u64, from one monotonic clock",
    ),
    (
        Status::Wrong,
        "after the makespan",
        "read the clock for the makespan after the last join; spans are little-endian and count from the beginning \
         of their own round",
    ),
    (
        Status::Wrong,
        "makespans add up",
        "a makespan is in nanoseconds, from one monotonic clock, without the time spent at `holding`",
    ),
    (
        Status::Wrong,
        "spans",
        "write 16 bytes a span (start and finish, little-endian u64), as many as PROTOCOL.md says, \
         all rounds in order, to `spans_file`, and close it before the process ends",
    ),
    (Status::Wrong, "rounds reported", "run the workload `rounds` times and report each round in `done`"),
    (
        Status::Wrong,
        "without ever holding",
        "in `hold`, when all tasks are alive, say `holding` and wait for `go`, in each round",
    ),
    (
        Status::Wrong,
        "processes behind",
        "end and wait for every process that the runner started before it exits",
    ),
    (
        Status::Wrong,
        "no allocations",
        "the counted twin has stats_alloc as its global allocator and reports what it counted in `usage`",
    ),
    (
        Status::Wrong,
        "the load",
        "send back every byte of every connection as it came, until the client closes it",
    ),
    (
        Status::Wrong,
        "served",
        "in `echo` listen on 127.0.0.1 and say `serving` with the address, in each round, before waiting for clients",
    ),
    (Status::Wrong, "the origin", "each task makes one request, no more and no fewer, in each round"),
    (
        Status::Timeout,
        "in the middle of a line",
        "an event is one line: end it with a newline, and flush standard output",
    ),
    (
        Status::Timeout,
        "never said ready",
        "read the job from standard input, build the runtime, write {\"event\":\"ready\"} and flush: output to a \
         pipe is buffered",
    ),
    (Status::Timeout, "after ready", "a task never ended, or `done` was written and not flushed"),
    (Status::Timeout, "after holding", "wait for one line (`go`) at `holding`, then let all tasks go"),
    (
        Status::Timeout,
        "after serving",
        "a round of `echo` is over when as many clients as there are tasks have come and gone",
    ),
    (
        Status::Timeout,
        "input",
        "read standard input to its end after `done`, and at every checkpoint; at the end of input, exit: a \
         thread that is not joined may keep the process",
    ),
    (Status::Timeout, "no answer", "answer a job that makes no sense with `refused`, a status and a reason"),
    (
        Status::ProtocolError,
        "expected refused",
        "check the job before anything else, and answer with {\"event\":\"refused\",\"status\":…,\"reason\":…}",
    ),
    (
        Status::ProtocolError,
        "refused as",
        "a job that makes no sense is a `protocol-error`; `unsupported` and `unavailable` are for those that do",
    ),
    (
        Status::ProtocolError,
        "speaks protocol",
        "write the runner for the version that this harness speaks: PROTOCOL.md",
    ),
    (
        Status::ProtocolError,
        "line of more than",
        "an event is one short line; everything else goes to standard error",
    ),
    (
        Status::ProtocolError,
        "not UTF-8",
        "write JSON in UTF-8, one object a line; bytes of spans go to `spans_file`",
    ),
    (
        Status::ProtocolError,
        "not the JSON",
        "standard output carries events only, one JSON object a line; print everything else to standard error",
    ),
    (
        Status::ProtocolError,
        "expected ready",
        "the first event after the job is `ready`, before any task has run; then wait for `go`",
    ),
    (
        Status::ProtocolError,
        "expected done",
        "after `ready` come `holding` (only in `hold`), `serving` (only in `echo`) and `done`, nothing else",
    ),
    (Status::ProtocolError, "`unsupported`", "list a workload in one of the two"),
    (
        Status::ProtocolError,
        "claims no workload",
        "list in `workloads` of the description what the runtime can do",
    ),
    (
        Status::ProtocolError,
        "cannot be started",
        "the first word of `command` in runner.toml is a program on the PATH or, with a / in it, an executable file \
         in the folder (chmod +x; a first line #! where it is a script; built for this machine)",
    ),
    (
        Status::ProtocolError,
        "is no name",
        "a runtime's name becomes a file's name and a row's: `my-runtime`, not `My Runtime`",
    ),
    (
        Status::ProtocolError,
        "describe",
        "`describe` as the only argument prints the description as one JSON object on one line and exits 0",
    ),
    (
        Status::ProtocolError,
        "probe",
        "`probe NAME` starts the runtime and prints {\"available\":true}, or false and the reason, on one line",
    ),
    (
        Status::Unsupported,
        "claims",
        "take it out of `workloads` in the description, or list it under `unsupported` with the reason",
    ),
    (
        Status::Crashed,
        "cannot start",
        "the lab could not start it (its reason stands above); a program that was built anew meanwhile is one cause",
    ),
    (Status::Crashed, "after done", "after `done` wait for the end of input, clean up, and exit with 0"),
    (Status::Crashed, "after it refused", "exit with 0 once the refusal is written: it is an answer"),
    (
        Status::Crashed,
        "without an answer",
        "answer a job that makes no sense with `refused`; a crash tells the harness nothing",
    ),
    (
        Status::Crashed,
        "in the middle of a line",
        "end every event with a newline, and flush standard output before the process ends",
    ),
    (
        Status::Crashed,
        "before it was done",
        "run the same trial by hand (kilotask trial RUNTIME WORKLOAD --tasks N); a limit of this machine is not a \
         crash: answer `refused` with status `unsupported` and the limit",
    ),
    (
        Status::Crashed,
        "bytes resident",
        "give --memory-limit if it needs that much; else look for what a round leaves behind",
    ),
];

/// What may be done about a failure; `None` where nothing is known that would help.
pub fn mend(status: Status, reason: &str) -> Option<&'static str> {
    let fits = |(of, words, _): &&(Status, &str, &str)| *of == status && reason.contains(words);
    MENDS.iter().find(fits).map(|(_, _, mend)| *mend)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_fits_is_given() {
        let mend = mend(Status::Wrong, "round 1: checksum \"3\", but what the tasks …").unwrap();
        assert!(mend.contains("PROTOCOL.md"), "{mend}");
    }

    #[test]
    fn nothing_is_said_where_nothing_is_known() {
        assert_eq!(mend(Status::Wrong, "the moon is full"), None);
        assert_eq!(mend(Status::Unavailable, "no io_uring here"), None);
    }
}
