//! Spawning the tasks of a round, and joining them.

use futures::future::RemoteHandle;
use futures::task::{Spawn, SpawnExt};
use runner::Tally;

/// Spawns a task.
pub fn start<T: Send + 'static>(
    spawner: &impl Spawn,
    task: impl Future<Output = T> + Send + 'static,
) -> RemoteHandle<T> {
    spawner.spawn_with_handle(task).expect("the pool lives as long as its tasks")
}

/// Joins tasks in the order in which they were spawned.
pub async fn join(handles: Vec<RemoteHandle<u64>>) -> Tally {
    let mut tally = Tally::default();
    for handle in handles {
        tally.add(handle.await);
    }
    tally
}
