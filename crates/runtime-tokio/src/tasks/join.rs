//! Joining the tasks of a round.

use runner::Tally;
use tokio::task::JoinHandle;

/// Joins tasks in the order in which they were spawned.
pub async fn join(handles: Vec<JoinHandle<u64>>) -> Tally {
    let mut tally = Tally::default();
    for handle in handles {
        tally.add(handle.await.expect("no task panics or is aborted"));
    }
    tally
}
