//! tokio's multi-threaded scheduler, the one behind `#[tokio::main]`.

use runner::{About, Job, Refusal, Round, Runtime, Tally, Workload, Workloads};
use tokio::runtime::{self, Builder};

use crate::{VERSION, limits, tasks};

/// The work-stealing scheduler, with all else at its default: workers are not pinned, each has a
/// stack of 2 MiB.
///
/// Tasks are spawned and joined by a root task that is itself spawned. The future given to `block_on`
/// runs on the main thread, which is no worker: what it spawns goes through the queue that all
/// workers share, and each join crosses threads.
pub struct MultiThread(runtime::Runtime);

impl Runtime for MultiThread {
    const ABOUT: About = About::new("tokio", VERSION, "stackless, work-stealing, epoll");
    const WORKLOADS: Workloads<Self> = &[
        (Workload::Sleep, |tokio, round| tokio.run(tasks::sleep(round))),
        (Workload::Spawn, |tokio, round| tokio.run(tasks::spawn(round))),
        (Workload::Hold, Self::hold),
        (Workload::Yield, |tokio, round| tokio.run(tasks::yield_now(round))),
        (Workload::PingPong, |tokio, round| tokio.run(tasks::ping_pong(round))),
        (Workload::FanIn, |tokio, round| tokio.run(tasks::fan_in(round))),
        (Workload::Skynet, |tokio, round| tokio.run(tasks::skynet(round))),
        (Workload::Mutex, |tokio, round| tokio.run(tasks::mutex(round))),
        (Workload::Brigade, |tokio, round| tokio.run(tasks::brigade(round))),
        (Workload::Request, |tokio, round| tokio.run(tasks::request(round))),
        (Workload::Echo, |tokio, round| tokio.run(tasks::echo(round))),
        (Workload::FileRead, |tokio, round| tokio.run(tasks::file_read(round))),
        (Workload::Cpu, |tokio, round| tokio.run(tasks::cpu(round))),
        (Workload::Mixed, |tokio, round| tokio.run(tasks::mixed(round))),
        (Workload::Blocking, |tokio, round| tokio.run(tasks::blocking(round))),
    ];

    fn start(job: &Job) -> Result<Self, Refusal> {
        limits::require(job, job.workers.into())?;
        let workers = usize::try_from(job.workers).expect("a usize holds 32 bits here");
        Builder::new_multi_thread()
            .worker_threads(workers)
            .enable_all()
            .build()
            .map(Self)
            .map_err(|error| Refusal::unsupported(format!("tokio with {workers} workers: {error}")))
    }
}

impl MultiThread {
    /// The main thread waits for the harness, as no task needs it.
    fn hold(&mut self, round: &'static Round) -> Tally {
        let held = self.run(tasks::hold(round));
        round.holding();
        self.run(held.release())
    }

    /// Runs a root task on a worker.
    fn run<T: Send + 'static>(&self, root: impl Future<Output = T> + Send + 'static) -> T {
        self.0.block_on(self.0.spawn(root)).expect("the root task does not panic")
    }
}
