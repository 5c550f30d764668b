//! Joining the tasks of a round.

use runner::Tally;
use tokio::task::JoinHandle;

pub const RUNS_ON: &str = "no task panics or is aborted";

/// Joins tasks in the order in which they were spawned.
pub async fn join(tasks: Vec<JoinHandle<u64>>) -> Tally {
    let mut tally = Tally::default();
    for task in tasks {
        tally.add(task.await.expect(RUNS_ON));
    }
    tally
}
