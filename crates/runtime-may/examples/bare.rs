//! A check of the runner, with which it shares no code: the same workloads without the lab. Prints the
//! makespan of one cold round in nanoseconds.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use may::{coroutine, go};

const SLEEP: Duration = Duration::from_millis(1);

fn main() {
    let (_, workload, tasks) = bare::asked("may", "sleep|spawn");
    let took = if workload == "sleep" { sleep(tasks) } else { spawn(tasks) };
    println!("{}", took.as_nanos());
}

fn sleep(tasks: usize) -> Duration {
    // Coroutines outlive the code that starts them, and so must what they write to.
    let latencies = (0..tasks).map(|_| AtomicU64::new(u64::MAX)).collect::<Vec<_>>().leak();
    bare::wait_for_go();
    let start = Instant::now();
    let coroutines: Vec<_> = latencies
        .iter()
        .map(|latency| {
            go!(move || {
                let start = bare::now();
                coroutine::sleep(SLEEP);
                latency.store(nanoseconds(bare::now() - start), Relaxed);
            })
        })
        .collect();
    for coroutine in coroutines {
        coroutine.join().unwrap();
    }
    let took = start.elapsed();
    let possible = nanoseconds(SLEEP)..=nanoseconds(took);
    assert!(bare::is_plain() || latencies.iter().all(|latency| possible.contains(&latency.load(Relaxed))));
    took
}

fn spawn(tasks: usize) -> Duration {
    bare::wait_for_go();
    let start = Instant::now();
    let coroutines: Vec<_> = (0..tasks).map(|task| go!(move || task)).collect();
    let sum: usize = coroutines.into_iter().map(|coroutine| coroutine.join().unwrap()).sum();
    let took = start.elapsed();
    assert_eq!(sum, tasks * (tasks - 1) / 2);
    took
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap()
}
