//! Tasks that wait, or have nothing to wait for: `sleep`, `spawn` and `hold`.

use std::hint::black_box;

use runner::{Round, Tally};
use smol::channel::{self, Sender};
use smol::{Task, Timer};

use super::join::join;
use crate::executor::Executor;

/// Spawns tasks that sleep, and joins them.
pub async fn sleep<E: Executor>(round: &'static Round) -> Tally {
    let mut tasks = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        tasks.push(E::spawn(async move {
            round.begin(task);
            Timer::after(round.sleep_for(task)).await;
            round.finish(task)
        }));
    }
    join(tasks).await
}

/// Spawns tasks that do nothing, and joins them. `spawn_many` would take the executor's lock once
/// for many of them; it is for programs that have all their futures at once and of one type.
pub async fn spawn<E: Executor>(round: &'static Round) -> Tally {
    let tokens = (0..round.tasks()).map(|task| round.token(task));
    join(tokens.map(|token| E::spawn(async move { black_box(token) })).collect()).await
}

/// Spawns tasks that wait to be released, and returns them when all of them wait.
///
/// There are two channels on which nothing is sent, as smol's own examples stop their threads. One
/// is closed when the last task drops it, which wakes the root; the root closes the other, which
/// wakes the tasks.
pub async fn hold<E: Executor>(round: &'static Round) -> Held {
    let (arriving, all_arrived) = channel::bounded::<()>(1);
    let (holding, released) = channel::bounded::<()>(1);
    let mut tasks = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        let (arriving, released) = (arriving.clone(), released.clone());
        tasks.push(E::spawn(async move {
            round.begin(task);
            drop(arriving);
            released.recv().await.expect_err("nothing is sent");
            round.finish(task)
        }));
    }
    drop(arriving);
    all_arrived.recv().await.expect_err("nothing is sent");
    Held { holding, tasks }
}

/// Tasks that are alive at once.
pub struct Held {
    holding: Sender<()>,
    tasks: Vec<Task<u64>>,
}

impl Held {
    /// Lets them go, and joins them.
    pub async fn release(self) -> Tally {
        drop(self.holding);
        join(self.tasks).await
    }
}
