//! A check of the runner, with which it shares no code: the same workloads without the lab. Prints the
//! makespan of one cold round in nanoseconds.

use std::env;
use std::hint::black_box;
use std::time::{Duration, Instant};

use compio::runtime::{Runtime, spawn};
use compio::time;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ["compio", workload, tasks] = arguments[..] else {
        panic!("usage: bare compio sleep|spawn TASKS");
    };
    let tasks: usize = tasks.parse().expect("TASKS is a number");
    let runtime = Runtime::new().unwrap();
    let start = Instant::now();
    match workload {
        "sleep" => runtime.block_on(sleep(tasks)),
        "spawn" => runtime.block_on(spawn_all(tasks)),
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
            time::sleep(Duration::from_millis(1)).await;
            (start, Instant::now())
        }));
    }
    let mut latencies = Vec::with_capacity(tasks);
    for handle in handles {
        let (start, end) = handle.await.unwrap();
        latencies.push(end - start);
    }
    black_box(latencies);
}

async fn spawn_all(tasks: usize) {
    let handles: Vec<_> = (0..tasks).map(|task| spawn(async move { black_box(task) })).collect();
    let mut sum = 0;
    for handle in handles {
        sum += handle.await.unwrap();
    }
    black_box(sum);
}
