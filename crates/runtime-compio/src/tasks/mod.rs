//! The root future of each workload on one executor, and the tasks that it spawns and joins.

pub mod files;
pub mod lock;
pub mod net;
pub mod pipes;
pub mod tree;
pub mod waiting;
pub mod work;

use std::ops::Range;

use compio::runtime::JoinHandle;
use runner::Tally;

const RUNS_ON: &str = "no task panics or is cancelled";

/// Joins tasks in the order in which they were spawned, and all of them: a task is cancelled when its handle is
/// dropped.
async fn join(tasks: Vec<JoinHandle<u64>>) -> Tally {
    let mut tally = Tally::default();
    for task in tasks {
        tally.add(task.await.expect(RUNS_ON));
    }
    tally
}

fn count(tasks: &Range<u64>) -> usize {
    usize::try_from(tasks.end - tasks.start).expect("the harness bounds the tasks of a job")
}
