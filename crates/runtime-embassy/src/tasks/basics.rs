//! Tasks that wait, or have nothing to wait for: `sleep`, `spawn` and `hold`.

#![expect(clippy::unused_async, reason = "a task is an async fn, whether it waits or not")]

use std::hint::black_box;
use std::time::Duration;

use embassy_executor::{Spawner, task};
use embassy_time::Timer;
use runner::{Round, Tally};

use crate::executor::{Promise, spawn};
use crate::limits::TASKS_MOST;
use crate::shared::{Returned, Shared};

/// Spawns tasks that sleep, and waits for them.
pub async fn sleep(spawner: Spawner, shared: Shared, round: &'static Round) -> Tally {
    for (task, returned) in (0..round.tasks()).zip(shared.returned) {
        spawn(spawner, sleeper(round, task, returned));
    }
    shared.join(round.tasks()).await
}

#[task(pool_size = TASKS_MOST)]
async fn sleeper(round: &'static Round, task: u64, returned: Returned) {
    round.begin(task);
    wait(round.sleep_for(task)).await;
    returned.signal(round.finish(task));
}

/// Waits on the clock, which counts whole microseconds.
pub fn wait(duration: Duration) -> Timer {
    Timer::after_nanos(u64::try_from(duration.as_nanos()).expect("a wait of less than 584 years"))
}

/// Spawns tasks that do nothing, and waits for them.
pub async fn spawn_all(spawner: Spawner, shared: Shared, round: &'static Round) -> Tally {
    for (task, returned) in (0..round.tasks()).zip(shared.returned) {
        spawn(spawner, idler(round, task, returned));
    }
    shared.join(round.tasks()).await
}

#[task(pool_size = TASKS_MOST)]
async fn idler(round: &'static Round, task: u64, returned: Returned) {
    returned.signal(black_box(round.token(task)));
}

/// Spawns tasks that wait to be released, and waits for them. When all wait, nothing needs this thread, and it waits
/// for the harness.
pub async fn hold(spawner: Spawner, shared: Shared, round: &'static Round) -> Tally {
    let gates = shared.arrived.iter().zip(shared.released);
    for ((task, returned), (arrived, released)) in (0..round.tasks()).zip(shared.returned).zip(gates) {
        spawn(spawner, holder(round, task, arrived, released, returned));
    }
    for arrived in shared.arrived {
        arrived.wait().await;
    }
    round.holding();
    for released in shared.released {
        released.signal(());
    }
    shared.join(round.tasks()).await
}

#[task(pool_size = TASKS_MOST)]
async fn holder(
    round: &'static Round,
    task: u64,
    arrived: &'static Promise<()>,
    released: &'static Promise<()>,
    returned: Returned,
) {
    round.begin(task);
    arrived.signal(());
    released.wait().await;
    returned.signal(round.finish(task));
}
