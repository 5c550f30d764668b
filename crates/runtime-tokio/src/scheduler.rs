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

// What misleads where it is not said, with either scheduler.
pub const SLEEP: (Workload, &str) =
    (Workload::Sleep, "its timer rounds up to whole milliseconds: a sleep of 1 ms takes about 2 ms");
pub const MIXED: (Workload, &str) =
    (Workload::Mixed, "its timer rounds up to whole milliseconds, which adds up to 1 ms of lateness");
pub const FILE_READ: (Workload, &str) = (
    Workload::FileRead,
    "a thread pool beside the workers reads files: with one worker, other CPUs are busy too",
);
pub const MUTEX: (Workload, &str) = (
    Workload::Mutex,
    "tokio 1.54 holds one lock in 128 across a forced yield, so tasks queue even if nobody yields; 1.53.1 \
     does not",
);

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
