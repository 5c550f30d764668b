//! A check of the runner, with which it shares no code: the same workloads without the lab. Prints the
//! makespan of one cold round in nanoseconds. `skynet` wants a power of ten.

use std::hint::black_box;

use rayon::ThreadPoolBuilder;

fn main() {
    let (_, workload, tasks) = bare::asked("rayon", "spawn|skynet");
    let pool = ThreadPoolBuilder::new().build().unwrap();
    pool.broadcast(|_| ());
    bare::print_time_of(|| match &*workload {
        "spawn" => pool.install(|| spawn(tasks)),
        _ => {
            black_box(pool.install(|| skynet(0, tasks)));
        }
    });
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
