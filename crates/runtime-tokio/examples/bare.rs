//! The same workloads without the lab: what `tokio` and `tokio-current-thread` take for one cold
//! round, timed by the program itself.
//!
//! An independent witness. It shares no code with the runner, and its makespans must agree with the
//! runner's.
//!
//! ```text
//! bare tokio|tokio-current-thread sleep|spawn TASKS      prints the makespan in nanoseconds
//! ```

use std::env;
use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Builder;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [runtime, workload, tasks] = arguments[..] else {
        panic!("usage: bare tokio|tokio-current-thread sleep|spawn TASKS");
    };
    let tasks: usize = tasks.parse().expect("TASKS is a number");
    let makespan = match (runtime, workload) {
        ("tokio", "sleep") => multi_thread(sleep(tasks)),
        ("tokio", "spawn") => multi_thread(spawn(tasks)),
        ("tokio-current-thread", "sleep") => current_thread(sleep(tasks)),
        ("tokio-current-thread", "spawn") => current_thread(spawn(tasks)),
        _ => panic!("no such runtime or workload: {runtime} {workload}"),
    };
    println!("{}", makespan.as_nanos());
}

fn multi_thread(root: impl Future<Output = ()> + Send + 'static) -> Duration {
    let workers = thread::available_parallelism().expect("the number of CPUs is known").get();
    let runtime = Builder::new_multi_thread().worker_threads(workers).enable_all().build().unwrap();
    let start = Instant::now();
    runtime.block_on(runtime.spawn(root)).unwrap();
    start.elapsed()
}

fn current_thread(root: impl Future<Output = ()>) -> Duration {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let start = Instant::now();
    runtime.block_on(root);
    start.elapsed()
}

/// Each task measures its own sleep, as for percentiles.
async fn sleep(tasks: usize) {
    let mut handles = Vec::with_capacity(tasks);
    for _ in 0..tasks {
        handles.push(tokio::spawn(async {
            let start = Instant::now();
            tokio::time::sleep(Duration::from_millis(1)).await;
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

async fn spawn(tasks: usize) {
    let mut handles = Vec::with_capacity(tasks);
    for task in 0..tasks {
        handles.push(tokio::spawn(async move { black_box(task) }));
    }
    let mut sum = 0;
    for handle in handles {
        sum += handle.await.unwrap();
    }
    black_box(sum);
}
