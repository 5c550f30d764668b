//! Joining the tasks of a round.

use runner::Tally;
use smol::Task;

/// Joins tasks in the order in which they were spawned.
pub async fn join(tasks: Vec<Task<u64>>) -> Tally {
    let mut tally = Tally::default();
    for task in tasks {
        tally.add(task.await);
    }
    tally
}
