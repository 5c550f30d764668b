//! Worker threads that take tasks from a queue.

use std::thread;

use crossbeam::channel::{self, Receiver, Sender};
use crossbeam::sync::WaitGroup;
use runner::{Refusal, Tally};

use crate::spawn::Spawn;

const WORKERS_LIVE: &str = "the workers outlive the pool that feeds them";
const BATCH_LISTENS: &str = "a batch waits for the result of every task";

/// A pool of worker threads that live as long as it does.
pub struct ThreadPool {
    /// Where the workers take their tasks from; they end when it is dropped.
    queue: Sender<Box<dyn FnOnce() + Send>>,
}

impl ThreadPool {
    /// A pool whose workers are all there and waiting for tasks.
    pub(crate) fn with_workers(workers: u32, stack_bytes: usize) -> Result<Self, Refusal> {
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
                Refusal::unsupported(format!("cannot start worker {worker} of {workers}: {error}"))
            })?;
        }
        arrivals.wait();
        Ok(Self { queue })
    }

    /// A round: `start` gives its tasks to the pool, and all are waited for.
    pub(crate) fn run(&self, tasks: u64, start: impl FnOnce(&mut Batch)) -> Tally {
        let mut batch = self.batch(tasks);
        start(&mut batch);
        batch.join()
    }

    /// A batch of so many tasks.
    pub(crate) fn batch(&self, tasks: u64) -> Batch<'_> {
        let (results, returned) =
            channel::bounded(usize::try_from(tasks).expect("tasks that fit into memory"));
        Batch { pool: self, results, returned }
    }
}

/// Tasks that have been given to the pool, and what they returned.
pub struct Batch<'pool> {
    pool: &'pool ThreadPool,
    results: Sender<u64>,
    returned: Receiver<u64>,
}

impl Spawn for Batch<'_> {
    /// Puts a task into the queue, for the next free worker.
    fn spawn(&mut self, task: impl FnOnce() -> u64 + Send + 'static) {
        let results = self.results.clone();
        let work = move || results.send(task()).expect(BATCH_LISTENS);
        self.pool.queue.send(Box::new(work)).expect(WORKERS_LIVE);
    }
}

impl Batch<'_> {
    /// Waits for all of them.
    pub(crate) fn join(self) -> Tally {
        drop(self.results);
        self.returned.into_iter().collect()
    }
}
