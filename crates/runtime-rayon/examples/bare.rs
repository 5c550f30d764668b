//! A check of the runner, with which it shares no code: the same workloads without the lab. Prints the
//! makespan of one cold round in nanoseconds. `skynet` wants a power of ten.

use std::env;
use std::hint::black_box;
use std::time::Instant;

use rayon::ThreadPoolBuilder;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ["rayon", workload, tasks] = arguments[..] else {
        panic!("usage: bare rayon spawn|skynet TASKS");
    };
    let tasks: usize = tasks.parse().expect("TASKS is a number");
    let pool = ThreadPoolBuilder::new().build().unwrap();
    pool.broadcast(|_| ());
    let start = Instant::now();
    match workload {
        "spawn" => pool.install(|| spawn(tasks)),
        "skynet" => {
            black_box(pool.install(|| skynet(0, tasks)));
        }
        _ => panic!("no such workload: {workload}"),
    }
    println!("{}", start.elapsed().as_nanos());
}

fn spawn(tasks: usize) {
    let mut returned = vec![0; tasks];
    rayon::scope(|scope| {
        for (task, slot) in returned.iter_mut().enumerate() {
            scope.spawn(move |_| *slot = black_box(task));
        }
    });
    black_box(returned.into_iter().sum::<usize>());
}

/// The sum of the numbers of so many leaves, a power of ten, from `first` on.
fn skynet(first: usize, leaves: usize) -> usize {
    if leaves == 1 {
        return first;
    }
    let share = leaves / 10;
    let mut sums = vec![0; 10];
    rayon::scope(|scope| {
        for (child, sum) in sums.iter_mut().enumerate() {
            scope.spawn(move |_| *sum = skynet(first + child * share, share));
        }
    });
    sums.into_iter().sum()
}
