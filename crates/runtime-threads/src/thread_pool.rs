//! A pool of OS threads for tasks that block, fed by a crossbeam channel.
//!
//! The workers are started once and live as long as the pool. A task is a boxed closure in an
//! unbounded channel, which whichever worker is free takes; it sends its result back through a
//! second channel, as no thread ends with it that could be joined.
//!
//! Settings: 512 workers, the number that tokio documents for its pool of blocking threads: such a
//! pool is sized for waiting, not for cores. It is built before it knows its load and so is never
//! smaller. 2 MiB of stack, the default of `std`.
//!
//! What could mislead:
//! - The workers start before `ready`, so their cost is in the start-up and in the memory at
//!   `ready`, not in the makespan. [`Threads`](crate::Threads) pays for its threads in the
//!   makespan.
//! - A task keeps its worker until it ends. With more tasks than workers, those that wait do so in
//!   waves: a pool of 512 needs two for 1000 tasks of `sleep`. Where tasks wait for each other, or
//!   are to run side by side, each needs a worker, and a smaller pool refuses them.
//! - 512 is far more than the `workers` of other runtimes. A comparison must say so, or give both
//!   the same number.

use runner::workload::{BURNERS, CALL, call};
use runner::{About, Amount, Job, Needs, Refusal, Runtime, Workload, Workloads};

use crate::channels::Crossbeam;
use crate::pool::ThreadPool;
use crate::stack::{MAPPINGS_A_THREAD, STACK_BYTES, STACK_BYTES_DEFAULT, stack_bytes};
use crate::threads::MUTEX;
use crate::{files, life, net, switching, work};

/// tokio's default for `max_blocking_threads`.
const WORKERS_DEFAULT: u32 = 512;

const STARTED_BEFORE: &str =
    "its threads start before round 0, so the makespan excludes their cost: see its start-up";

impl Runtime for ThreadPool {
    const ABOUT: About = About {
        workers_default: Some(WORKERS_DEFAULT),
        blocks_worker: true,
        params: &[(STACK_BYTES, STACK_BYTES_DEFAULT)],
        ..About::new(
            "thread-pool",
            runner::locked_version!("crossbeam"),
            "OS threads started beforehand that take tasks from a crossbeam channel",
        )
        .family("threads")
    };
    const WORKLOADS: Workloads<Self> = &[
        (Workload::Sleep, |pool, round| pool.run(round.tasks(), |batch| life::sleep(round, batch))),
        (Workload::Spawn, |pool, round| pool.run(round.tasks(), |batch| life::spawn(round, batch))),
        (Workload::Hold, Self::hold),
        (Workload::PingPong, |pool, round| {
            pool.run(round.tasks(), |batch| switching::ping_pong::<Crossbeam>(round, batch))
        }),
        (Workload::FanIn, Self::fan_in),
        (Workload::Mutex, Self::mutex),
        (Workload::Brigade, Self::brigade),
        (Workload::Request, |pool, round| pool.run(round.tasks(), |batch| net::request(round, batch))),
        (Workload::Echo, |pool, round| pool.run(round.tasks(), |batch| net::echo(round, batch))),
        (Workload::FileRead, |pool, round| pool.run(round.tasks(), |batch| files::read(round, batch))),
        (Workload::Cpu, |pool, round| pool.run(round.tasks(), |batch| work::cpu(round, batch))),
        (Workload::Mixed, |pool, round| {
            pool.run(work::tasks_of_mixed(round), |batch| work::mixed(round, batch))
        }),
        (Workload::Blocking, |pool, round| pool.run(round.tasks(), |batch| work::blocking(round, batch))),
    ];
    const UNSUPPORTED: &'static [(Workload, &'static str)] = &[
        (Workload::Yield, "a task keeps its worker until it ends, so it cannot yield to a queued task"),
        (
            Workload::Skynet,
            "a parent keeps its worker while it waits, so parents would fill the pool and deadlock",
        ),
    ];

    const UNSUPPORTED_CHOICES: &'static [(&'static str, u64, &'static str)] =
        &[(CALL, call::ESCAPE, "its workers are meant to block, so it needs no other threads for that")];
    const CAVEATS: &'static [(Workload, &'static str)] = &[
        (Workload::Sleep, STARTED_BEFORE),
        (Workload::Spawn, STARTED_BEFORE),
        (Workload::Request, STARTED_BEFORE),
        (Workload::Blocking, STARTED_BEFORE),
        (Workload::Hold, "its threads exist before the tasks, so memory growth excludes their stacks"),
        (Workload::FanIn, "the main thread receives, so one worker uses a second CPU too"),
        MUTEX,
    ];
    const NEEDS: Needs = Needs {
        alive: |job, _| job.tasks.min(job.workers.into()),
        mappings: Amount::PerWorker(MAPPINGS_A_THREAD),
        ..Needs::DEFAULT
    };

    fn start(job: &Job) -> Result<Self, Refusal> {
        refuse_too_few_workers(job)?;
        Self::with_workers(job.workers, stack_bytes(job))
    }
}

/// Refuses tasks that wait for each other, or that are to run side by side, where some would have
/// to wait for a worker.
fn refuse_too_few_workers(job: &Job) -> Result<(), Refusal> {
    let workload = Workload::from_name(&job.workload).expect("a workload of the runner's");
    let together = match workload {
        Workload::Hold | Workload::PingPong | Workload::Brigade | Workload::Echo => job.tasks,
        Workload::Mixed => job.tasks.saturating_add(workload.param(&job.params, BURNERS)),
        _ => 1,
    };
    let workers = job.workers;
    if together <= u64::from(workers) {
        return Ok(());
    }
    Err(Refusal::unsupported(format!(
        "{} needs {together} tasks alive at once, and a pool of {workers} workers runs {workers}; use \
         --workers {together}",
        workload.name()
    )))
}
