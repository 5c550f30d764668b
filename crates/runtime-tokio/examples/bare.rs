//! A check of the runner, with which it shares no code: the same workloads without the lab. Prints the
//! makespan of one cold round in nanoseconds. `hold` prints by how many bytes resident memory grew;
//! `skynet` wants a power of ten.

use std::fs;
use std::hint::black_box;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::AcqRel};
use std::thread;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Notify, mpsc};
use tokio::task::{JoinHandle, yield_now};

/// How often a task yields, and a ball goes there and back.
const TIMES: usize = 100;

fn main() {
    let (runtime, workload, tasks) =
        bare::asked("tokio|tokio-current-thread", "sleep|spawn|yield|ping-pong|skynet|hold");
    let runtime = start(&runtime);
    if workload == "hold" {
        println!("{}", hold(&runtime, tasks));
        return;
    }
    let sleep = || tokio::spawn(bare::latency(|| tokio::time::sleep(bare::SLEEP)));
    let number = |task| tokio::spawn(async move { black_box(task) });
    bare::print_time_of(|| match &*workload {
        "sleep" => runtime.block_on(bare::sleep(tasks, sleep, Result::unwrap)),
        "spawn" => runtime.block_on(bare::spawn(tasks, number, Result::unwrap)),
        "yield" => runtime.block_on(yields(tasks)),
        "ping-pong" => runtime.block_on(ping_pong(tasks)),
        "skynet" => runtime.block_on(async move {
            black_box(skynet(0, tasks).await);
        }),
        _ => unreachable!(),
    });
}

fn start(name: &str) -> Runtime {
    let mut builder = match name {
        "tokio" => {
            let workers = thread::available_parallelism().expect("the number of CPUs is known").get();
            let mut builder = Builder::new_multi_thread();
            builder.worker_threads(workers);
            builder
        }
        "tokio-current-thread" => Builder::new_current_thread(),
        _ => panic!("no such runtime: {name}"),
    };
    builder.enable_all().build().unwrap()
}

async fn yields(tasks: usize) {
    let mut handles = Vec::with_capacity(tasks);
    for task in 0..tasks {
        handles.push(tokio::spawn(async move {
            let mut yields = task;
            for _ in 0..TIMES {
                yield_now().await;
                yields += 1;
            }
            yields
        }));
    }
    bare::sum(handles, Result::unwrap).await;
}

async fn ping_pong(tasks: usize) {
    let mut handles = Vec::with_capacity(tasks);
    for pair in 0..tasks / 2 {
        let (to_second, mut from_first) = mpsc::channel(1);
        let (to_first, mut from_second) = mpsc::channel(1);
        handles.push(tokio::spawn(async move {
            let mut ball = pair;
            for _ in 0..TIMES {
                to_second.send(ball).await.unwrap();
                ball = from_second.recv().await.unwrap() + 1;
            }
            ball
        }));
        handles.push(tokio::spawn(async move {
            let mut ball = 0;
            for _ in 0..TIMES {
                ball = from_first.recv().await.unwrap() + 1;
                to_first.send(ball).await.unwrap();
            }
            ball
        }));
    }
    bare::sum(handles, Result::unwrap).await;
}

/// The sum of the numbers of so many leaves, a power of ten, from `first` on.
fn skynet(first: usize, leaves: usize) -> Pin<Box<dyn Future<Output = usize> + Send>> {
    Box::pin(async move {
        if leaves == 1 {
            return first;
        }
        let share = leaves / 10;
        let children: Vec<_> =
            (0..10).map(|child| tokio::spawn(skynet(first + child * share, share))).collect();
        let mut sum = 0;
        for child in children {
            sum += child.await.unwrap();
        }
        sum
    })
}

/// By how many bytes resident memory has grown when all tasks wait.
fn hold(runtime: &Runtime, tasks: usize) -> u64 {
    let gate = Arc::new(Gate { arrived: AtomicUsize::new(0), all_arrived: Notify::new(), go: Notify::new() });
    let before = resident_bytes();
    let handles = runtime.block_on(wait_at(Arc::clone(&gate), tasks));
    let grown = resident_bytes() - before;
    gate.go.notify_waiters();
    runtime.block_on(bare::sum(handles, Result::unwrap));
    grown
}

struct Gate {
    arrived: AtomicUsize,
    all_arrived: Notify,
    go: Notify,
}

async fn wait_at(gate: Arc<Gate>, tasks: usize) -> Vec<JoinHandle<usize>> {
    let mut handles = Vec::with_capacity(tasks);
    for task in 0..tasks {
        let gate = Arc::clone(&gate);
        handles.push(tokio::spawn(async move {
            let go = gate.go.notified();
            if gate.arrived.fetch_add(1, AcqRel) + 1 == tasks {
                gate.all_arrived.notify_one();
            }
            go.await;
            task
        }));
    }
    gate.all_arrived.notified().await;
    handles
}

fn resident_bytes() -> u64 {
    let rollup = fs::read_to_string("/proc/self/smaps_rollup").unwrap();
    let kib = rollup.lines().find_map(|line| line.strip_prefix("Rss:")?.trim().strip_suffix(" kB")).unwrap();
    kib.parse::<u64>().unwrap() * 1024
}
