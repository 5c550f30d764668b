//! The root future of each workload on one executor, and the tasks that it spawns and joins.
//!
//! Handles are awaited in order, so that only one task at a time keeps a waker of the root: glommio
//! counts wakers in 16 bits, and a `join_all` over 32,768 tasks panics. The roots spawn without a
//! pause: no sleep ends before the last one has begun, so that with very many tasks all end late.

use std::hint::black_box;
use std::ops::Range;
use std::rc::Rc;

use glommio::sync::Semaphore;
use glommio::{Task, timer};
use runner::{Round, Tally};

/// Spawns tasks that sleep, and joins them.
pub async fn sleep(round: &'static Round, tasks: Range<u64>) -> Tally {
    let mut handles = Vec::with_capacity(count(&tasks));
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
pub async fn spawn(round: &'static Round, tasks: Range<u64>) -> Tally {
    let mut handles = Vec::with_capacity(count(&tasks));
    for task in tasks {
        handles.push(glommio::spawn_local(async move { black_box(round.token(task)) }));
    }
    join(handles).await
}

/// Spawns tasks that wait to be released; calls `all_alive` when all of them wait, then releases and
/// joins them.
pub async fn hold(round: &'static Round, tasks: Range<u64>, all_alive: impl FnOnce()) -> Tally {
    let held = tasks.end - tasks.start;
    let gate = Rc::new(Gate { arrived: Semaphore::new(0), release: Semaphore::new(0) });
    let mut handles = Vec::with_capacity(count(&tasks));
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
    all_alive();
    gate.release.signal(held);
    join(handles).await
}

/// Where tasks of `hold` wait.
struct Gate {
    arrived: Semaphore,
    release: Semaphore,
}

async fn join(handles: Vec<Task<u64>>) -> Tally {
    let mut tally = Tally::default();
    for handle in handles {
        tally.add(handle.await);
    }
    tally
}

fn count(tasks: &Range<u64>) -> usize {
    usize::try_from(tasks.end - tasks.start).expect("the harness bounds the tasks of a job")
}
