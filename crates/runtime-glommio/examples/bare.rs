//! A check of the runner, with which it shares no code: the same workloads without the lab. Prints the
//! makespan of one cold round in nanoseconds.

use std::env;
use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use glommio::LocalExecutorBuilder;
use glommio::timer;
use rustix::thread::{MembarrierCommand, membarrier};

/// How long the program waits before its workload, as a runner does at `ready`. The grace period
/// that glommio's first sleep waits for depends on how busy the kernel has been with the process:
/// right after the executor's threads have started it is some 5 % longer (2671 pairs).
const PAUSE: Duration = Duration::from_millis(1);

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [runtime, workload, tasks] = arguments[..] else {
        panic!("usage: bare glommio|glommio-early-membarrier sleep|spawn TASKS");
    };
    let tasks: usize = tasks.parse().expect("TASKS is a number");
    match runtime {
        "glommio" => {}
        "glommio-early-membarrier" => membarrier(MembarrierCommand::RegisterPrivateExpedited).unwrap(),
        _ => panic!("no such runtime: {runtime}"),
    }
    let executor = LocalExecutorBuilder::default().make().unwrap();
    thread::sleep(PAUSE);
    let start = Instant::now();
    match workload {
        "sleep" => executor.run(sleep(tasks)),
        "spawn" => executor.run(spawn(tasks)),
        _ => panic!("no such workload: {workload}"),
    }
    println!("{}", start.elapsed().as_nanos());
}

/// Each task measures its own sleep, as for percentiles.
async fn sleep(tasks: usize) {
    let mut handles = Vec::with_capacity(tasks);
    for _ in 0..tasks {
        handles.push(glommio::spawn_local(async {
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

async fn spawn(tasks: usize) {
    let handles: Vec<_> =
        (0..tasks).map(|task| glommio::spawn_local(async move { black_box(task) })).collect();
    let mut sum = 0;
    for handle in handles {
        sum += handle.await;
    }
    black_box(sum);
}
