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
//! - The workers start before `ready`, so their cost is in the start-up and in the memory at `ready`,
//!   not in the makespan. [`Threads`](crate::Threads) pays for its threads in the makespan.
//! - A task keeps its worker until it ends. With more tasks than workers, those that wait do so in
//!   waves: a pool of 512 needs two for 1000 tasks of `sleep`. Where tasks wait for each other, or are to
//!   run side by side, each needs a worker, and a smaller pool refuses them.
//! - 512 is far more than `workers` means elsewhere. A comparison with matched workers must say so.

use std::thread;

use crossbeam::channel::{self, Receiver, Sender};
use crossbeam::sync::WaitGroup;
use runner::workload::BURNERS;
use runner::{About, Job, Refusal, Runtime, Tally, Workload, Workloads, limits};

use crate::{MAPPINGS_A_THREAD, STACK_BYTES, STACK_BYTES_DEFAULT, most_files, stack_bytes, work, workload};

/// tokio's default for `max_blocking_threads`.
const WORKERS_DEFAULT: u32 = 512;

const WORKERS_LIVE: &str = "the workers outlive the pool that feeds them";
const BATCH_LISTENS: &str = "a batch waits for the result of every task";

/// A pool of worker threads that live as long as it does.
pub struct ThreadPool {
    /// Where the workers take their tasks from; they end when it is dropped.
    queue: Sender<Box<dyn FnOnce() + Send>>,
}

impl Runtime for ThreadPool {
    const ABOUT: About = About {
        workers_default: Some(WORKERS_DEFAULT),
        blocks_worker: true,
        params: &[(STACK_BYTES, STACK_BYTES_DEFAULT)],
        ..About::new(
            "thread-pool",
            runner::locked_version!("crossbeam"),
            "OS threads started beforehand that take tasks from a channel (crossbeam's)",
        )
    };
    const WORKLOADS: Workloads<Self> = &[
        (Workload::Sleep, Self::sleep),
        (Workload::Spawn, Self::spawn),
        (Workload::Hold, Self::hold),
        (Workload::PingPong, Self::ping_pong),
        (Workload::FanIn, Self::fan_in),
        (Workload::Mutex, Self::mutex),
        (Workload::Brigade, Self::brigade),
        (Workload::Request, Self::request),
        (Workload::Echo, Self::echo),
        (Workload::FileRead, Self::file_read),
        (Workload::Cpu, Self::cpu),
        (Workload::Mixed, Self::mixed),
        (Workload::Blocking, Self::blocking),
    ];
    const UNSUPPORTED: &'static [(Workload, &'static str)] = &[
        (
            Workload::Yield,
            "a task keeps its worker until it ends, so that it cannot give way to one in the queue",
        ),
        (
            Workload::Skynet,
            "a task that waits for its children keeps its worker, so that parents would fill the pool and \
             leave none for the leaves",
        ),
    ];

    fn start(job: &Job) -> Result<Self, Refusal> {
        let workers = u64::from(job.workers);
        work::refuse_escape(job, "its workers are there to be blocked")?;
        refuse_too_few_workers(job)?;
        limits::require_mappings(workers, MAPPINGS_A_THREAD)?;
        limits::require_threads(workers)?;
        limits::require_files(most_files(job, job.tasks.min(workers)))?;
        runner::require_readable(job)?;
        Self::with_workers(job.workers, stack_bytes(job))
    }
}

/// Refuses tasks that wait for each other, or that are to run side by side, where some would have to
/// wait for a worker.
fn refuse_too_few_workers(job: &Job) -> Result<(), Refusal> {
    let workload = workload(job);
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
        "the {together} tasks of this {} must be alive at once, and a pool of {workers} workers runs {workers} at \
         once; --workers {together} raises it",
        workload.name()
    )))
}

impl ThreadPool {
    /// A pool whose workers are all there and waiting for tasks.
    fn with_workers(workers: u32, stack_bytes: usize) -> Result<Self, Refusal> {
        let (queue, tasks) = channel::unbounded::<Box<dyn FnOnce() + Send>>();
        let arrivals = WaitGroup::new();
        for worker in 0..workers {
            let (tasks, arrival) = (tasks.clone(), arrivals.clone());
            let work = move || {
                drop(arrival);
                for task in tasks {
                    task();
                }
            };
            // Not joined: a worker has nothing to give back, and ends with the pool.
            thread::Builder::new().stack_size(stack_bytes).spawn(work).map_err(|error| {
                Refusal::unsupported(format!("starting worker {worker} of {workers}: {error}"))
            })?;
        }
        arrivals.wait();
        Ok(Self { queue })
    }

    /// A batch that so many tasks are to go into.
    pub(crate) fn batch(&self, tasks: u64) -> Batch<'_> {
        let (results, returned) =
            channel::bounded(usize::try_from(tasks).expect("tasks that fit into memory"));
        Batch { pool: self, results, returned }
    }
}

/// Tasks that have been given to the pool, and what they returned.
pub(crate) struct Batch<'pool> {
    pool: &'pool ThreadPool,
    results: Sender<u64>,
    returned: Receiver<u64>,
}

impl Batch<'_> {
    /// Puts a task into the queue, for the next free worker.
    pub(crate) fn spawn(&self, task: impl FnOnce() -> u64 + Send + 'static) {
        let results = self.results.clone();
        let work = move || results.send(task()).expect(BATCH_LISTENS);
        self.pool.queue.send(Box::new(work)).expect(WORKERS_LIVE);
    }

    /// Waits for all of them.
    pub(crate) fn join(self) -> Tally {
        drop(self.results);
        self.returned.into_iter().collect()
    }
}
