//! Tasks that keep a thread busy: `cpu`, `mixed` and `blocking`.

use runner::workload::{BURNERS, SLICES};
use runner::{Round, Tally};
use tokio::{task, time};

use super::join::join;

/// Spawns tasks that compute, and joins them.
pub async fn cpu(round: &'static Round) -> Tally {
    let tasks = (0..round.tasks()).map(|task| tokio::spawn(async move { round.compute(task) }));
    join(tasks.collect()).await
}

/// Spawns heartbeats and, after them, burners, and joins them all.
pub async fn mixed(round: &'static Round) -> Tally {
    let burners = round.param(BURNERS);
    let mut handles = Vec::with_capacity(round.task_count());
    handles.extend((0..round.tasks()).map(|task| tokio::spawn(heartbeat(round, task))));
    handles.extend((0..burners).map(|burner| tokio::spawn(burn(round, burner))));
    join(handles).await
}

async fn heartbeat(round: &Round, task: u64) -> u64 {
    let mut sum = 0u64;
    for beat in round.beats(task) {
        round.begin(beat);
        time::sleep(round.duration()).await;
        sum = sum.wrapping_add(round.finish(beat));
    }
    sum
}

async fn burn(round: &Round, burner: u64) -> u64 {
    let yields = round.burners_yield();
    let mut burnt = 0;
    for _ in 0..round.param(SLICES) {
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
    let escape = round.calls_escape();
    let mut handles = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        handles.push(if escape {
            tokio::spawn(async move {
                task::spawn_blocking(move || round.block(task)).await.expect("the call does not panic")
            })
        } else {
            tokio::spawn(async move { round.block(task) })
        });
    }
    join(handles).await
}
