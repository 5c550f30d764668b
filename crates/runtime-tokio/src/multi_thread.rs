//! tokio's multi-threaded scheduler, the one behind `#[tokio::main]`.

use runner::{About, Job, Needs, Refusal, Runtime, Workloads};
use tokio::runtime::{self, Builder};

use crate::scheduler::{self, Scheduler, VERSION};

/// The work-stealing scheduler, with all else at its default: workers are not pinned, each has a
/// stack of 2 MiB.
///
/// Tasks are spawned and joined by a root task that is itself spawned. The future given to
/// `block_on` runs on the main thread, which is no worker: what it spawns goes through the queue
/// that all workers share, and each join crosses threads.
pub struct MultiThread(runtime::Runtime);

impl Runtime for MultiThread {
    const ABOUT: About = About::new("tokio", VERSION, "stackless, work-stealing, epoll");
    const WORKLOADS: Workloads<Self> = Self::TABLE;
    const NEEDS: Needs = scheduler::NEEDS;

    fn start(job: &Job) -> Result<Self, Refusal> {
        let workers = usize::try_from(job.workers).expect("a usize holds 32 bits here");
        Builder::new_multi_thread()
            .worker_threads(workers)
            .enable_all()
            .build()
            .map(Self)
            .map_err(|error| Refusal::unsupported(format!("tokio with {workers} workers: {error}")))
    }
}

impl Scheduler for MultiThread {
    /// Runs a root task on a worker.
    fn run<T: Send + 'static>(&self, root: impl Future<Output = T> + Send + 'static) -> T {
        self.0.block_on(self.0.spawn(root)).expect("the root task does not panic")
    }
}
