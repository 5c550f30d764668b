//! The wire: one JSON object a line.
//!
//! The harness writes a [`Job`], and the line `go` after each checkpoint; the runner answers with
//! [`Event`]s. The first `go` brings what nobody may know before the work begins: a [`Go`]. Readers ignore
//! keys they do not know, so that a newer runner can talk to an older harness.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::status::Status;
use crate::workload::{Params, Workload};

/// The version of the wire that this crate speaks.
pub const PROTOCOL: u32 = 2;

/// The line with which the harness releases a runner from a checkpoint.
pub const GO: &str = "go";

/// Every seed is below this, so that tokens are exact where numbers are floating point.
pub const SEEDS: u64 = 1 << 52;

/// The longest line, in bytes, that either side accepts. A `done` with 10,000 rounds fits.
pub const MAX_LINE_BYTES: usize = 1 << 20;

/// What one trial is to run. Sent by the harness as the first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Job {
    /// The wire's version, [`PROTOCOL`].
    pub protocol: u32,
    /// Name of the runtime, as the runner described it.
    pub runtime: String,
    /// Name of the workload.
    pub workload: String,
    /// How many tasks a round has; at least 1.
    pub tasks: u64,
    /// How many worker threads the runtime is to have; at least 1.
    pub workers: u32,
    /// How many rounds the workload runs; at least 1. Round 0 is the cold one.
    pub rounds: u32,
    /// Parameters of the workload and of the runtime, all of them, defaults filled in.
    #[serde(default)]
    pub params: Params,
    /// Where the spans go; absent where the workload records none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spans_file: Option<PathBuf>,
}

impl Job {
    /// A job of one round on one worker, with every parameter at its default.
    pub fn new(runtime: &str, workload: Workload, tasks: u64) -> Self {
        Self {
            protocol: PROTOCOL,
            runtime: runtime.into(),
            workload: workload.name().into(),
            tasks,
            workers: 1,
            rounds: 1,
            params: workload.params().iter().map(|param| (param.name.into(), param.default)).collect(),
            spans_file: None,
        }
    }
}

/// What the first `go` brings: without it, no task can be worked out before the work begins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Go {
    /// Seeds tokens and jitter, so that no checksum can be known beforehand; below [`SEEDS`].
    pub seed: u64,
    /// Where the origin server listens; workload `request` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<SocketAddr>,
    /// The file to read; workload `file-read` only. It can be opened as the job's `io` asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
}

impl Go {
    /// With this seed, for a workload that needs nothing else.
    pub fn with_seed(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    /// Its line, newline included: `go {"seed":7}`.
    pub fn line(&self) -> String {
        format!("{GO} {}", encode(self))
    }

    /// What a line brings.
    ///
    /// # Errors
    /// When it is no first `go`; the error quotes its beginning.
    pub fn of_line(line: &[u8]) -> Result<Self, DecodeError> {
        let word = [GO.as_bytes(), b" "].concat();
        match line.strip_prefix(word.as_slice()) {
            Some(object) => decode(object),
            None => Err(DecodeError {
                problem: format!("expected {GO:?} and an object with the seed"),
                excerpt: excerpt(line),
            }),
        }
    }
}

/// What a runner sends while it serves a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The runtime is built, nothing has run. The runner waits for `go`.
    Ready,
    /// Workload `hold`: all tasks are alive at once. The runner waits for `go`.
    Holding,
    /// Workload `echo`: the round's server listens. The runner does not wait; once as many clients
    /// as it has tasks have come and gone, the round is over.
    Serving {
        /// Where it listens.
        address: SocketAddr,
    },
    /// All rounds have ended. The runner waits for end of input, writes its spans and exits 0.
    Done(Done),
    /// The runner will not serve this job. It exits 0 without waiting.
    Refused(Refusal),
}

/// The answer of a runner that will not serve a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Refusal {
    /// `unavailable` (not on this machine), `unsupported` (not by this runtime, or not this many),
    /// or `protocol-error` (the job made no sense).
    #[cfg_attr(
        feature = "schema",
        schemars(extend("enum" = ["unavailable", "unsupported", "protocol-error"]))
    )]
    pub status: Status,
    /// Why, with the limit that stands in the way.
    pub reason: String,
}

