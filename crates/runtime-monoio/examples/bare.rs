//! A check of the runner, with which it shares no code: the same workloads without the lab. Prints the
//! makespan of one cold round in nanoseconds.

use std::convert::identity;
use std::hint::black_box;

use monoio::{IoUringDriver, RuntimeBuilder, spawn, time};

fn main() {
    let (_, workload, tasks) = bare::asked("monoio", "sleep|spawn");
    let mut runtime = RuntimeBuilder::<IoUringDriver>::new().enable_timer().build().unwrap();
    let sleep = || spawn(bare::latency(|| time::sleep(bare::SLEEP)));
    let number = |task| spawn(async move { black_box(task) });
    bare::print_time_of(|| match &*workload {
        "sleep" => runtime.block_on(bare::sleep(tasks, sleep, identity)),
        _ => runtime.block_on(bare::spawn(tasks, number, identity)),
    });
}
