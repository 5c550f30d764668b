//! template: REPLACE by what it is, how it schedules, and what could mislead in its figures.
//!
//! It works as it stands, with a thread of `std` for each task. REPLACE marks what is yours to change.

use std::thread;

use runner::{About, Job, Refusal, Round, Runtime, Tally, Workload, Workloads};

/// Its name on the command line and in every table.
const NAME: &str = "template";
/// REPLACE by `runner::locked_version!("template")`, so that results say what was measured.
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// REPLACE by how it schedules, in a few words.
const MODEL: &str = "placeholder: one OS thread per task";

/// REPLACE by what lives as long as a job: an executor, a pool, a handle. main.rs and counted.rs name it too.
pub struct Placeholder;

impl Runtime for Placeholder {
    /// Add `.single_worker()` if it has one thread; see `About` for what else there is to say.
    const ABOUT: About = About::new(NAME, VERSION, MODEL);

    /// Add the next one when this one passes: docs/workloads.md says what each asks of a task.
    const WORKLOADS: Workloads<Self> = &[(Workload::Sleep, Self::sleep)];

    /// REPLACE: build it here, with `job.workers` threads. This is start-up; no task has run yet.
    fn start(_: &Job) -> Result<Self, Refusal> {
        Ok(Self)
    }
}

impl Placeholder {
    /// One round, which is timed: starts all tasks, then joins them all.
    fn sleep(_: &mut Self, round: &'static Round) -> Tally {
        // REPLACE `thread::spawn` and `join` by its own.
        let start = |task| thread::spawn(move || sleep(round, task));
        let tasks: Vec<_> = (0..round.tasks()).map(start).collect();
        tasks.into_iter().map(|task| task.join().expect("no task panics")).collect()
    }
}

/// One task. What it returns proves that it ran; `begin` and `finish` record its span.
fn sleep(round: &Round, task: u64) -> u64 {
    round.begin(task);
    // REPLACE by its own timer.
    thread::sleep(round.sleep_for(task));
    round.finish(task)
}
