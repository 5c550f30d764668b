//! A check of the runner, with which it shares no code: the same workloads without the lab. Prints the
//! makespan of one cold round in nanoseconds.

use std::hint::black_box;
use std::thread::{self, Builder, scope};
use std::time::{Duration, Instant};

use crossbeam::channel::{self, Receiver, Sender};
use crossbeam::sync::WaitGroup;

const SLEEP: Duration = Duration::from_millis(1);
const STACK_BYTES: usize = 2 * 1024 * 1024;
const WORKERS: usize = 512;

type Task = Box<dyn FnOnce() + Send>;

fn main() {
    let (runtime, workload, tasks) = bare::asked("threads|thread-pool", "sleep|spawn");
    let took = match (&*runtime, &*workload) {
        ("threads", "sleep") => threads_sleep(tasks),
        ("threads", "spawn") => threads_spawn(tasks),
        ("thread-pool", "sleep") => pool_sleep(&pool(), tasks),
        _ => pool_spawn(&pool(), tasks),
    };
    println!("{}", took.as_nanos());
}

fn threads_sleep(tasks: usize) -> Duration {
    let mut latencies = vec![Duration::MAX; tasks];
    bare::wait_for_go();
    let start = Instant::now();
    scope(|scope| {
        let threads: Vec<_> = latencies
            .iter_mut()
            .map(|latency| {
                let task = move || {
                    let start = bare::now();
                    thread::sleep(SLEEP);
                    *latency = bare::now() - start;
                };
                Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, task).unwrap()
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
    });
    let took = start.elapsed();
    assert!(bare::is_plain() || latencies.iter().all(|&latency| SLEEP <= latency && latency <= took));
    took
}

fn threads_spawn(tasks: usize) -> Duration {
    bare::wait_for_go();
    let start = Instant::now();
    let sum: usize = scope(|scope| {
        let threads: Vec<_> = (0..tasks)
            .map(|task| Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, move || task).unwrap())
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    let took = start.elapsed();
    assert_eq!(sum, tasks * (tasks - 1) / 2);
    took
}

/// Workers that wait for tasks, and the channel to send these through.
fn pool() -> Sender<Task> {
    let (queue, tasks): (_, Receiver<Task>) = channel::unbounded();
    let started = WaitGroup::new();
    for _ in 0..WORKERS {
        let (tasks, started) = (tasks.clone(), started.clone());
        let work = move || {
            drop(started);
            tasks.into_iter().for_each(|task| task());
        };
        Builder::new().stack_size(STACK_BYTES).spawn(work).unwrap();
    }
    started.wait();
    queue
}

fn pool_sleep(pool: &Sender<Task>, tasks: usize) -> Duration {
    let mut latencies = vec![Duration::MAX; tasks];
    bare::wait_for_go();
    let start = Instant::now();
    let (results, returned) = channel::bounded(tasks);
    for task in 0..tasks {
        let results = results.clone();
        let work = move || {
            let start = bare::now();
            thread::sleep(SLEEP);
            results.send((task, bare::now() - start)).unwrap();
        };
        pool.send(Box::new(work)).unwrap();
    }
    drop(results);
    for (task, latency) in returned {
        latencies[task] = latency;
    }
    let took = start.elapsed();
    assert!(bare::is_plain() || latencies.iter().all(|&latency| SLEEP <= latency && latency <= took));
    took
}

fn pool_spawn(pool: &Sender<Task>, tasks: usize) -> Duration {
    bare::wait_for_go();
    let start = Instant::now();
    let (results, returned) = channel::bounded(tasks);
    for task in 0..tasks {
        let results = results.clone();
        pool.send(Box::new(move || results.send(black_box(task)).unwrap())).unwrap();
    }
    drop(results);
    let sum: usize = returned.into_iter().sum();
    let took = start.elapsed();
    assert_eq!(sum, tasks * (tasks - 1) / 2);
    took
}
