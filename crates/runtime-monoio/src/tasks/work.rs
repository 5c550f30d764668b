//! Tasks that keep a thread busy: `cpu`, `mixed` and `blocking`.

use monoio::time;
use runner::executors::Share;
use runner::workload::{BURNERS, SLICES};
use runner::{Round, Tally};

use super::join::join;

/// Spawns tasks that compute, and joins them: on each executor one after another.
pub async fn cpu(share: Share) -> Tally {
    let round = share.round;
    let tasks = share.tasks().map(|task| monoio::spawn(async move { round.compute(task) }));
    join(tasks.collect()).await
}

/// Spawns heartbeats and, after them, burners, and joins them all. The burners never yield: see the
/// crate's documentation.
pub async fn mixed(share: Share) -> Tally {
    let round = share.round;
    let burners =
        share.deal(0..round.param(BURNERS)).map(|burner| monoio::spawn(async move { burn(round, burner) }));
    let mut handles: Vec<_> = share.tasks().map(|task| monoio::spawn(heartbeat(round, task))).collect();
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

fn burn(round: &Round, burner: u64) -> u64 {
    let mut burnt = 0;
    for _ in 0..round.param(SLICES) {
        round.burn_slice();
        burnt += 1;
    }
    round.burner_token(burner).wrapping_add(burnt)
}

/// Spawns tasks that block their executor's thread, and joins them.
pub async fn blocking(share: Share) -> Tally {
    let round = share.round;
    let tasks = share.tasks().map(|task| monoio::spawn(async move { round.block(task) }));
    join(tasks.collect()).await
}
