//! The root future of each workload on one executor, and the tasks that it spawns and joins.
//!
//! Handles are awaited in order, so that only one task at a time keeps a waker of the root: glommio
//! counts wakers in 16 bits, and a `join_all` over 32,768 tasks panics. Awaited they are all: a task is
//! cancelled when its handle is dropped.

pub mod files;
pub mod net;
pub mod switching;
pub mod tree;
pub mod waiting;
pub mod work;

use std::ops::Range;

use glommio::Task;
use runner::Tally;

async fn join(handles: Vec<Task<u64>>) -> Tally {
    let mut tally = Tally::default();
    for handle in handles {
        tally.add(handle.await);
    }
    tally
}

fn count(tasks: &Range<u64>) -> usize {
    usize::try_from(tasks.end - tasks.start).expect("the harness bounds the tasks of a job")
}
