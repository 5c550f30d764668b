//! The threads that run the executor, the workloads, and what smol needs of the machine.

use std::marker::PhantomData;
use std::thread::{self, JoinHandle};

use runner::{About, Amount, Job, Needs, Refusal, Round, Runtime, Tally, Workload, Workloads};
use smol::channel::{self, Sender};

use crate::executor::{Executor, Plain, Static};
use crate::tasks;

/// smol with the executor that it re-exports.
pub type Smol = Threads<Plain>;

/// The same tasks on the executor that `async-executor` has for statics, with its feature `static`,
/// and recommends for them. smol does not re-export it.
pub type SmolStatic = Threads<Static>;

/// The threads that run the executor.
pub struct Threads<E> {
    /// None where the main thread runs it.
    workers: Vec<JoinHandle<()>>,
    /// Nothing is ever sent: the workers run until the channel is closed.
    running: Sender<()>,
    executor: PhantomData<E>,
}

/// An executor that makes a runtime of its own.
pub trait Named: Executor {
    /// How that runtime describes itself.
    const ABOUT: About;
}

impl Named for Plain {
    const ABOUT: About = About::new(
        "smol",
        runner::locked_version!("smol"),
        "stackless, shared queue and work-stealing, epoll",
    );
}

impl Named for Static {
    const ABOUT: About = About::new(
        "smol-static",
        Plain::ABOUT.version,
        "stackless, shared queue and work-stealing, epoll; async-executor's StaticExecutor",
    )
    .variant_of(Plain::ABOUT.name);
}

impl<E: Named> Runtime for Threads<E> {
    const ABOUT: About = E::ABOUT;
    const WORKLOADS: Workloads<Self> = &[
        (Workload::Sleep, |smol, round| smol.run(tasks::sleep::<E>(round))),
        (Workload::Spawn, |smol, round| smol.run(tasks::spawn::<E>(round))),
        (Workload::Hold, Self::hold),
        (Workload::Yield, |smol, round| smol.run(tasks::yield_now::<E>(round))),
        (Workload::PingPong, |smol, round| smol.run(tasks::ping_pong::<E>(round))),
        (Workload::FanIn, |smol, round| smol.run(tasks::fan_in::<E>(round))),
        (Workload::Skynet, |smol, round| smol.run(tasks::skynet::<E>(round))),
        (Workload::Mutex, |smol, round| smol.run(tasks::mutex::<E>(round))),
        (Workload::Brigade, |smol, round| smol.run(tasks::brigade::<E>(round))),
        (Workload::Request, |smol, round| smol.run(tasks::request::<E>(round))),
        (Workload::Echo, |smol, round| smol.run(tasks::echo::<E>(round))),
        (Workload::FileRead, |smol, round| smol.run(tasks::file_read::<E>(round))),
        (Workload::Cpu, |smol, round| smol.run(tasks::cpu::<E>(round))),
        (Workload::Mixed, |smol, round| smol.run(tasks::mixed::<E>(round))),
        (Workload::Blocking, |smol, round| smol.run(tasks::blocking::<E>(round))),
    ];

    const CAVEATS: &'static [(Workload, &'static str)] = &[
        (
            Workload::FileRead,
            "a thread pool beside the workers reads files: with one worker, other CPUs are busy too",
        ),
        (Workload::Mutex, "with one worker and across = nothing the lock is always free"),
    ];
    const NEEDS: Needs = Needs {
        // Epoll, an event to wake it and a timer; and then some.
        files: Amount::InAll(8),
        // smol's default.
        blocking_threads: Amount::InAll(500),
        reads_block: true,
        ..Needs::DEFAULT
    };

    fn start(job: &Job) -> Result<Self, Refusal> {
        let threads = if job.workers == 1 { 0 } else { job.workers };
        let (running, until_stopped) = channel::bounded::<()>(1);
        let worker = |_| {
            let until_stopped = until_stopped.clone();
            thread::Builder::new().spawn(move || {
                // An error, as there is no other end to a channel on which nothing is sent.
                let _ = smol::block_on(E::run(until_stopped.recv()));
            })
        };
        let workers = (0..threads).map(worker).collect::<Result<_, _>>().map_err(|error| {
            Refusal::unsupported(format!("smol cannot start {} workers: {error}", job.workers))
        })?;
        let smol = Self { workers, running, executor: PhantomData };
        // Timers and sockets, and the thread for them, come into being with the first `block_on`.
        smol.run(async {});
        Ok(smol)
    }
}

impl<E: Executor> Threads<E> {
    /// The main thread waits for the harness, as no task needs it.
    fn hold(&mut self, round: &'static Round) -> Tally {
        let held = self.run(tasks::hold::<E>(round));
        round.holding();
        self.run(held.release())
    }

    /// Runs a root task, on the main thread if nobody else runs the executor.
    fn run<T: Send + 'static>(&self, root: impl Future<Output = T> + Send + 'static) -> T {
        if self.workers.is_empty() { smol::block_on(E::run(root)) } else { smol::block_on(E::spawn(root)) }
    }
}

impl<E> Drop for Threads<E> {
    fn drop(&mut self) {
        self.running.close();
        for worker in self.workers.drain(..) {
            // A worker that panicked has ended as well.
            let _ = worker.join();
        }
    }
}
