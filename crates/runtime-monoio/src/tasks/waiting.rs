//! Tasks that wait, or have nothing to wait for: `sleep`, `spawn` and `hold`.

use std::cell::Cell;
use std::hint::black_box;
use std::rc::Rc;

use local_sync::semaphore::Semaphore;
use monoio::time;
use runner::Tally;
use runner::executors::Share;

use super::join::join;

/// Spawns tasks that sleep, and joins them.
pub async fn sleep(share: Share) -> Tally {
    let (round, tasks) = (share.round, share.tasks());
    let mut handles = Vec::with_capacity(share.task_count());
    for task in tasks {
        handles.push(monoio::spawn(async move {
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
    join(tokens.map(|token| monoio::spawn(async move { black_box(token) })).collect()).await
}

/// Spawns tasks that wait to be released. When all of them wait and the harness has measured their
/// memory, releases and joins them.
pub async fn hold(share: Share) -> Tally {
    let (round, tasks) = (share.round, share.tasks());
    let held = tasks.end - tasks.start;
    let gate = Rc::new(Gate::new());
    let mut handles = Vec::with_capacity(share.task_count());
    for task in tasks {
        let gate = Rc::clone(&gate);
        handles.push(monoio::spawn(async move {
            round.begin(task);
            gate.arrive(held);
            gate.released.acquire().await.map(drop).expect_err("it has no permits to give");
            round.finish(task)
        }));
    }
    if held > 0 {
        gate.all_arrived.acquire().await.map(drop).expect_err("it has no permits to give");
    }
    share.hold();
    gate.released.close();
    join(handles).await
}

/// Where tasks of `hold` wait: at a semaphore without permits. Closing it ends the waiting of all.
struct Gate {
    arrived: Cell<u64>,
    all_arrived: Semaphore,
    released: Semaphore,
}

impl Gate {
    fn new() -> Self {
        Self { arrived: Cell::new(0), all_arrived: Semaphore::new(0), released: Semaphore::new(0) }
    }

    fn arrive(&self, of: u64) {
        self.arrived.set(self.arrived.get() + 1);
        if self.arrived.get() == of {
            self.all_arrived.close();
        }
    }
}
