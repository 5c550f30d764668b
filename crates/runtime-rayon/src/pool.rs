//! The pool: which workloads it has, and which not.

use rayon::{ThreadPool, ThreadPoolBuilder};
use runner::workload::{CALL, call};
use runner::{About, Job, Refusal, Runtime, Workload, Workloads};

use crate::work;

/// A pool of worker threads.
pub struct Rayon(ThreadPool);

const KEEPS_ITS_WORKER: &str = "a task keeps its worker until it ends, so tasks that wait for each other \
                                deadlock";
const NO_IO: &str = "it has no sockets, pipes or files, and a task that waits blocks its worker";

impl Runtime for Rayon {
    const ABOUT: About = About {
        blocks_worker: true,
        ..About::new(
            "rayon",
            runner::locked_version!("rayon"),
            "fork-join, work-stealing: tasks run to their end",
        )
        .family("parallel")
    };
    const WORKLOADS: Workloads<Self> = &[
        (Workload::Spawn, |rayon, round| work::spawn(&rayon.0, round)),
        (Workload::Skynet, |rayon, round| work::skynet(&rayon.0, round)),
        (Workload::Cpu, |rayon, round| work::cpu(&rayon.0, round)),
        (Workload::Blocking, |rayon, round| work::blocking(&rayon.0, round)),
    ];
    const UNSUPPORTED: &'static [(Workload, &'static str)] = &[
        (Workload::Sleep, "it has no timer, and a task that sleeps blocks its worker: see blocking"),
        (Workload::Hold, KEEPS_ITS_WORKER),
        (
            Workload::Yield,
            "its yield_now runs another task to its end before it returns, so tasks do not take turns",
        ),
        (Workload::PingPong, KEEPS_ITS_WORKER),
        (Workload::FanIn, KEEPS_ITS_WORKER),
        (
            Workload::Mutex,
            "it has no lock of its own, and std's lock blocks a worker: see threads and thread-pool",
        ),
        (Workload::Brigade, NO_IO),
        (Workload::Request, NO_IO),
        (Workload::Echo, NO_IO),
        (Workload::FileRead, NO_IO),
        (
            Workload::Mixed,
            "it has no timer, and a sleeping heartbeat would block its worker for the whole round",
        ),
    ];

    const CAVEATS: &'static [(Workload, &'static str)] = &[
        (Workload::Cpu, "a parallel iterator splits the range into far fewer jobs than there are tasks"),
        (
            Workload::Skynet,
            "a worker runs its newest task first, so only a small part of the tree is alive at once",
        ),
    ];
    const UNSUPPORTED_CHOICES: &'static [(&'static str, u64, &'static str)] =
        &[(CALL, call::ESCAPE, "rayon has no threads for blocking calls: a blocking call blocks its worker")];

    fn start(job: &Job) -> Result<Self, Refusal> {
        let workers = usize::try_from(job.workers).expect("a usize holds 32 bits here");
        let pool = ThreadPoolBuilder::new().num_threads(workers).build().map_err(|error| {
            Refusal::unsupported(format!("rayon cannot build a pool of {workers} workers: {error}"))
        })?;
        // Until every worker has run something.
        pool.broadcast(|_| ());
        Ok(Self(pool))
    }
}
