//! Tasks that keep their thread: by computing, and by calls that block.

use std::thread;

use runner::workload::{self, call, policy};
use runner::{Round, Tally};
use tokio::{task, time};

use super::join;

/// Spawns tasks that compute, and joins them.
pub async fn cpu(round: &'static Round) -> Tally {
    let mut handles = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        handles.push(tokio::spawn(async move {
            round.begin(task);
            let result = round.compute(task);
            round.finish(task);
            result
        }));
    }
    join(handles).await
}

/// Spawns heartbeats and, after them, burners, and joins them all.
pub async fn mixed(round: &'static Round) -> Tally {
    let burners = round.param(workload::BURNERS);
    let mut handles = Vec::with_capacity(round.task_count());
    handles.extend((0..round.tasks()).map(|task| tokio::spawn(heartbeat(round, task))));
    handles.extend((0..burners).map(|burner| tokio::spawn(burn(round, burner))));
    join(handles).await
}

async fn heartbeat(round: &Round, task: u64) -> u64 {
    let mut sum = 0u64;
    for nth in 0..round.times() {
        let beat = round.beat(task, nth);
        round.begin(beat);
        time::sleep(round.duration()).await;
        sum = sum.wrapping_add(round.finish(beat));
    }
    sum
}

async fn burn(round: &Round, burner: u64) -> u64 {
    let yields = round.param(workload::POLICY) == policy::YIELD;
    let mut burnt = 0;
    for _ in 0..round.param(workload::SLICES) {
        round.burn_slice();
        burnt += 1;
        if yields {
            task::yield_now().await;
        }
    }
    round.burner_token(burner).wrapping_add(burnt)
}

/// Spawns tasks that each make a call that blocks its thread, and joins them.
pub async fn blocking(round: &'static Round) -> Tally {
    let escape = round.param(workload::CALL) == call::ESCAPE;
    let mut handles = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        handles.push(if escape {
            tokio::spawn(async move {
                task::spawn_blocking(move || block(round, task)).await.expect("the call does not panic")
            })
        } else {
            tokio::spawn(async move { block(round, task) })
        });
    }
    join(handles).await
}

/// The call: to whoever makes it, it takes its time and its thread.
fn block(round: &Round, task: u64) -> u64 {
    round.begin(task);
    thread::sleep(round.duration());
    round.finish(task)
}
