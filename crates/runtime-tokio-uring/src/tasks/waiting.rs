//! Tasks that wait, or have nothing to wait for: `sleep`, `spawn` and `hold`.

use std::cell::Cell;
use std::hint::black_box;
use std::rc::Rc;

use runner::Tally;
use runner::executors::Share;
use tokio::sync::Notify;
use tokio::time;

use super::join::join;

/// Spawns tasks that sleep, and joins them.
pub async fn sleep(share: Share) -> Tally {
    let (round, tasks) = (share.round, share.tasks());
    let mut handles = Vec::with_capacity(share.task_count());
    for task in tasks {
        handles.push(tokio_uring::spawn(async move {
            round.begin(task);
            time::sleep(round.sleep_for(task)).await;
            round.finish(task)
        }));
    }
    join(handles).await
}

/// Spawns tasks that do nothing, and joins them.
pub async fn spawn(share: Share) -> Tally {
    let round = share.round;
    let tokens = share.tasks().map(|task| round.token(task));
    join(tokens.map(|token| tokio_uring::spawn(async move { black_box(token) })).collect()).await
}

/// Spawns tasks that wait to be released. When all of them wait and the harness has measured their
/// memory, releases and joins them.
pub async fn hold(share: Share) -> Tally {
    let (round, tasks) = (share.round, share.tasks());
    let held = tasks.end - tasks.start;
    let gate = Rc::new(Gate::default());
    let mut handles = Vec::with_capacity(share.task_count());
    for task in tasks {
        let gate = Rc::clone(&gate);
        handles.push(tokio_uring::spawn(async move {
            round.begin(task);
            gate.pass(held).await;
            round.finish(task)
        }));
    }
    if held > 0 {
        gate.all_arrived.notified().await;
    }
    share.hold();
    gate.release.notify_waiters();
    join(handles).await
}

/// Where tasks of `hold` wait.
#[derive(Default)]
struct Gate {
    arrived: Cell<u64>,
    all_arrived: Notify,
    release: Notify,
}

impl Gate {
    async fn pass(&self, of: u64) {
        // Made before this task counts as arrived: `notify_waiters` reaches every `Notified` that
        // exists.
        let released = self.release.notified();
        self.arrived.set(self.arrived.get() + 1);
        if self.arrived.get() == of {
            self.all_arrived.notify_one();
        }
        released.await;
    }
}
