//! A check of the runner, with which it shares no code: the same workloads without the lab. Prints the
//! makespan of one cold round in nanoseconds.

use std::convert::identity;
use std::hint::black_box;
use std::thread;
use std::time::Duration;

use glommio::{LocalExecutorBuilder, spawn_local, timer};
use rustix::thread::{MembarrierCommand, membarrier};

/// How long the program waits before its workload, as a runner does at `ready`. The grace period
/// that glommio's first sleep waits for depends on how busy the kernel has been with the process:
/// right after the executor's threads have started it is some 5 % longer (2671 pairs).
const PAUSE: Duration = Duration::from_millis(1);

fn main() {
    let (runtime, workload, tasks) = bare::asked("glommio|glommio-early-membarrier", "sleep|spawn");
    if runtime == "glommio-early-membarrier" {
        membarrier(MembarrierCommand::RegisterPrivateExpedited).unwrap();
    }
    let executor = LocalExecutorBuilder::default().make().unwrap();
    thread::sleep(PAUSE);
    let sleep = || spawn_local(bare::latency(|| timer::sleep(bare::SLEEP)));
    let number = |task| spawn_local(async move { black_box(task) });
    bare::print_time_of(|| match &*workload {
        "sleep" => executor.run(bare::sleep(tasks, sleep, identity)),
        _ => executor.run(bare::spawn(tasks, number, identity)),
    });
}
