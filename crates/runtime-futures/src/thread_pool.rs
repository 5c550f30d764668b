//! The executor of several threads.

use futures::executor::{self, ThreadPoolBuilder, block_on};
use runner::workload::{ACROSS, CALL, across, call};
use runner::{About, Job, Refusal, Runtime, Workload, Workloads};

use crate::executor::{Executor, LARGER_CHANNEL, NO_ESCAPE, UNSUPPORTED, VERSION};
use crate::tasks;

/// A pool of threads.
pub struct ThreadPool(executor::ThreadPool);

const NO_YIELD: &str =
    "ThreadPool polls a task that wakes itself again before any other task, so no task yields";

impl Runtime for ThreadPool {
    const ABOUT: About =
        About::new("futures-thread-pool", VERSION, "stackless, one queue for all threads, no timer, no I/O");
    const WORKLOADS: Workloads<Self> = &[
        (Workload::Spawn, |pool, round| pool.run(round, tasks::spawn)),
        (Workload::Hold, Self::hold),
        (Workload::PingPong, |pool, round| pool.run(round, tasks::ping_pong)),
        (Workload::FanIn, |pool, round| pool.run(round, tasks::fan_in)),
        (Workload::Skynet, |pool, round| pool.run(round, tasks::skynet)),
        (Workload::Mutex, |pool, round| pool.run(round, tasks::mutex)),
        (Workload::Cpu, |pool, round| pool.run(round, tasks::cpu)),
        (Workload::Blocking, |pool, round| pool.run(round, tasks::blocking)),
    ];
    const UNSUPPORTED: &'static [(Workload, &'static str)] = &{
        let [sleep, brigade, request, echo, file_read, mixed] = UNSUPPORTED;
        [sleep, (Workload::Yield, NO_YIELD), brigade, request, echo, file_read, mixed]
    };
    const CAVEATS: &'static [(Workload, &'static str)] = &[(Workload::FanIn, LARGER_CHANNEL)];
    const UNSUPPORTED_CHOICES: &'static [(&'static str, u64, &'static str)] =
        &[(CALL, call::ESCAPE, NO_ESCAPE), (ACROSS, across::YIELD, NO_YIELD)];

    fn start(job: &Job) -> Result<Self, Refusal> {
        let workers = usize::try_from(job.workers).expect("a usize holds 32 bits here");
        let pool = ThreadPoolBuilder::new().pool_size(workers).create();
        pool.map(Self).map_err(|error| {
            Refusal::unsupported(format!("futures cannot build a ThreadPool with {workers} workers: {error}"))
        })
    }
}

impl Executor for ThreadPool {
    type Spawner = executor::ThreadPool;

    fn spawner(&self) -> executor::ThreadPool {
        self.0.clone()
    }

    fn block_on<T>(&mut self, root: impl Future<Output = T>) -> T {
        block_on(root)
    }
}
