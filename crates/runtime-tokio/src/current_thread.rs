//! tokio's current-thread scheduler, the one behind `#[tokio::main(flavor = "current_thread")]`.

use runner::{About, Job, Refusal, Round, Runtime, Tally, Workload, Workloads};
use tokio::runtime::{self, Builder};

use crate::{VERSION, limits, tasks};

/// The scheduler without threads of its own: the root is the future given to `block_on`, and it and
/// all tasks take turns on the main thread. A root that spawns without a pause, as most do, has spawned
/// all its tasks before one begins.
pub struct CurrentThread(runtime::Runtime);

impl Runtime for CurrentThread {
    const ABOUT: About =
        About::new("tokio-current-thread", VERSION, "stackless, one thread, epoll").single_worker();
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
        limits::require(job, 0)?;
        Builder::new_current_thread()
            .enable_all()
            .build()
            .map(Self)
            .map_err(|error| Refusal::unavailable(format!("tokio, current thread: {error}")))
    }
}

impl CurrentThread {
    /// Between the two calls of `block_on` nothing runs, and nothing needs to.
    fn hold(&mut self, round: &'static Round) -> Tally {
        let held = self.run(tasks::hold(round));
        round.holding();
        self.run(held.release())
    }

    /// Runs a root task on the main thread.
    fn run<T>(&self, root: impl Future<Output = T>) -> T {
        self.0.block_on(root)
    }
}
