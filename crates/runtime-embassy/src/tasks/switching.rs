//! Yields, channels and a lock: what it costs to switch from task to task.

use std::mem;

use embassy_executor::{Spawner, task};
use embassy_futures::yield_now;
use embassy_sync::blocking_mutex::raw::NoopRawMutex;
use embassy_sync::channel::Channel;
use runner::{Round, Tally};

use crate::executor::spawn;
use crate::limits::TASKS_MOST;
use crate::shared::{Returned, Shared};

/// Spawns tasks that yield again and again, and waits for them.
pub async fn yields(spawner: Spawner, shared: Shared, round: &'static Round) -> Tally {
    for (task, returned) in (0..round.tasks()).zip(shared.returned) {
        spawn(spawner, yielder(round, task, returned));
    }
    shared.join(round.tasks()).await
}

#[task(pool_size = TASKS_MOST)]
async fn yielder(round: &'static Round, task: u64, returned: Returned) {
    let mut yields = 0;
    for _ in 0..round.times() {
        yield_now().await;
        yields += 1;
    }
    returned.signal(round.token(task).wrapping_add(yields));
}

type Ball = Channel<NoopRawMutex, u64, 1>;

/// Spawns pairs of tasks that pass a ball there and back, and waits for them.
pub async fn ping_pong(spawner: Spawner, shared: Shared, round: &'static Round) -> Tally {
    let pairs = shared.balls.chunks_exact(2).zip(shared.returned.chunks_exact(2));
    for (pair, (balls, returned)) in (0..round.tasks() / 2).zip(pairs) {
        let (to_first, to_second) = (&balls[0], &balls[1]);
        spawn(spawner, first(round, pair, to_second, to_first, &returned[0]));
        spawn(spawner, second(round, to_first, to_second, &returned[1]));
    }
    shared.join(round.tasks()).await
}

#[task(pool_size = TASKS_MOST / 2)]
async fn first(
    round: &'static Round,
    pair: u64,
    there: &'static Ball,
    back: &'static Ball,
    returned: Returned,
) {
    let mut ball = round.token(pair);
    for _ in 0..round.times() {
        there.send(ball).await;
        ball = back.receive().await.wrapping_add(1);
    }
    returned.signal(ball);
}

#[task(pool_size = TASKS_MOST / 2)]
async fn second(round: &'static Round, there: &'static Ball, back: &'static Ball, returned: Returned) {
    let mut ball = 0;
    for _ in 0..round.times() {
        ball = back.receive().await.wrapping_add(1);
        there.send(ball).await;
    }
    returned.signal(ball);
}

/// Spawns one receiver and the tasks that send to it, and waits for them all.
pub async fn fan_in(spawner: Spawner, shared: Shared, round: &'static Round) -> Tally {
    let (sum, returned) = shared.returned.split_last().expect("the receiver's is the last");
    spawn(spawner, receiver(round, shared, sum));
    for (task, returned) in (0..round.tasks()).zip(returned) {
        spawn(spawner, sender(round, shared, task, returned));
    }
    let mut tally = shared.join(round.tasks()).await;
    tally.include(sum.wait().await);
    tally
}

/// A channel of embassy never closes: the receiver has to know how many messages come.
#[task]
async fn receiver(round: &'static Round, shared: Shared, returned: Returned) {
    let mut sum = 0u64;
    for _ in 0..round.tasks() * round.times() {
        sum = sum.wrapping_add(shared.messages.receive().await);
    }
    returned.signal(sum);
}

#[task(pool_size = TASKS_MOST)]
async fn sender(round: &'static Round, shared: Shared, task: u64, returned: Returned) {
    let token = round.token(task);
    for nth in 0..round.times() {
        shared.messages.send(token.wrapping_add(nth)).await;
    }
    returned.signal(token);
}

/// Spawns tasks that count under one lock, and waits for them.
pub async fn mutex(spawner: Spawner, shared: Shared, round: &'static Round) -> Tally {
    for (task, returned) in (0..round.tasks()).zip(shared.returned) {
        spawn(spawner, counter(round, shared, task, returned));
    }
    let mut tally = shared.join(round.tasks()).await;
    tally.include(mem::take(&mut *shared.counter.lock().await));
    tally
}

#[task(pool_size = TASKS_MOST)]
async fn counter(round: &'static Round, shared: Shared, task: u64, returned: Returned) {
    let yields = round.yields_with_lock();
    round.begin(task);
    for _ in 0..round.times() {
        let mut counter = shared.counter.lock().await;
        if yields {
            yield_now().await;
        }
        *counter += 1;
    }
    returned.signal(round.finish(task));
}
