//! The threads that run the executor, the workloads, and what smol needs of the machine.

use std::thread::{self, JoinHandle};

use runner::{About, Amount, Job, Needs, Refusal, Round, Runtime, Tally, Workload, Workloads};
use smol::channel::{self, Sender};

use crate::executor::EXECUTOR;
use crate::tasks;

/// The threads that run the executor.
pub struct Smol {
    /// None where the main thread runs it.
    workers: Vec<JoinHandle<()>>,
    /// Nothing is ever sent: the workers run until the channel is closed.
    running: Sender<()>,
}

impl Runtime for Smol {
    const ABOUT: About = About::new(
        "smol",
        runner::locked_version!("smol"),
        "stackless, shared queue and work-stealing, epoll",
    );
    const WORKLOADS: Workloads<Self> = &[
        (Workload::Sleep, |smol, round| smol.run(tasks::sleep(round))),
        (Workload::Spawn, |smol, round| smol.run(tasks::spawn(round))),
        (Workload::Hold, Self::hold),
        (Workload::Yield, |smol, round| smol.run(tasks::yield_now(round))),
        (Workload::PingPong, |smol, round| smol.run(tasks::ping_pong(round))),
        (Workload::FanIn, |smol, round| smol.run(tasks::fan_in(round))),
        (Workload::Skynet, |smol, round| smol.run(tasks::skynet(round))),
        (Workload::Mutex, |smol, round| smol.run(tasks::mutex(round))),
        (Workload::Brigade, |smol, round| smol.run(tasks::brigade(round))),
        (Workload::Request, |smol, round| smol.run(tasks::request(round))),
        (Workload::Echo, |smol, round| smol.run(tasks::echo(round))),
        (Workload::FileRead, |smol, round| smol.run(tasks::file_read(round))),
        (Workload::Cpu, |smol, round| smol.run(tasks::cpu(round))),
        (Workload::Mixed, |smol, round| smol.run(tasks::mixed(round))),
        (Workload::Blocking, |smol, round| smol.run(tasks::blocking(round))),
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
                let _ = smol::block_on(EXECUTOR.run(until_stopped.recv()));
            })
        };
        let workers = (0..threads)
            .map(worker)
            .collect::<Result<_, _>>()
            .map_err(|error| Refusal::unsupported(format!("smol with {} workers: {error}", job.workers)))?;
        let smol = Self { workers, running };
        // Timers and sockets, and the thread for them, come into being with the first `block_on`.
        smol.run(async {});
        Ok(smol)
    }
}

impl Smol {
    /// The main thread waits for the harness, as no task needs it.
    fn hold(&mut self, round: &'static Round) -> Tally {
        let held = self.run(tasks::hold(round));
        round.holding();
        self.run(held.release())
    }

    /// Runs a root task, on the main thread if nobody else runs the executor.
    fn run<T: Send + 'static>(&self, root: impl Future<Output = T> + Send + 'static) -> T {
        if self.workers.is_empty() {
            smol::block_on(EXECUTOR.run(root))
        } else {
            smol::block_on(EXECUTOR.spawn(root))
        }
    }
}

impl Drop for Smol {
    fn drop(&mut self) {
        self.running.close();
        for worker in self.workers.drain(..) {
            // A worker that panicked has ended as well.
            let _ = worker.join();
        }
    }
}
