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
//! - With more tasks than workers, `sleep` runs in waves: a pool of 512 needs two for 1000 tasks.
//! - 512 is far more than `workers` means elsewhere. A comparison with matched workers must say so.

use std::sync::{Arc, Barrier};
use std::thread;

use crossbeam::channel::{self, Sender};
use crossbeam::sync::WaitGroup;
use runner::{About, Job, Refusal, Round, Runtime, Tally, Workload, Workloads, limits};

use crate::{MAPPINGS_A_THREAD, STACK_BYTES, STACK_BYTES_DEFAULT, stack_bytes};

/// tokio's default for `max_blocking_threads`.
const WORKERS_DEFAULT: u32 = 512;

const WORKERS_LIVE: &str = "the workers outlive the pool that feeds them";
const ROUND_LISTENS: &str = "the round waits for the result of every task";

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
    const WORKLOADS: Workloads<Self> =
        &[(Workload::Sleep, Self::sleep), (Workload::Spawn, Self::spawn), (Workload::Hold, Self::hold)];

    fn start(job: &Job) -> Result<Self, Refusal> {
        let workers = job.workers;
        if job.workload == Workload::Hold.name() && job.tasks > u64::from(workers) {
            return Err(Refusal::unsupported(format!(
                "a pool of {workers} workers holds at most {workers} tasks at once; --workers {} raises it",
                job.tasks
            )));
        }
        limits::require_mappings(workers.into(), MAPPINGS_A_THREAD)?;
        limits::require_threads(workers.into())?;
        Self::with_workers(workers, stack_bytes(job))
    }
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

    /// Runs a task on the next free worker.
    fn run(&self, task: impl FnOnce() + Send + 'static) {
        self.queue.send(Box::new(task)).expect(WORKERS_LIVE);
    }

    fn sleep(&mut self, round: &'static Round) -> Tally {
        let (results, returned) = channel::bounded(round.task_count());
        for task in 0..round.tasks() {
            let results = results.clone();
            self.run(move || {
                round.begin(task);
                thread::sleep(round.sleep_for(task));
                results.send(round.finish(task)).expect(ROUND_LISTENS);
            });
        }
        drop(results);
        returned.into_iter().collect()
    }

    fn spawn(&mut self, round: &'static Round) -> Tally {
        let (results, returned) = channel::bounded(round.task_count());
        for task in 0..round.tasks() {
            let results = results.clone();
            self.run(move || results.send(round.token(task)).expect(ROUND_LISTENS));
        }
        drop(results);
        returned.into_iter().collect()
    }

    /// The tasks arrive at a wait group, which tells this thread that they are all there, and wait at
    /// a barrier for this thread to open it.
    fn hold(&mut self, round: &'static Round) -> Tally {
        let arrivals = WaitGroup::new();
        let release = Arc::new(Barrier::new(round.task_count() + 1));
        let (results, returned) = channel::bounded(round.task_count());
        for task in 0..round.tasks() {
            let (arrival, release, results) = (arrivals.clone(), Arc::clone(&release), results.clone());
            self.run(move || {
                round.begin(task);
                drop(arrival);
                release.wait();
                results.send(round.finish(task)).expect(ROUND_LISTENS);
            });
        }
        drop(results);
        arrivals.wait();
        round.holding();
        release.wait();
        returned.into_iter().collect()
    }
}
