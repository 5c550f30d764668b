//! Joining the tasks of a round.

use compio::runtime::JoinHandle;
use runner::Tally;

pub const RUNS_ON: &str = "no task panics or is cancelled";

/// Joins tasks in the order in which they were spawned, and all of them: a task is cancelled when
/// its handle is dropped.
pub async fn join(tasks: Vec<JoinHandle<u64>>) -> Tally {
    let mut tally = Tally::default();
    for task in tasks {
        tally.add(task.await.expect(RUNS_ON));
    }
    tally
}
