//! A check of the runner, with which it shares the executor and nothing else: the same workloads without
//! the lab. Prints the makespan of one cold round in nanoseconds.

use std::convert::identity;
use std::hint::black_box;

use runtime_std_async_floor::executor::timer;
use runtime_std_async_floor::executor::{block_on, spawn};

fn main() {
    let (_, workload, tasks) = bare::asked("std-async-floor", "sleep|spawn");
    block_on(async {});
    let sleep = || spawn(bare::latency(|| timer::sleep(bare::SLEEP)));
    let number = |task| spawn(async move { black_box(task) });
    bare::print_time_of(|| match &*workload {
        "sleep" => block_on(bare::sleep(tasks, sleep, identity)),
        _ => block_on(bare::spawn(tasks, number, identity)),
    });
}
