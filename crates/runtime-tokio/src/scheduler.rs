//! What both schedulers share: the workloads, and what they need of the machine.

use runner::{Amount, Needs, Round, Tally, Workload, Workloads};

use crate::tasks;

/// The version of tokio.
pub const VERSION: &str = runner::locked_version!("tokio");

/// What a runtime of tokio takes.
pub const NEEDS: Needs = Needs {
    // Epoll, twice, an event to wake it, three sockets for signals; and then some.
    files: Amount::InAll(8),
    // The default of tokio's `Builder`.
    blocking_threads: Amount::InAll(512),
    reads_block: true,
    ..Needs::DEFAULT
};

/// A scheduler of tokio's.
pub trait Scheduler: Sized + 'static {
    /// Runs a root future.
    fn run<T: Send + 'static>(&self, root: impl Future<Output = T> + Send + 'static) -> T;

    /// The main thread waits for the harness between the two roots, as no task needs it.
    fn hold(&mut self, round: &'static Round) -> Tally {
        let held = self.run(tasks::hold(round));
        round.holding();
        self.run(held.release())
    }

    /// The workloads, which are written the same for both.
    const TABLE: Workloads<Self> = &[
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
}
