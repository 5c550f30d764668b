//! tokio's current-thread scheduler, the one behind `#[tokio::main(flavor = "current_thread")]`.

use runner::{About, Job, Refusal, Round, Runtime, Tally, Workload, Workloads};
use tokio::runtime::{self, Builder};

use crate::{VERSION, tasks};

/// The scheduler without threads of its own: the root is the future given to `block_on`, and it and
/// all tasks take turns on the main thread. The root spawns without a pause, so no task begins before
/// all have been spawned.
pub struct CurrentThread(runtime::Runtime);

impl Runtime for CurrentThread {
    const ABOUT: About =
        About::new("tokio-current-thread", VERSION, "stackless, one thread, epoll").single_worker();
    const WORKLOADS: Workloads<Self> =
        &[(Workload::Sleep, Self::sleep), (Workload::Spawn, Self::spawn), (Workload::Hold, Self::hold)];

    fn start(_: &Job) -> Result<Self, Refusal> {
        Builder::new_current_thread()
            .enable_all()
            .build()
            .map(Self)
            .map_err(|error| Refusal::unavailable(format!("tokio, current thread: {error}")))
    }
}

impl CurrentThread {
    fn sleep(&mut self, round: &'static Round) -> Tally {
        self.0.block_on(tasks::sleep(round))
    }

    fn spawn(&mut self, round: &'static Round) -> Tally {
        self.0.block_on(tasks::spawn(round))
    }

    /// Between the two calls of `block_on` nothing runs, and nothing needs to.
    fn hold(&mut self, round: &'static Round) -> Tally {
        let held = self.0.block_on(tasks::hold(round));
        round.holding();
        self.0.block_on(held.release())
    }
}
