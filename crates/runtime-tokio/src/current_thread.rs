//! tokio's current-thread scheduler, the one behind `#[tokio::main(flavor = "current_thread")]`.

use runner::{About, Job, Needs, Refusal, Runtime, Workload, Workloads};
use tokio::runtime::{self, Builder};

use crate::scheduler::{self, FILE_READ, MIXED, MUTEX, SLEEP, Scheduler, VERSION};

/// The scheduler without threads of its own: the root is the future given to `block_on`, and it and
/// all tasks take turns on the main thread. A root that spawns without a pause, as most do, has
/// spawned all its tasks before one begins.
pub struct CurrentThread(runtime::Runtime);

impl Runtime for CurrentThread {
    const ABOUT: About =
        About::new("tokio-current-thread", VERSION, "stackless, one thread, epoll").single_worker();
    const WORKLOADS: Workloads<Self> = Self::TABLE;
    const CAVEATS: &'static [(Workload, &'static str)] = &[SLEEP, MIXED, FILE_READ, MUTEX];
    const NEEDS: Needs = scheduler::NEEDS;

    fn start(_: &Job) -> Result<Self, Refusal> {
        Builder::new_current_thread().enable_all().build().map(Self).map_err(|error| {
            Refusal::unavailable(format!("tokio cannot build a current-thread runtime: {error}"))
        })
    }
}

impl Scheduler for CurrentThread {
    /// Runs a root future on the main thread, the only one.
    fn run<T: Send + 'static>(&self, root: impl Future<Output = T> + Send + 'static) -> T {
        self.0.block_on(root)
    }
}
