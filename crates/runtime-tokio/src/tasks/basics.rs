//! Tasks that wait, or have nothing to wait for: `sleep`, `spawn` and `hold`.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::AcqRel};

use runner::{Round, Tally};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time;

use super::join::join;

/// Spawns tasks that sleep, and joins them.
pub async fn sleep(round: &'static Round) -> Tally {
    let mut handles = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        handles.push(tokio::spawn(async move {
            round.begin(task);
            time::sleep(round.sleep_for(task)).await;
            round.finish(task)
        }));
    }
    join(handles).await
}

/// Spawns tasks that do nothing, and joins them.
pub async fn spawn(round: &'static Round) -> Tally {
    let tokens = (0..round.tasks()).map(|task| round.token(task));
    join(tokens.map(|token| tokio::spawn(async move { black_box(token) })).collect()).await
}

/// Spawns tasks that wait to be released, and returns them when all of them wait.
pub async fn hold(round: &'static Round) -> Held {
    let gate = Arc::new(Gate::default());
    let mut handles = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        let gate = Arc::clone(&gate);
        handles.push(tokio::spawn(async move {
            round.begin(task);
            gate.pass(round.tasks()).await;
            round.finish(task)
        }));
    }
    gate.all_arrived.notified().await;
    Held { gate, handles }
}

/// Tasks that are alive at once.
pub struct Held {
    gate: Arc<Gate>,
    handles: Vec<JoinHandle<u64>>,
}

impl Held {
    /// Lets them go, and joins them.
    pub async fn release(self) -> Tally {
        self.gate.release.notify_waiters();
        join(self.handles).await
    }
}

/// Where tasks of `hold` wait. `tokio::sync::Barrier` would do as well, but each waiter would be
/// larger, and the memory of the tasks is what is measured.
#[derive(Default)]
struct Gate {
    arrived: AtomicU64,
    all_arrived: Notify,
    release: Notify,
}

impl Gate {
    async fn pass(&self, tasks: u64) {
        // Made before this task counts as arrived: `notify_waiters` reaches every `Notified` that
        // exists, polled or not, so none can miss its release.
        let released = self.release.notified();
        if self.arrived.fetch_add(1, AcqRel) + 1 == tasks {
            self.all_arrived.notify_one();
        }
        released.await;
    }
}
