//! Tasks that keep a thread busy: `cpu`, `mixed` and `blocking`.

use runner::workload::{BURNERS, SLICES};
use runner::{Round, Tally};
use smol::{Timer, future, unblock};

use super::join::join;
use crate::executor::Executor;

/// Spawns tasks that compute, and joins them.
pub async fn cpu<E: Executor>(round: &'static Round) -> Tally {
    let tasks = (0..round.tasks()).map(|task| E::spawn(async move { round.compute(task) }));
    join(tasks.collect()).await
}

/// Spawns heartbeats and, after them, burners, and joins them all.
pub async fn mixed<E: Executor>(round: &'static Round) -> Tally {
    let burners = round.param(BURNERS);
    let mut tasks = Vec::with_capacity(round.task_count());
    tasks.extend((0..round.tasks()).map(|task| E::spawn(heartbeat(round, task))));
    tasks.extend((0..burners).map(|burner| E::spawn(burn(round, burner))));
    join(tasks).await
}

async fn heartbeat(round: &Round, task: u64) -> u64 {
    let mut sum = 0u64;
    for beat in round.beats(task) {
        round.begin(beat);
        Timer::after(round.duration()).await;
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
            future::yield_now().await;
        }
    }
    round.burner_token(burner).wrapping_add(burnt)
}

/// Spawns tasks that each make a call that blocks its thread, and joins them.
pub async fn blocking<E: Executor>(round: &'static Round) -> Tally {
    let escape = round.calls_escape();
    let mut tasks = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        tasks.push(if escape {
            E::spawn(async move { unblock(move || round.block(task)).await })
        } else {
            E::spawn(async move { round.block(task) })
        });
    }
    join(tasks).await
}
