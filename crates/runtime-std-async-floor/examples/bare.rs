//! A check of the runner, with which it shares the executor and nothing else: the same workloads without
//! the lab. Prints the makespan of one cold round in nanoseconds.

use std::env;
use std::hint::black_box;
use std::time::{Duration, Instant};

use runtime_std_async_floor::executor::timer;
use runtime_std_async_floor::executor::{block_on, spawn};

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ["std-async-floor", workload, tasks] = arguments[..] else {
        panic!("usage: bare std-async-floor sleep|spawn TASKS");
    };
    let tasks: usize = tasks.parse().expect("TASKS is a number");
    block_on(async {});
    let start = Instant::now();
    match workload {
        "sleep" => block_on(sleep(tasks)),
        "spawn" => block_on(spawn_all(tasks)),
        _ => panic!("no such workload: {workload}"),
    }
    println!("{}", start.elapsed().as_nanos());
}

/// Each task measures its own sleep, as for percentiles.
async fn sleep(tasks: usize) {
    let mut handles = Vec::with_capacity(tasks);
    for _ in 0..tasks {
        handles.push(spawn(async {
            let start = Instant::now();
            timer::sleep(Duration::from_millis(1)).await;
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

async fn spawn_all(tasks: usize) {
    let handles: Vec<_> = (0..tasks).map(|task| spawn(async move { black_box(task) })).collect();
    let mut sum = 0;
    for handle in handles {
        sum += handle.await;
    }
    black_box(sum);
}
