//! The executor of one thread.

use futures::executor::{self, LocalSpawner};
use runner::workload::{CALL, call};
use runner::{About, Job, Refusal, Runtime, Workload, Workloads};

use crate::executor::{Executor, LARGER_CHANNEL, NO_ESCAPE, UNSUPPORTED, VERSION};
use crate::tasks;

/// A pool of tasks on the main thread.
pub struct LocalPool {
    pool: executor::LocalPool,
    spawner: LocalSpawner,
}

impl Runtime for LocalPool {
    const ABOUT: About =
        About::new("futures-local-pool", VERSION, "stackless, one thread, no timer, no I/O").single_worker();
    const WORKLOADS: Workloads<Self> = &[
        (Workload::Spawn, |pool, round| pool.run(round, tasks::spawn)),
        (Workload::Hold, Self::hold),
        (Workload::Yield, |pool, round| pool.run(round, tasks::yield_now)),
        (Workload::PingPong, |pool, round| pool.run(round, tasks::ping_pong)),
        (Workload::FanIn, |pool, round| pool.run(round, tasks::fan_in)),
        (Workload::Skynet, |pool, round| pool.run(round, tasks::skynet_local)),
        (Workload::Mutex, |pool, round| pool.run(round, tasks::mutex)),
        (Workload::Cpu, |pool, round| pool.run(round, tasks::cpu)),
        (Workload::Blocking, |pool, round| pool.run(round, tasks::blocking)),
    ];
    const UNSUPPORTED: &'static [(Workload, &'static str)] = &UNSUPPORTED;
    const CAVEATS: &'static [(Workload, &'static str)] = &[
        (Workload::FanIn, LARGER_CHANNEL),
        (
            Workload::Mutex,
            "with across = nothing the lock is always free: each task takes all its turns in a row",
        ),
    ];
    const UNSUPPORTED_CHOICES: &'static [(&'static str, u64, &'static str)] =
        &[(CALL, call::ESCAPE, NO_ESCAPE)];

    fn start(_: &Job) -> Result<Self, Refusal> {
        let pool = executor::LocalPool::new();
        Ok(Self { spawner: pool.spawner(), pool })
    }
}

impl Executor for LocalPool {
    type Spawner = LocalSpawner;

    fn spawner(&self) -> LocalSpawner {
        self.spawner.clone()
    }

    fn block_on<T>(&mut self, root: impl Future<Output = T>) -> T {
        self.pool.run_until(root)
    }
}
