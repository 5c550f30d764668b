//! A check of the runner, with which it shares no code: the same workloads without the lab. Prints the
//! makespan of one cold round in nanoseconds.

use std::hint::black_box;

use tokio::runtime::{Builder, LocalOptions};
use tokio::task::spawn_local;
use tokio::time;

fn main() {
    let (_, workload, tasks) = bare::asked("tokio-sharded", "sleep|spawn");
    let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default()).unwrap();
    let sleep = || spawn_local(bare::latency(|| time::sleep(bare::SLEEP)));
    let number = |task| spawn_local(async move { black_box(task) });
    bare::print_time_of(|| match &*workload {
        "sleep" => runtime.block_on(bare::sleep(tasks, sleep, Result::unwrap)),
        _ => runtime.block_on(bare::spawn(tasks, number, Result::unwrap)),
    });
}
