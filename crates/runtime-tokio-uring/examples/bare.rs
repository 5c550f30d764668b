//! A check of the runner, with which it shares no code: the same workloads without the lab. Prints the
//! makespan of one cold round in nanoseconds.

use std::hint::black_box;

use tokio::time;
use tokio_uring::{Runtime, spawn};

fn main() {
    let (_, workload, tasks) = bare::asked("tokio-uring", "sleep|spawn");
    let runtime = Runtime::new(&tokio_uring::builder()).unwrap();
    let sleep = || spawn(bare::latency(|| time::sleep(bare::SLEEP)));
    let number = |task| spawn(async move { black_box(task) });
    bare::print_time_of(|| match &*workload {
        "sleep" => runtime.block_on(bare::sleep(tasks, sleep, Result::unwrap)),
        _ => runtime.block_on(bare::spawn(tasks, number, Result::unwrap)),
    });
}
