//! For the tests of a runner in Rust: `tests/wire.rs` of its crate.
//!
//! ```no_run
//! # use harness::conformance::runner_test::RunnerTest;
//! # const PROGRAM: &str = "";
//! // PROGRAM is env!("CARGO_BIN_EXE_runtime-foo")
//! RunnerTest::new(PROGRAM).conforms();
//! ```
//!
//! [`RunnerTest::conforms`] asks what `kilotask verify` asks. A test adds what its runtimes alone refuse.

use std::path::Path;
use std::time::Duration;

use protocol::wire::encode;
use protocol::{Event, Job, RuntimeInfo, Status, Workload};
use results::{Pass, TrialRow};

use super::{Answer, Finding, Questions, examine};
use crate::cell::{Request, Workers};
use crate::counters::Counters;
use crate::discover::{Runtime, hosted_by};
use crate::environment::cpus;
use crate::fault::Step;
use crate::process::{Bounds, Line, adopt_orphans};
use crate::trial::conversation::{check_exit, finish, next_event, start};
use crate::trial::{self, Instruments, Outcome, Place};

/// Tokens from here on wrap at 64 bits: no harness sends such, and Rust adds them up all the same.
const SEED: u64 = u64::MAX - 2000;

/// No test takes nearly as long, even on a busy machine.
const BOUNDS: Bounds = Bounds::uninterrupted(Duration::from_secs(60), 8 << 30);

/// A built runner under test. Every mistake that it makes panics.
pub struct RunnerTest {
    runtimes: Vec<Runtime>,
    without_allocations: &'static [Workload],
}

impl RunnerTest {
    /// The runner at a path, mostly `env!("CARGO_BIN_EXE_…")`, and its counted build beside it.
    pub fn new(program: &str) -> Self {
        adopt_orphans();
        let runtimes = hosted_by(Path::new(program)).unwrap_or_else(|error| panic!("{error}"));
        Self { runtimes, without_allocations: &[] }
    }

    /// The same, of which tasks need no allocation in these workloads.
    #[must_use]
    pub fn without_allocations(self, workloads: &'static [Workload]) -> Self {
        Self { without_allocations: workloads, ..self }
    }

    /// Asserts that each of its runtimes starts here and does all that it claims.
    pub fn conforms(&self) {
        self.conforms_unless(|reason| panic!("unavailable: {reason}"));
    }

    /// The same, for runtimes that may be unavailable on this machine, which the reason has to explain.
    pub fn conforms_unless(&self, explains: impl Fn(&str) -> bool) {
        for runtime in &self.runtimes {
            let questions = Questions::of(runtime, cpus());
            let findings = examine(runtime, &questions, SEED, &mut Instruments::plain(BOUNDS));
            for finding in findings.expect("nobody interrupts") {
                let good = match (finding.verdict, finding.status) {
                    (Answer::Declined, Some(Status::Unavailable)) => explains(&finding.reason),
                    (verdict, _) => matches!(verdict, Answer::Holds | Answer::Declined),
                };
                assert!(good, "{finding:#?}");
                self.check_allocations(&finding);
            }
        }
    }

    /// That the counted build counted an allocation a task at least.
    fn check_allocations(&self, finding: &Finding) {
        let Some(row) = &finding.sample else { return };
        let exempt = self.without_allocations.iter().any(|workload| workload.name() == row.workload);
        if row.pass == Pass::Counted && row.status == Status::Ok && !exempt {
            assert!(row.allocations >= Some(row.tasks), "{finding:#?}");
        }
    }

    /// The same runner under a limit, in the words of the shell: `-n 64`.
    #[must_use]
    pub fn under_limit(&self, limit: &str) -> Self {
        Self { runtimes: self.runtimes.iter().map(|one| one.under_limit(limit)).collect(), ..*self }
    }

    /// What it says of its runtimes.
    pub fn infos(&self) -> impl Iterator<Item = &RuntimeInfo> {
        self.runtimes.iter().map(|runtime| &runtime.info)
    }

    /// Why a runtime does not start here; `None` where it does.
    pub fn unavailable(&self, runtime: &str) -> Option<String> {
        self.runtime(runtime).probe().err().map(|fault| fault.to_string())
    }

