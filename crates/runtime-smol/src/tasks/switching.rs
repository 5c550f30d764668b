//! Yields, channels and a lock: what it costs to switch from task to task.

use std::sync::Arc;

use runner::{Round, Tally};
use smol::lock::Mutex;
use smol::{channel, future};

use super::join::join;
use crate::executor::Executor;

/// Spawns tasks that yield again and again, and joins them. A task that yields goes to the end of
/// the queue that all workers share.
pub async fn yield_now<E: Executor>(round: &'static Round) -> Tally {
    let mut tasks = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        tasks.push(E::spawn(async move {
            let mut yields = 0;
            for _ in 0..round.times() {
                future::yield_now().await;
                yields += 1;
            }
            round.token(task).wrapping_add(yields)
        }));
    }
    join(tasks).await
}

/// Spawns pairs of tasks that pass a ball there and back, and joins them.
pub async fn ping_pong<E: Executor>(round: &'static Round) -> Tally {
    let mut tasks = Vec::with_capacity(round.task_count());
    for pair in 0..round.tasks() / 2 {
        let (to_second, from_first) = channel::bounded::<u64>(1);
        let (to_first, from_second) = channel::bounded::<u64>(1);
        tasks.push(E::spawn(async move {
            let mut ball = round.token(pair);
            for _ in 0..round.times() {
                to_second.send(ball).await.expect("the second receives as often");
                ball = from_second.recv().await.expect("the second sends as often").wrapping_add(1);
            }
            ball
        }));
        tasks.push(E::spawn(async move {
            let mut ball = 0;
            for _ in 0..round.times() {
                ball = from_first.recv().await.expect("the first sends as often").wrapping_add(1);
                to_first.send(ball).await.expect("the first receives as often");
            }
            ball
        }));
    }
    join(tasks).await
}

/// Spawns one receiver and the tasks that send to it, and joins them all.
pub async fn fan_in<E: Executor>(round: &'static Round) -> Tally {
    let (sender, receiver) = channel::bounded(round.capacity());
    let consumer = E::spawn(async move {
        let mut sum = 0u64;
        while let Ok(message) = receiver.recv().await {
            sum = sum.wrapping_add(message);
        }
        sum
    });
    let mut producers = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        let sender = sender.clone();
        producers.push(E::spawn(async move {
            let token = round.token(task);
            for nth in 0..round.times() {
                sender.send(token.wrapping_add(nth)).await.expect("the receiver outlives all senders");
            }
            token
        }));
    }
    // The channel closes when the last sender is gone: that must not be this one.
    drop(sender);
    let mut tally = join(producers).await;
    tally.include(consumer.await);
    tally
}

/// Spawns tasks that count under one lock, and joins them.
///
/// smol's lock goes to the task that asks first, which mostly is the one that is running. When a
/// task has waited for half a millisecond, the lock becomes a queue until that task has had its
/// turn.
pub async fn mutex<E: Executor>(round: &'static Round) -> Tally {
    let yields = round.yields_with_lock();
    let counter = Arc::new(Mutex::new(0u64));
    let mut tasks = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        let counter = Arc::clone(&counter);
        tasks.push(E::spawn(async move {
            round.begin(task);
            for _ in 0..round.times() {
                let mut count = counter.lock().await;
                if yields {
                    future::yield_now().await;
                }
                *count += 1;
            }
            round.finish(task)
        }));
    }
    let mut tally = join(tasks).await;
    tally.include(*counter.lock().await);
    tally
}
