//! The root future of each workload on one executor, and the tasks that it spawns and joins.

pub mod files;
pub mod net;
pub mod switching;
pub mod tree;
pub mod waiting;
pub mod work;

use std::ops::Range;

use monoio::task::JoinHandle;
use runner::Tally;

/// Joins tasks in the order in which they were spawned.
async fn join(tasks: Vec<JoinHandle<u64>>) -> Tally {
    let mut tally = Tally::default();
    for task in tasks {
        tally.add(task.await);
    }
    tally
}

fn count(tasks: &Range<u64>) -> usize {
    usize::try_from(tasks.end - tasks.start).expect("the harness bounds the tasks of a job")
}
