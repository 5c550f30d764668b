//! Tasks that keep the thread busy: `cpu`, `mixed` and `blocking`.

#![expect(clippy::unused_async, reason = "a task is an async fn, whether it waits or not")]

use embassy_executor::{Spawner, task};
use embassy_futures::yield_now;
use runner::workload::{BURNERS, SLICES};
use runner::{Round, Tally};

use super::basics::wait;
use crate::executor::spawn;
use crate::limits::TASKS_MOST;
use crate::shared::{Returned, Shared};

/// Spawns tasks that compute, and waits for them.
pub async fn cpu(spawner: Spawner, shared: Shared, round: &'static Round) -> Tally {
    for (task, returned) in (0..round.tasks()).zip(shared.returned) {
        spawn(spawner, computer(round, task, returned));
    }
    shared.join(round.tasks()).await
}

#[task(pool_size = TASKS_MOST)]
async fn computer(round: &'static Round, task: u64, returned: Returned) {
    returned.signal(round.compute(task));
}

/// Spawns heartbeats and, after them, burners, and waits for them all.
pub async fn mixed(spawner: Spawner, shared: Shared, round: &'static Round) -> Tally {
    let mut returned = shared.returned.iter();
    for (task, returned) in (0..round.tasks()).zip(&mut returned) {
        spawn(spawner, heartbeat(round, task, returned));
    }
    for (nth, returned) in (0..round.param(BURNERS)).zip(&mut returned) {
        spawn(spawner, burner(round, nth, returned));
    }
    shared.join(round.tasks() + round.param(BURNERS)).await
}

#[task(pool_size = TASKS_MOST)]
async fn heartbeat(round: &'static Round, task: u64, returned: Returned) {
    let mut sum = 0u64;
    for beat in round.beats(task) {
        round.begin(beat);
        wait(round.duration()).await;
        sum = sum.wrapping_add(round.finish(beat));
    }
    returned.signal(sum);
}

#[task(pool_size = TASKS_MOST)]
async fn burner(round: &'static Round, burner: u64, returned: Returned) {
    let yields = round.burners_yield();
    let mut burnt = 0;
    for _ in 0..round.param(SLICES) {
        round.burn_slice();
        burnt += 1;
        if yields {
            yield_now().await;
        }
    }
    returned.signal(round.burner_token(burner).wrapping_add(burnt));
}

/// Spawns tasks that each make a call that blocks the thread, and waits for them.
pub async fn blocking(spawner: Spawner, shared: Shared, round: &'static Round) -> Tally {
    for (task, returned) in (0..round.tasks()).zip(shared.returned) {
        spawn(spawner, blocker(round, task, returned));
    }
    shared.join(round.tasks()).await
}

#[task(pool_size = TASKS_MOST)]
async fn blocker(round: &'static Round, task: u64, returned: Returned) {
    returned.signal(round.block(task));
}