impl Refusal {
    /// This machine cannot run the runtime.
    pub fn unavailable(reason: impl Into<String>) -> Self {
        Self { status: Status::Unavailable, reason: reason.into() }
    }

    /// The runtime cannot do this workload, or not at this size here.
    pub fn unsupported(reason: impl Into<String>) -> Self {
        Self { status: Status::Unsupported, reason: reason.into() }
    }

    /// The job itself makes no sense.
    pub fn protocol(reason: impl Into<String>) -> Self {
        Self { status: Status::ProtocolError, reason: reason.into() }
    }
}

/// The results of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Done {
    /// One report a round, in order.
    pub rounds: Vec<RoundReport>,
    /// What the workload used, all rounds together, from the first `go` to the last join.
    #[serde(default)]
    pub usage: Usage,
}

/// What a runner reports of one round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoundReport {
    /// From before the first task was started until the last one was joined, nanoseconds. Time
    /// spent waiting at a checkpoint inside the round is left out.
    pub makespan_ns: u64,
    /// How many tasks were joined.
    pub completed: u64,
    /// Wrapping sum of what the tasks returned ([`proof`](crate::proof)), in decimal (a string:
    /// JSON numbers lose the last bits).
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[0-9]{1,20}$")))]
    pub checksum: String,
}

/// What the workload used between the first `go` and the last join, threads that have ended
/// included. What a runner cannot know is absent, never 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[allow(missing_docs)] // Each field has the name and meaning of its column in trials.csv.
pub struct Usage {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_user_ns: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_system_ns: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub switches_voluntary: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub switches_involuntary: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub faults_minor: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub faults_major: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allocations: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deallocations: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reallocations: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allocated_bytes: Option<u64>,
}

/// The answer to `describe`: which runtimes a runner hosts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Description {
    /// The wire's version that the runner speaks.
    pub protocol: u32,
    /// How the program was built, if it tells: `compiler`, `flags`, …
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub build: BTreeMap<String, String>,
    /// The whole path of the program that the first word of the command stands for, where that may be a version manager's
    /// shim: trials start this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// The runtimes it hosts.
    pub runtimes: Vec<RuntimeInfo>,
}

/// One runtime, as its runner describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RuntimeInfo {
    /// Plain name, unique among all runners: `tokio`.
    pub name: String,
    /// Version of the runtime, not of the runner: `1.54.1`.
    pub version: String,
    /// The language its tasks are written in.
    pub language: String,
    /// How it schedules, in a few words: `stackless, work-stealing, epoll`.
    pub model: String,
    /// The kind of runtimes that it is shown with: `threads`, `async`, `parallel`, `baseline`, or a language; absent means
    /// `async` in Rust, and elsewhere the language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    /// Whether it is shown and ranked nowhere: nobody can adopt it, or it does less than the others.
    #[serde(default, skip_serializing_if = "is_false")]
    pub reference: bool,
    /// The runtime that it is another version or build of, or another setting; then it is not ranked either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant_of: Option<String>,
    /// Names of the workloads it supports.
    pub workloads: Vec<String>,
    /// Workloads that one might expect of it, each with the reason why it has none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unsupported: BTreeMap<String, String>,
    /// Workloads whose figures need a word of warning where they are ranked, each with that word.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub caveats: BTreeMap<String, String>,
    /// Worker threads when nobody asks for a number; absent means one per core.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workers_default: Option<u32>,
    /// The most worker threads it can have; absent means any number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workers_max: Option<u32>,
    /// Whether a task that waits keeps its worker to itself, so that at most `workers` tasks are in
    /// flight: a pool of threads, or one task after another.
    #[serde(default, skip_serializing_if = "is_false")]
    pub blocks_worker: bool,
    /// Whether it takes part only in experiments that name it: `runtimes = "all"` passes it over.
    #[serde(default, skip_serializing_if = "is_false")]
    pub on_request: bool,
    /// Parameters of the runtime's own (stack sizes, buffers) with their defaults.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: Params,
}

