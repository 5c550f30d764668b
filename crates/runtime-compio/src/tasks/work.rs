//! Tasks that keep a thread busy: `cpu`, `mixed` and `blocking`.

use std::thread;

use compio::runtime::{spawn, spawn_blocking};
use compio::time;
use runner::workload::{BURNERS, CALL, SLICES, call};
use runner::{Round, Tally};

use super::{RUNS_ON, count, join};
use runner::executors::Share;

/// Spawns tasks that compute, and joins them: on each executor one after another.
pub async fn cpu(share: Share) -> Tally {
    let (round, tasks) = (share.round, share.tasks());
    let mut handles = Vec::with_capacity(count(&tasks));
    for task in tasks {
        handles.push(spawn(async move {
            round.begin(task);
            let result = round.compute(task);
            round.finish(task);
            result
        }));
    }
    join(handles).await
}

/// Spawns heartbeats and, after them, burners, and joins them all. The burners never yield: see the crate's
/// documentation.
pub async fn mixed(share: Share) -> Tally {
    let round = share.round;
    let burners = share.deal(0..round.param(BURNERS)).map(|burner| spawn(async move { burn(round, burner) }));
    let mut handles: Vec<_> = share.tasks().map(|task| spawn(heartbeat(round, task))).collect();
    handles.extend(burners);
    join(handles).await
}

async fn heartbeat(round: &Round, task: u64) -> u64 {
    let mut sum = 0u64;
    for beat in 0..round.times() {
        let beat = round.beat(task, beat);
        round.begin(beat);
        time::sleep(round.duration()).await;
        sum = sum.wrapping_add(round.finish(beat));
    }
    sum
}

fn burn(round: &Round, burner: u64) -> u64 {
    let mut burnt = 0;
    for _ in 0..round.param(SLICES) {
        round.burn_slice();
        burnt += 1;
    }
    round.burner_token(burner).wrapping_add(burnt)
}

/// Spawns tasks that each make a call that blocks its thread, and joins them.
pub async fn blocking(share: Share) -> Tally {
    let (round, tasks) = (share.round, share.tasks());
    let escapes = round.param(CALL) == call::ESCAPE;
    let mut handles = Vec::with_capacity(count(&tasks));
    for task in tasks {
        handles.push(if escapes {
            spawn(async move { spawn_blocking(move || block(round, task)).await.expect(RUNS_ON) })
        } else {
            spawn(async move { block(round, task) })
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
