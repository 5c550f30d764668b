//! A check of the runner, with which it shares no code: the same workloads without the lab. Prints the
//! makespan of one cold round in nanoseconds.

use std::convert::identity;
use std::hint::black_box;
use std::thread;

use smol::channel::{self, Receiver};
use smol::{Executor, Timer};

static EXECUTOR: Executor<'static> = Executor::new();

fn main() {
    let (_, workload, tasks) = bare::asked("smol", "sleep|spawn");
    let (_running, until_stopped) = channel::bounded(1);
    let workers = thread::available_parallelism().expect("the number of CPUs is known").get();
    if workers > 1 {
        start(workers, &until_stopped);
    }
    run(workers, async {});
    let sleep = || EXECUTOR.spawn(bare::latency(|| Timer::after(bare::SLEEP)));
    let number = |task| EXECUTOR.spawn(async move { black_box(task) });
    bare::print_time_of(|| match &*workload {
        "sleep" => run(workers, bare::sleep(tasks, sleep, identity)),
        _ => run(workers, bare::spawn(tasks, number, identity)),
    });
}

fn start(workers: usize, until_stopped: &Receiver<()>) {
    for _ in 0..workers {
        let until_stopped = until_stopped.clone();
        thread::spawn(move || smol::block_on(EXECUTOR.run(until_stopped.recv())));
    }
}

fn run(workers: usize, root: impl Future<Output = ()> + Send + 'static) {
    if workers == 1 {
        smol::block_on(EXECUTOR.run(root));
    } else {
        smol::block_on(EXECUTOR.spawn(root));
    }
}
