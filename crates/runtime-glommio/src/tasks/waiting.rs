//! Tasks that wait, or have nothing to wait for: `sleep`, `spawn` and `hold`.
//!
//! The roots spawn without a pause: no sleep ends before the last one has begun, so that with very
//! many tasks all end late.

use std::hint::black_box;
use std::rc::Rc;

use glommio::sync::Semaphore;
use glommio::timer;
use runner::Tally;
use runner::executors::Share;

use super::join::join;

/// Spawns tasks that sleep, and joins them.
pub async fn sleep(share: Share) -> Tally {
    let (round, tasks) = (share.round, share.tasks());
    let mut handles = Vec::with_capacity(share.task_count());
    for task in tasks {
        handles.push(glommio::spawn_local(async move {
            round.begin(task);
            timer::sleep(round.sleep_for(task)).await;
            round.finish(task)
        }));
    }
    join(handles).await
}

/// Spawns tasks that do nothing, and joins them.
pub async fn spawn(share: Share) -> Tally {
    let round = share.round;
    let tokens = share.tasks().map(|task| round.token(task));
    join(tokens.map(|token| glommio::spawn_local(async move { black_box(token) })).collect()).await
}

/// Spawns tasks that wait to be released. When all of them wait and the harness has measured their
/// memory, releases and joins them.
pub async fn hold(share: Share) -> Tally {
    let (round, tasks) = (share.round, share.tasks());
    let held = tasks.end - tasks.start;
    let gate = Rc::new(Gate { arrived: Semaphore::new(0), release: Semaphore::new(0) });
    let mut handles = Vec::with_capacity(share.task_count());
    for task in tasks {
        let gate = Rc::clone(&gate);
        handles.push(glommio::spawn_local(async move {
            round.begin(task);
            gate.arrived.signal(1);
            gate.release.acquire(1).await.expect("no one closes the gate");
            round.finish(task)
        }));
    }
    gate.arrived.acquire(held).await.expect("no one closes the gate");
    share.hold();
    gate.release.signal(held);
    join(handles).await
}

/// Where tasks of `hold` wait.
struct Gate {
    arrived: Semaphore,
    release: Semaphore,
}
