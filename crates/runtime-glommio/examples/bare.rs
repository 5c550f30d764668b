//! A check of the runner, with which it shares no code: the same workloads without the lab. Prints the
//! makespan of one cold round in nanoseconds.

use std::convert::identity;
use std::hint::black_box;

use glommio::{LocalExecutorBuilder, spawn_local, timer};
use rustix::thread::{MembarrierCommand, membarrier};

fn main() {
    let (runtime, workload, tasks) = bare::asked("glommio|glommio-early-membarrier", "sleep|spawn");
    if runtime == "glommio-early-membarrier" {
        membarrier(MembarrierCommand::RegisterPrivateExpedited).unwrap();
    }
    let executor = LocalExecutorBuilder::default().make().unwrap();
    let sleep = || spawn_local(bare::latency(|| timer::sleep(bare::SLEEP)));
    let number = |task| spawn_local(async move { black_box(task) });
    bare::print_time_of(|| match &*workload {
        "sleep" => executor.run(bare::sleep(tasks, sleep, identity)),
        _ => executor.run(bare::spawn(tasks, number, identity)),
    });
}
