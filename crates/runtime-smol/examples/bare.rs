//! A check of the runner, with which it shares no code: the same workloads without the lab. Prints the
//! makespan of one cold round in nanoseconds.

use std::env;
use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use smol::channel::{self, Receiver};
use smol::{Executor, Timer};

static EXECUTOR: Executor<'static> = Executor::new();

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ["smol", workload, tasks] = arguments[..] else {
        panic!("usage: bare smol sleep|spawn TASKS");
    };
    let tasks: usize = tasks.parse().expect("TASKS is a number");
    let (_running, until_stopped) = channel::bounded(1);
    let workers = thread::available_parallelism().expect("the number of CPUs is known").get();
    if workers > 1 {
        start(workers, &until_stopped);
    }
    run(workers, async {});
    let start = Instant::now();
    match workload {
        "sleep" => run(workers, sleep(tasks)),
        "spawn" => run(workers, spawn(tasks)),
        _ => panic!("no such workload: {workload}"),
    }
    println!("{}", start.elapsed().as_nanos());
}

fn start(workers: usize, until_stopped: &Receiver<()>) {
    for _ in 0..workers {
        let until_stopped = until_stopped.clone();
        thread::spawn(move || smol::block_on(EXECUTOR.run(until_stopped.recv())));
    }
}

fn run(workers: usize, root: impl Future<Output = ()> + Send + 'static) {
    if workers == 1 {
        smol::block_on(EXECUTOR.run(root));
    } else {
        smol::block_on(EXECUTOR.spawn(root));
    }
}

/// Each task measures its own sleep, as for percentiles.
async fn sleep(tasks: usize) {
    let mut handles = Vec::with_capacity(tasks);
    for _ in 0..tasks {
        handles.push(EXECUTOR.spawn(async {
            let start = Instant::now();
            Timer::after(Duration::from_millis(1)).await;
            (start, Instant::now())
        }));
    }
    let mut latencies = Vec::with_capacity(tasks);
    for handle in handles {
        let (start, end) = handle.await;
        latencies.push(end - start);
    }
    black_box(latencies);
}

async fn spawn(tasks: usize) {
    let handles: Vec<_> = (0..tasks).map(|task| EXECUTOR.spawn(async move { black_box(task) })).collect();
    let mut sum = 0;
    for handle in handles {
        sum += handle.await;
    }
    black_box(sum);
}
