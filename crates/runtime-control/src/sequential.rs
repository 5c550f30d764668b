//! One task after another: what a program without concurrency would take.

use std::hint::black_box;
use std::thread;

use runner::{About, Job, Refusal, Round, Runtime, Tally, Workload, Workloads};

/// Runs each task to its end before the next. It cannot hold tasks alive together.
pub struct Sequential;

impl Runtime for Sequential {
    const ABOUT: About = About {
        blocks_worker: true,
        ..About::new("sequential", env!("CARGO_PKG_VERSION"), "one task after another on one thread")
            .single_worker()
    };
    const WORKLOADS: Workloads<Self> = &[(Workload::Sleep, Self::sleep), (Workload::Spawn, Self::spawn)];

    fn start(_: &Job) -> Result<Self, Refusal> {
        Ok(Self)
    }
}

impl Sequential {
    fn sleep(_: &mut Self, round: &'static Round) -> Tally {
        (0..round.tasks())
            .map(|task| {
                round.begin(task);
                thread::sleep(round.sleep_for(task));
                round.finish(task)
            })
            .collect()
    }

    fn spawn(_: &mut Self, round: &'static Round) -> Tally {
        (0..round.tasks()).map(|task| black_box(round.token(black_box(task)))).collect()
    }
}
