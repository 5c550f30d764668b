//! Yields, channels and a lock: what it costs to switch from task to task.

use std::sync::Arc;
use std::task::Poll;

use futures::channel::mpsc;
use futures::future::poll_fn;
use futures::lock::Mutex;
use futures::task::Spawn;
use futures::{SinkExt, StreamExt, pending};
use runner::{Round, Tally};

use super::join::{join, start};

/// Spawns tasks that yield again and again, and joins them.
pub async fn yield_now(spawner: impl Spawn, round: &'static Round) -> Tally {
    let mut handles = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        let yielding = async move {
            let mut yields = 0;
            for _ in 0..round.times() {
                yield_once().await;
                yields += 1;
            }
            round.token(task).wrapping_add(yields)
        };
        handles.push(start(&spawner, yielding));
    }
    join(handles).await
}

/// futures has no function for this, but a macro that "yields to the event loop once", and leaves it to the task to
/// be woken.
async fn yield_once() {
    poll_fn(|context| {
        context.waker().wake_by_ref();
        Poll::Ready(())
    })
    .await;
    pending!();
}

/// Spawns pairs of tasks that pass a ball there and back, and joins them.
///
/// A channel with a buffer of 0 would hold one message, for its one sender; but then `send` waits until that one has
/// been received. With a buffer of 1 it does not.
pub async fn ping_pong(spawner: impl Spawn, round: &'static Round) -> Tally {
    let mut handles = Vec::with_capacity(round.task_count());
    for pair in 0..round.tasks() / 2 {
        let (mut to_second, mut from_first) = mpsc::channel::<u64>(1);
        let (mut to_first, mut from_second) = mpsc::channel::<u64>(1);
        let first = async move {
            let mut ball = round.token(pair);
            for _ in 0..round.times() {
                to_second.send(ball).await.expect("the second receives as often");
                ball = from_second.next().await.expect("the second sends as often").wrapping_add(1);
            }
            ball
        };
        let second = async move {
            let mut ball = 0;
            for _ in 0..round.times() {
                ball = from_first.next().await.expect("the first sends as often").wrapping_add(1);
                to_first.send(ball).await.expect("the first receives as often");
            }
            ball
        };
        handles.push(start(&spawner, first));
        handles.push(start(&spawner, second));
    }
    join(handles).await
}

/// Spawns one receiver and the tasks that send to it, and joins them all.
pub async fn fan_in(spawner: impl Spawn, round: &'static Round) -> Tally {
    let (sender, receiver) = mpsc::channel(round.capacity());
    let add = async |sum: u64, message| sum.wrapping_add(message);
    let consumer = start(&spawner, receiver.fold(0, add));
    let mut producers = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        let mut sender = sender.clone();
        let producer = async move {
            let token = round.token(task);
            for nth in 0..round.times() {
                sender.feed(token.wrapping_add(nth)).await.expect("the receiver outlives all senders");
            }
            token
        };
        producers.push(start(&spawner, producer));
    }
    // The channel closes when the last sender is gone: that must not be this one.
    drop(sender);
    let mut tally = join(producers).await;
    tally.include(consumer.await);
    tally
}

/// Spawns tasks that count under one lock, and joins them.
pub async fn mutex(spawner: impl Spawn, round: &'static Round) -> Tally {
    let yields = round.yields_with_lock();
    let counter = Arc::new(Mutex::new(0u64));
    let mut handles = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        let counter = Arc::clone(&counter);
        let counting = async move {
            round.begin(task);
            for _ in 0..round.times() {
                let mut counter = counter.lock().await;
                if yields {
                    yield_once().await;
                }
                *counter += 1;
            }
            round.finish(task)
        };
        handles.push(start(&spawner, counting));
    }
    let mut tally = join(handles).await;
    tally.include(*counter.lock().await);
    tally
}