    /// The row of a timed trial of a job, which has to prove its work.
    pub fn proves(&self, job: &Job) -> TrialRow {
        self.trial(job, Pass::Timed, SEED).sample
    }

    /// The row of a counted trial of a job, which has to prove its work.
    pub fn counts(&self, job: &Job) -> TrialRow {
        self.trial(job, Pass::Counted, SEED).sample
    }

    /// All that is said in a timed trial of a job with this seed, which has to prove its work.
    pub fn traffic(&self, job: &Job, seed: u64) -> Vec<Line> {
        self.trial(job, Pass::Timed, seed).traffic
    }

    /// The row of a trial of a job under callgrind, which has to prove its work; `None` where that is not here, and a word
    /// about it.
    pub fn under_callgrind(&self, job: &Job) -> Option<TrialRow> {
        let counters = Counters::without_hardware();
        if let Err(why) = counters.callgrind() {
            eprintln!("not tried: {why}");
            return None;
        }
        let mut instruments = Instruments { counters, ..Instruments::plain(BOUNDS) };
        Some(self.trial_with(job, Pass::Instructions, SEED, &mut instruments).sample)
    }

    fn trial(&self, job: &Job, pass: Pass, seed: u64) -> Outcome {
        self.trial_with(job, pass, seed, &mut Instruments::plain(BOUNDS))
    }

    fn trial_with(&self, job: &Job, pass: Pass, seed: u64, instruments: &mut Instruments) -> Outcome {
        let runtime = self.runtime(&job.runtime);
        let workload = Workload::from_name(&job.workload).expect("a workload");
        let (workers, params) = (Some(Workers::Count(job.workers)), job.params.clone());
        let request =
            Request { workers, rounds: job.rounds, params, ..Request::new("test", workload, job.tasks) };
        let cell = request.on(&runtime.info, &runtime.info.name, cpus());
        let cell = cell.unwrap_or_else(|error| panic!("{job:?}: {error}"));
        let outcome = trial::run(runtime, &cell, Place::alone(pass, seed), instruments);
        let outcome = outcome.expect("nobody interrupts");
        assert_eq!(outcome.sample.status, Status::Ok, "{job:?}: {}", outcome.sample.reason);
        outcome
    }

    /// The first event that answers a job; then its input ends, and it exits with 0.
    pub fn answer(&self, job: &Job) -> Event {
        let mut command = self.runtimes[0].runner.command(false).expect("every runner has a command");
        let mut runner = start(&mut command, BOUNDS).unwrap_or_else(|fault| panic!("{fault}"));
        let _ = runner.send(&encode(job));
        let event = next_event(&mut runner, Step::Answering).unwrap_or_else(|error| panic!("{error:?}"));
        let exit = finish(&mut runner, Step::Ending).unwrap_or_else(|error| panic!("{error:?}"));
        check_exit(exit, &mut runner, Step::Ending).unwrap_or_else(|fault| panic!("{fault}"));
        event
    }

    /// Asserts that it refuses a job as unsupported, for a reason that has `words` in it.
    pub fn refuses(&self, job: &Job, words: &str) {
        match self.answer(job) {
            Event::Refused(refusal) => {
                assert_eq!(refusal.status, Status::Unsupported, "{job:?}: {refusal:?}");
                assert!(refusal.reason.contains(words), "{job:?}: {refusal:?}");
            }
            other => panic!("{job:?}: not refused but {other:?}"),
        }
    }

    fn runtime(&self, name: &str) -> &Runtime {
        let found = self.runtimes.iter().find(|runtime| runtime.info.name == name);
        found.unwrap_or_else(|| panic!("it hosts no {name}"))
    }
}

/// A job of two rounds on one worker. Every parameter that is not given is at its default.
pub fn job(runtime: &str, workload: Workload, tasks: u64, params: &[(&str, u64)]) -> Job {
    let mut job = Job { rounds: 2, ..Job::new(runtime, workload, tasks) };
    job.params.extend(params.iter().map(|&(name, value)| (name.to_owned(), value)));
    job
}
