//! Tasks that have nothing to wait for, or one thing only: `spawn`, `cpu`, `blocking` and `hold`.

use std::hint::black_box;

use futures::StreamExt;
use futures::channel::{mpsc, oneshot};
use futures::future::{FutureExt, RemoteHandle};
use futures::task::Spawn;
use runner::{Round, Tally};

use super::join::{join, start};

/// Spawns tasks that do nothing, and joins them.
pub async fn spawn(spawner: impl Spawn, round: &'static Round) -> Tally {
    let tokens = (0..round.tasks()).map(|task| round.token(task));
    join(tokens.map(|token| start(&spawner, async move { black_box(token) })).collect()).await
}

/// Spawns tasks that compute, and joins them.
pub async fn cpu(spawner: impl Spawn, round: &'static Round) -> Tally {
    let tasks = (0..round.tasks()).map(|task| start(&spawner, async move { round.compute(task) }));
    join(tasks.collect()).await
}

/// Spawns tasks that each make a call that blocks its thread, and joins them.
pub async fn blocking(spawner: impl Spawn, round: &'static Round) -> Tally {
    let tasks = (0..round.tasks()).map(|task| start(&spawner, async move { round.block(task) }));
    join(tasks.collect()).await
}

/// Spawns tasks that wait to be released, and returns them when all of them wait.
///
/// A channel on which nothing is sent closes when the last task drops its sender, which wakes the root. What releases
/// the tasks is one message that they all wait for, by `shared`.
pub async fn hold(spawner: impl Spawn, round: &'static Round) -> Held {
    let (arriving, mut all_arrived) = mpsc::unbounded::<()>();
    let (release, released) = oneshot::channel::<()>();
    let released = released.shared();
    let mut handles = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        let (arriving, released) = (arriving.clone(), released.clone());
        let held = async move {
            round.begin(task);
            drop(arriving);
            released.await.expect("the root sends it");
            round.finish(task)
        };
        handles.push(start(&spawner, held));
    }
    drop(arriving);
    let nothing = all_arrived.next().await;
    assert!(nothing.is_none(), "nothing is sent");
    Held { release, handles }
}

/// Tasks that are alive at once.
pub struct Held {
    release: oneshot::Sender<()>,
    handles: Vec<RemoteHandle<u64>>,
}

impl Held {
    /// Lets them go, and joins them.
    pub async fn release(self) -> Tally {
        self.release.send(()).expect("the tasks wait for it");
        join(self.handles).await
    }
}
