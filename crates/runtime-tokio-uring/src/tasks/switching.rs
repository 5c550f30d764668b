//! Tasks that yield to one another: `yield`, `ping-pong`, `fan-in` and `mutex`. All of it is
//! tokio's.

use std::sync::Arc;

use runner::executors::Share;
use runner::{Round, Tally};
use tokio::sync::{Mutex, mpsc};
use tokio::task;
use tokio_uring::spawn;

use super::join::{RUNS_ON, join};
use crate::executor::Executors;

/// Spawns tasks that yield again and again, and joins them.
pub async fn yields(share: Share) -> Tally {
    let (round, tasks) = (share.round, share.tasks());
    let mut handles = Vec::with_capacity(share.task_count());
    for task in tasks {
        handles.push(spawn(async move {
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

/// Pairs of tasks that pass a ball over two channels; both of a pair are on one thread.
pub async fn ping_pong(share: Share) -> Tally {
    let round = share.round;
    let mut handles = Vec::new();
    for pair in share.deal(0..round.tasks() / 2) {
        let (to_second, mut from_first) = mpsc::channel::<u64>(1);
        let (to_first, mut from_second) = mpsc::channel::<u64>(1);
        handles.push(spawn(async move {
            let mut ball = round.token(pair);
            for _ in 0..round.times() {
                to_second.send(ball).await.expect("the second receives as often");
                ball = from_second.recv().await.expect("the second sends as often").wrapping_add(1);
            }
            ball
        }));
        handles.push(spawn(async move {
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

/// Tasks that send into one channel, and one that adds up what comes out.
pub async fn fan_in(share: Share) -> Tally {
    let (round, tasks) = (share.round, share.tasks());
    let (sender, mut receiver) = mpsc::channel(round.capacity());
    let consumer = spawn(async move {
        let mut sum = 0u64;
        while let Some(message) = receiver.recv().await {
            sum = sum.wrapping_add(message);
        }
        sum
    });
    let mut producers = Vec::with_capacity(share.task_count());
    for task in tasks {
        let sender = sender.clone();
        producers.push(spawn(async move {
            let token = round.token(task);
            for message in 0..round.times() {
                sender.send(token.wrapping_add(message)).await.expect("the consumer stays until the end");
            }
            token
        }));
    }
    // The channel closes when the last sender is gone: that must not be this one.
    drop(sender);
    let mut tally = join(producers).await;
    tally.include(consumer.await.expect(RUNS_ON));
    tally
}

/// Tasks of all threads that count under one lock.
pub fn mutex(executors: &mut Executors, round: &'static Round) -> Tally {
    let counter = Arc::new(Mutex::new(0u64));
    let to_share = Arc::clone(&counter);
    let mut tally = executors.run(round, move |share| take_turns(share, Arc::clone(&to_share)));
    tally.include(*counter.blocking_lock());
    tally
}

async fn take_turns(share: Share, counter: Arc<Mutex<u64>>) -> Tally {
    let (round, tasks) = (share.round, share.tasks());
    let yields = round.yields_with_lock();
    let mut handles = Vec::with_capacity(share.task_count());
    for task in tasks {
        let counter = Arc::clone(&counter);
        handles.push(spawn(async move {
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
    join(handles).await
}
