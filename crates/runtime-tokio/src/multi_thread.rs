//! tokio's multi-threaded scheduler, the one behind `#[tokio::main]`.

use runner::{About, Job, Needs, Refusal, Runtime, Workload, Workloads};
use tokio::runtime::{self, Builder};

use crate::scheduler::{self, FILE_READ, MIXED, MUTEX, SLEEP, Scheduler, VERSION};

/// The work-stealing scheduler, with all else at its default: workers are not pinned, each has a
/// stack of 2 MiB.
///
/// Tasks are spawned and joined by the root future, which `block_on` runs on the main thread, where
/// `#[tokio::main]` puts it. That thread is no worker: what the root spawns goes through the queue
/// that all workers share, and each join crosses threads. The root of `skynet` spawns ten tasks in
/// this way, and those spawn the others on the workers.
pub struct MultiThread(runtime::Runtime);

const ROOT: (Workload, &str) =
    (Workload::Spawn, "the main thread spawns and joins beside the workers, so one worker uses two CPUs");

impl Runtime for MultiThread {
    const ABOUT: About = About::new("tokio", VERSION, "stackless, work-stealing, epoll");
    const WORKLOADS: Workloads<Self> = Self::TABLE;
    const CAVEATS: &'static [(Workload, &'static str)] = &[ROOT, SLEEP, MIXED, FILE_READ, MUTEX];
    const NEEDS: Needs = scheduler::NEEDS;

    fn start(job: &Job) -> Result<Self, Refusal> {
        Self::with(job, |_| ())
    }
}

impl MultiThread {
    /// The scheduler with these settings beside its own.
    pub(crate) fn with(job: &Job, set: impl FnOnce(&mut Builder)) -> Result<Self, Refusal> {
        let workers = usize::try_from(job.workers).expect("a usize holds 32 bits here");
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(workers).enable_all();
        set(&mut builder);
        builder
            .build()
            .map(Self)
            .map_err(|error| Refusal::unsupported(format!("tokio cannot start {workers} workers: {error}")))
    }
}

impl Scheduler for MultiThread {
    /// Runs a root future on the main thread.
    fn run<T: Send + 'static>(&self, root: impl Future<Output = T> + Send + 'static) -> T {
        self.0.block_on(root)
    }
}
