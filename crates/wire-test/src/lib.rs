//! The harness's end of the wire, for the tests of runners.
//!
//! A test names the built program once, makes a [`job`] and holds the runner to it with
//! [`Runner::prove`]. What every honest runner owes is asserted there; a test adds what it is about.
//! The [`cases`] are what most runtimes are held to.

pub mod cases;
mod process;
mod scene;
mod trial;

use std::ffi::OsStr;
use std::process::Command;

use protocol::wire::decode;
use protocol::{Description, Event, Job, Probe, Refusal, Status, Workload};

pub use cases::Case;
use process::Process;
pub use process::{Line, Side};
use scene::Scene;
pub use trial::Trial;

/// A job of two rounds on one worker, so that what a round leaves behind shows in the next; its seed
/// makes tokens wrap. Every parameter is at its default: a sleep takes 1 ms.
pub fn job(runtime: &str, workload: Workload, tasks: u64) -> Job {
    Job { rounds: 2, ..Job::new(runtime, workload, tasks, u64::MAX - 1) }
}

/// A job with parameters other than their defaults.
pub fn with(params: &[(&str, u64)], mut job: Job) -> Job {
    job.params.extend(params.iter().map(|&(name, value)| (name.to_owned(), value)));
    job
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

    /// Runs a job, with spans where its workload records them and with whatever stands opposite, and
    /// asserts all that is true of every honest trial: the events come in turn, the runner exits 0
    /// before long, each round's proof holds, and each span lies within its round.
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
        let scene = Scene::set(job);
        let mut echoed = Vec::new();
        let load = |address| echoed.push(scene.load(address));
        let done = Process::start(&mut self.command()).serve(scene.job(), load)?;
        Ok(scene.prove(done, &echoed))
    }

    /// As [`prove`](Self::prove), for a runtime that may have no `io_uring` here: `None` where the runner says
    /// so and `is_missing` agrees.
    pub fn prove_with_ring(&self, job: &Job, is_missing: impl Fn() -> bool) -> Option<Trial> {
        match self.serve(job) {
            Ok(trial) => Some(trial),
            Err(refusal) => {
                assert_eq!(refusal.status, Status::Unavailable, "{job:?}: {refusal:?}");
                assert!(refusal.reason.contains("io_uring") && is_missing(), "{job:?}: {refusal:?}");
                None
            }
        }
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

    /// Asserts that it refuses tasks that would have more files open than it may, before any of them runs.
    pub fn assert_files_are_counted(&self, runtime: &str, workloads: &[Workload]) {
        let few = self.with_ulimit("-n 64");
        for &workload in workloads {
            let job = Job {
                origin: Some(([127, 0, 0, 1], 9).into()),
                file: Some("/dev/null".into()),
                ..job(runtime, workload, 100)
            };
            few.assert_unsupported(&job, "ulimit -n");
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

/// All that is said while the runner that a command starts serves a job, which is proven as by
/// [`Runner::prove`] unless it is refused.
pub fn traffic(command: &mut Command, job: &Job) -> Vec<Line> {
    let scene = Scene::set(job);
    let mut echoed = Vec::new();
    let mut process = Process::start(command);
    if let Ok(done) = process.serve(scene.job(), |address| echoed.push(scene.load(address))) {
        scene.prove(done, &echoed);
    }
    process.traffic().to_vec()
}
