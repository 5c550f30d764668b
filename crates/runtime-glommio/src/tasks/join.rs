//! Joining the tasks of a round.

use glommio::Task;
use runner::Tally;

/// Joins tasks in the order in which they were spawned, and all of them: a task is cancelled when
/// its handle is dropped. Only one at a time has a waker of the root. glommio counts wakers in 16
/// bits, and a `join_all` over 32,768 tasks panics.
pub async fn join(tasks: Vec<Task<u64>>) -> Tally {
    let mut tally = Tally::default();
    for task in tasks {
        tally.add(task.await);
    }
    tally
}
