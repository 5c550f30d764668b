//! The workloads.

use std::hint::black_box;

use rayon::ThreadPool;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use runner::{Round, Tally, skynet_children};

/// Spawns a job for each task, and waits for all of them. A scope of the pool runs on one of its
/// workers, so that the root is a job itself.
pub fn spawn(pool: &ThreadPool, round: &'static Round) -> Tally {
    let mut returned = vec![0; round.task_count()];
    pool.scope(|scope| {
        for (task, slot) in (0..).zip(&mut returned) {
            scope.spawn(move |_| *slot = black_box(round.token(task)));
        }
    });
    returned.into_iter().collect()
}

/// The root of the tree runs on a worker.
pub fn skynet(pool: &ThreadPool, round: &'static Round) -> Tally {
    pool.install(|| node(round, 0, round.tasks()))
}

/// A leaf gives its token; any other node spawns a job for each child and adds up what they return.
/// A parallel iterator over the children would be shorter, and would run several of them in one
/// job.
fn node(round: &'static Round, first: u64, leaves: u64) -> Tally {
    let children = skynet_children(first, leaves);
    if children.len() == 0 {
        return Tally { completed: 1, checksum: round.token(first) };
    }
    let mut tallies = vec![Tally::default(); children.len()];
    rayon::scope(|scope| {
        for ((first, leaves), slot) in children.zip(&mut tallies) {
            scope.spawn(move |_| *slot = node(round, first, leaves));
        }
    });
    let mut tally: Tally = tallies.into_iter().sum();
    tally.completed += 1;
    tally
}

/// Computes all tasks in a parallel iterator, and adds up their results where they come to be.
pub fn cpu(pool: &ThreadPool, round: &'static Round) -> Tally {
    let compute = |task| Tally { completed: 1, checksum: round.compute(task) };
    pool.install(|| (0..round.tasks()).into_par_iter().map(compute).sum())
}

/// Spawns jobs that each make a call that blocks its worker, and waits for all of them.
pub fn blocking(pool: &ThreadPool, round: &'static Round) -> Tally {
    let mut returned = vec![0; round.task_count()];
    pool.scope(|scope| {
        for (task, slot) in (0..).zip(&mut returned) {
            scope.spawn(move |_| *slot = round.block(task));
        }
    });
    returned.into_iter().collect()
}
