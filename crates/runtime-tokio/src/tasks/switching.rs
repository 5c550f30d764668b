//! Yields, channels and a lock: what it costs to switch from task to task.
//!
//! Each send, receive and lock takes one of the 128 operations that tokio grants a task before it
//! has to yield to the others, ready or not; `yield_now` yields at once.

use std::sync::Arc;

use runner::{Round, Tally};
use tokio::sync::{Mutex, mpsc};
use tokio::task;

use super::join::join;

/// Spawns tasks that yield again and again, and joins them.
pub async fn yield_now(round: &'static Round) -> Tally {
    let mut handles = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        handles.push(tokio::spawn(async move {
            let mut yields = 0;
            for _ in 0..round.times() {
                task::yield_now().await;
                yields += 1;
            }
            round.token(task).wrapping_add(yields)
        }));
    }
    join(handles).await
}

/// Spawns pairs of tasks that pass a ball there and back, and joins them.
pub async fn ping_pong(round: &'static Round) -> Tally {
    let mut handles = Vec::with_capacity(round.task_count());
    for pair in 0..round.tasks() / 2 {
        let (to_second, mut from_first) = mpsc::channel::<u64>(1);
        let (to_first, mut from_second) = mpsc::channel::<u64>(1);
        handles.push(tokio::spawn(async move {
            let mut ball = round.token(pair);
            for _ in 0..round.times() {
                to_second.send(ball).await.expect("the second receives as often");
                ball = from_second.recv().await.expect("the second sends as often").wrapping_add(1);
            }
            ball
        }));
        handles.push(tokio::spawn(async move {
            let mut ball = 0;
            for _ in 0..round.times() {
                ball = from_first.recv().await.expect("the first sends as often").wrapping_add(1);
                to_first.send(ball).await.expect("the first receives as often");
            }
            ball
        }));
    }
    join(handles).await
}

/// Spawns one receiver and the tasks that send to it, and joins them all.
pub async fn fan_in(round: &'static Round) -> Tally {
    let (sender, mut receiver) = mpsc::channel(round.capacity());
    let consumer = tokio::spawn(async move {
        let mut sum = 0u64;
        while let Some(message) = receiver.recv().await {
            sum = sum.wrapping_add(message);
        }
        sum
    });
    let mut producers = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        let sender = sender.clone();
        producers.push(tokio::spawn(async move {
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
    tally.include(consumer.await.expect("the receiver does not panic"));
    tally
}

/// Spawns tasks that count under one lock, and joins them.
///
/// tokio's lock is a queue: the task that has waited longest gets it next, even while another one
/// that is running asks for it. It is made for guards that live across an `await`, as they do here
/// with `across = "yield"`. For others tokio's documentation advises the standard library's lock. But
/// that one blocks a thread and not a task, and tokio's lock is what is measured.
pub async fn mutex(round: &'static Round) -> Tally {
    let yields = round.yields_with_lock();
    let counter = Arc::new(Mutex::new(0u64));
    let mut handles = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        let counter = Arc::clone(&counter);
        handles.push(tokio::spawn(async move {
            round.begin(task);
            for _ in 0..round.times() {
                let mut count = counter.lock().await;
                if yields {
                    task::yield_now().await;
                }
                *count += 1;
            }
            round.finish(task)
        }));
    }
    let mut tally = join(handles).await;
    tally.include(*counter.lock().await);
    tally
}
