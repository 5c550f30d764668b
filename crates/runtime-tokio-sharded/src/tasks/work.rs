//! Tasks that keep a thread busy: `cpu`, `mixed` and `blocking`.

use runner::executors::Share;
use runner::workload::{BURNERS, SLICES};
use runner::{Round, Tally};
use tokio::task::{self, spawn_local};
use tokio::time;

use super::join::{RUNS_ON, join};

/// Spawns tasks that compute, and joins them: on each executor one after another.
pub async fn cpu(share: Share) -> Tally {
    let round = share.round;
    let tasks = share.tasks().map(|task| spawn_local(async move { round.compute(task) }));
    join(tasks.collect()).await
}

/// Spawns heartbeats and, after them, burners, and joins them all.
pub async fn mixed(share: Share) -> Tally {
    let round = share.round;
    let burners = share.deal(0..round.param(BURNERS)).map(|burner| spawn_local(burn(round, burner)));
    let mut handles: Vec<_> = share.tasks().map(|task| spawn_local(heartbeat(round, task))).collect();
    handles.extend(burners);
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
pub async fn blocking(share: Share) -> Tally {
    let (round, tasks) = (share.round, share.tasks());
    let escapes = round.calls_escape();
    let mut handles = Vec::with_capacity(share.task_count());
    for task in tasks {
        handles.push(if escapes {
            spawn_local(async move { task::spawn_blocking(move || round.block(task)).await.expect(RUNS_ON) })
        } else {
            spawn_local(async move { round.block(task) })
        });
    }
    join(handles).await
}
