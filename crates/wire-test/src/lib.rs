//! The harness's end of the wire, for the tests of runners.
//!
//! A test names the built program once, makes a [`job`] and holds the runner to it with
//! [`Runner::prove`]. What every honest runner owes is asserted there; a test adds what it is about.

mod process;
mod trial;

use std::ffi::OsStr;
use std::process::Command;

use protocol::wire::decode;
use protocol::workload::DURATION_NS;
use protocol::{Description, Event, Job, PROTOCOL, Params, Probe, Refusal, Status, Workload, span};

use process::Process;
pub use trial::Trial;

/// How long each task of a [`job`] sleeps, nanoseconds, if it sleeps.
const SLEEP_NS: u64 = 1_000_000;

/// A job of two rounds on one worker, so that what a round leaves behind shows in the next; its seed
/// makes tokens wrap. A sleep takes 1 ms.
pub fn job(runtime: &str, workload: Workload, tasks: u64) -> Job {
    Job {
        protocol: PROTOCOL,
        runtime: runtime.into(),
        workload: workload.name().into(),
        tasks,
        workers: 1,
        rounds: 2,
        params: Params::from([(DURATION_NS.into(), SLEEP_NS)]),
        seed: u64::MAX - 1,
        spans_file: None,
    }
}

/// A built runner. Each call starts a process of its own.
#[derive(Debug)]
pub struct Runner {
    program: &'static str,
    ulimit: Option<String>,
}

impl Runner {
    /// The runner at a path, mostly `env!("CARGO_BIN_EXE_…")`.
    pub const fn new(program: &'static str) -> Self {
        Self { program, ulimit: None }
    }

    /// The same runner under a lower limit, in the words of the shell: `-n 64`.
    #[must_use]
    pub fn with_ulimit(&self, option: &str) -> Self {
        Self { ulimit: Some(option.to_owned()), ..*self }
    }

    /// Runs a job, with spans where its workload records them, and asserts all that is true of every
    /// honest trial: the events come in turn, the runner exits 0 before long, each task of each round
    /// was joined and has its token in the checksum, and each has a span within its round.
    pub fn prove(&self, job: &Job) -> Trial {
        match self.serve(job) {
            Ok(trial) => trial,
            Err(refusal) => panic!("{job:?} was refused: {refusal:?}"),
        }
    }

    /// As [`prove`](Self::prove), for a job that may be refused.
    ///
    /// # Errors
    /// The runner's refusal, after which it has exited 0 without waiting for more.
    pub fn serve(&self, job: &Job) -> Result<Trial, Refusal> {
        let records_spans = Workload::from_name(&job.workload).is_some_and(Workload::records_spans);
        if !records_spans {
            let done = Process::start(&mut self.command()).serve(job)?;
            return Ok(Trial::proven(job.clone(), done, None));
        }
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        let job = Job { spans_file: Some(file.path().into()), ..job.clone() };
        let done = Process::start(&mut self.command()).serve(&job)?;
        let bytes = std::fs::read(file.path()).expect("the spans");
        Ok(Trial::proven(job, done, Some(span::decode(&bytes).expect("whole spans"))))
    }

    /// What it says to a job, which then comes to nothing: its input ends.
    pub fn answer(&self, job: &Job) -> Event {
        Process::start(&mut self.command()).answer(job)
    }

    /// Asserts that it refuses a job as unsupported, for a reason that has `words` in it.
    pub fn assert_unsupported(&self, job: &Job, words: &str) {
        match self.answer(job) {
            Event::Refused(refusal) => {
                assert_eq!(refusal.status, Status::Unsupported, "{job:?}: {refusal:?}");
                assert!(refusal.reason.contains(words), "{job:?}: {refusal:?}");
            }
            other => panic!("{job:?}: not refused but {other:?}"),
        }
    }

    /// Its answer to `describe`.
    pub fn describe(&self) -> Description {
        decode(&self.output(["describe"])).expect("one line of JSON")
    }

    /// Its answer to `probe`.
    pub fn probe(&self, runtime: &str) -> Probe {
        decode(&self.output(["probe", runtime])).expect("one line of JSON")
    }

    fn output(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Vec<u8> {
        let output = self.command().args(arguments).output().expect("the runner starts");
        assert!(output.status.success(), "{output:?}");
        output.stdout
    }

    /// The limit is set in a shell: were this process to lower its own, it would lower that of the tests
    /// beside it.
    fn command(&self) -> Command {
        let Some(option) = &self.ulimit else { return Command::new(self.program) };
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!(r#"ulimit {option} && exec "$0" "$@""#), self.program]);
        shell
    }
}
