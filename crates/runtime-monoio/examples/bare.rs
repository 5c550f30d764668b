//! A check of the runner, with which it shares no code: the same workloads without the lab. Prints the
//! makespan of one cold round in nanoseconds.

use std::env;
use std::hint::black_box;
use std::time::{Duration, Instant};

use monoio::{IoUringDriver, RuntimeBuilder};

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ["monoio", workload, tasks] = arguments[..] else {
        panic!("usage: bare monoio sleep|spawn TASKS");
    };
    let tasks: usize = tasks.parse().expect("TASKS is a number");
    let mut runtime = RuntimeBuilder::<IoUringDriver>::new().enable_timer().build().unwrap();
    let start = Instant::now();
    match workload {
        "sleep" => runtime.block_on(sleep(tasks)),
        "spawn" => runtime.block_on(spawn(tasks)),
        _ => panic!("no such workload: {workload}"),
    }
    println!("{}", start.elapsed().as_nanos());
}

/// Each task measures its own sleep, as for percentiles.
async fn sleep(tasks: usize) {
    let mut handles = Vec::with_capacity(tasks);
    for _ in 0..tasks {
        handles.push(monoio::spawn(async {
            let start = Instant::now();
            monoio::time::sleep(Duration::from_millis(1)).await;
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
    let handles: Vec<_> = (0..tasks).map(|task| monoio::spawn(async move { black_box(task) })).collect();
    let mut sum = 0;
    for handle in handles {
        sum += handle.await;
    }
    black_box(sum);
}
