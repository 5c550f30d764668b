//! Joining the tasks of a round.

use monoio::task::JoinHandle;
use runner::Tally;

/// Joins tasks in the order in which they were spawned.
pub async fn join(tasks: Vec<JoinHandle<u64>>) -> Tally {
    let mut tally = Tally::default();
    for task in tasks {
        tally.add(task.await);
    }
    tally
}