impl RuntimeInfo {
    /// The kind of runtimes that it is shown with, its own word or that of its language.
    pub fn family(&self) -> &str {
        let of_language = if self.language == "rust" { "async" } else { &self.language };
        self.family.as_deref().unwrap_or(of_language)
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde's signature
fn is_false(value: &bool) -> bool {
    !value
}

/// The answer to `probe NAME`: whether the runtime really starts here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Probe {
    /// Whether the runtime started.
    pub available: bool,
    /// The true reason why not, and what to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A line that is not what the wire expects there.
#[derive(Debug, thiserror::Error)]
#[error("{problem}: {excerpt:?}")]
pub struct DecodeError {
    problem: String,
    excerpt: String,
}

/// One value as a line, newline included.
pub fn encode<T: Serialize>(value: &T) -> String {
    let mut line = serde_json::to_string(value).expect("wire types serialise to JSON");
    line.push('\n');
    line
}

/// The value on a line.
///
/// # Errors
/// When the line is not UTF-8, no JSON object, or not of this type; the error quotes its beginning.
pub fn decode<T: DeserializeOwned>(line: &[u8]) -> Result<T, DecodeError> {
    let fail = |problem: String| DecodeError { problem, excerpt: excerpt(line) };
    let text = std::str::from_utf8(line).map_err(|error| fail(format!("not UTF-8 ({error})")))?;
    // serde takes a list of the values for an object as well.
    if !text.trim_start().starts_with('{') {
        return Err(fail("not a JSON object".into()));
    }
    serde_json::from_str(text).map_err(|error| fail(format!("not the JSON expected here ({error})")))
}

/// The beginning of a line, for an error.
fn excerpt(line: &[u8]) -> String {
    const EXCERPT_CHARS: usize = 80;
    String::from_utf8_lossy(line).trim_end().chars().take(EXCERPT_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> Job {
        Job { workers: 2, ..Job::new("tokio", Workload::Sleep, 1000) }
    }

    #[test]
    fn the_first_go_brings_what_the_job_does_not_say() {
        let go = Go { origin: Some(([127, 0, 0, 1], 4242).into()), ..Go::with_seed(7) };
        assert_eq!(go.line(), "go {\"seed\":7,\"origin\":\"127.0.0.1:4242\"}\n");
        assert_eq!(Go::of_line(go.line().as_bytes()).unwrap(), go);
        for wrong in ["go", "stop", "go now", "gone {\"seed\":7}", "go {}"] {
            assert!(Go::of_line(wrong.as_bytes()).is_err(), "{wrong}");
        }
        assert!(!encode(&job()).contains("seed"), "the job must not tell the seed");
    }

    #[test]
    fn a_job_is_one_line_and_comes_back_the_same() {
        let line = encode(&job());
        assert_eq!(line.matches('\n').count(), 1);
        assert_eq!(decode::<Job>(line.as_bytes()).unwrap(), job());
    }

    #[test]
    fn events_are_tagged_by_name() {
        assert_eq!(encode(&Event::Ready), "{\"event\":\"ready\"}\n");
        let done = br#"{"event":"done","rounds":[{"makespan_ns":5,"completed":1,"checksum":"7"}],"usage":{"cpu_user_ns":3}}"#;
        let Event::Done(done) = decode(done).unwrap() else { panic!("not done") };
        assert_eq!(done.usage.cpu_user_ns, Some(3));
        assert_eq!(done.usage.allocations, None);
    }

    #[test]
    fn unknown_keys_are_ignored() {
        let line = br#"{"event":"ready","mood":"good"}"#;
        assert_eq!(decode::<Event>(line).unwrap(), Event::Ready);
    }

    #[test]
    fn a_line_that_is_no_message_is_quoted_in_the_error() {
        let error = decode::<Event>(b"Segmentation fault").unwrap_err().to_string();
        assert!(error.contains("Segmentation fault"), "{error}");
        assert!(decode::<Event>(b"\xff\xfe").unwrap_err().to_string().contains("not UTF-8"));
        assert!(decode::<Event>(b"[\"ready\"]").unwrap_err().to_string().contains("not a JSON object"));
    }

    #[test]
    fn a_waiting_task_leaves_its_worker_to_others_unless_the_runtime_says_otherwise() {
        let line = br#"{"name":"x","version":"1","language":"c","model":"m","workloads":[]}"#;
        assert!(!decode::<RuntimeInfo>(line).unwrap().blocks_worker);
    }
}
