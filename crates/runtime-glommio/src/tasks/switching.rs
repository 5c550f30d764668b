//! Tasks that yield to one another: `yield`, `ping-pong`, `fan-in` and `mutex`.

use std::rc::Rc;

use glommio::channels::local_channel::{self, LocalReceiver, LocalSender};
use glommio::sync::RwLock;
use runner::Tally;
use runner::executors::Share;

use super::join::join;

/// Tasks that yield. `yield_now` goes to the end of the queue; `yield_if_needed`, which glommio
/// recommends, would not yield at all here, as nothing else is due.
pub async fn yields(share: Share) -> Tally {
    let (round, tasks) = (share.round, share.tasks());
    let mut handles = Vec::with_capacity(share.task_count());
    for task in tasks {
        handles.push(glommio::spawn_local(async move {
            let mut yielded = 0;
            for _ in 0..round.times() {
                glommio::executor().yield_now().await;
                yielded += 1;
            }
            round.token(task).wrapping_add(yielded)
        }));
    }
    join(handles).await
}

/// Pairs of tasks that pass a ball over two channels; both of a pair are on one executor, as their
/// channels are.
pub async fn ping_pong(share: Share) -> Tally {
    let round = share.round;
    let mut handles = Vec::new();
    for pair in share.deal(0..round.tasks() / 2) {
        let (to_second, from_first) = local_channel::new_bounded(1);
        let (to_first, from_second) = local_channel::new_bounded(1);
        let first = serve(round.token(pair), round.times(), to_second, from_second);
        handles.push(glommio::spawn_local(first));
        handles.push(glommio::spawn_local(play_back(round.times(), from_first, to_first)));
    }
    join(handles).await
}

async fn serve(mut ball: u64, times: u64, there: LocalSender<u64>, back: LocalReceiver<u64>) -> u64 {
    for _ in 0..times {
        there.send(ball).await.expect("the second task receives");
        ball = back.recv().await.expect("the second task sends").wrapping_add(1);
    }
    ball
}

async fn play_back(times: u64, there: LocalReceiver<u64>, back: LocalSender<u64>) -> u64 {
    let mut ball = 0;
    for _ in 0..times {
        ball = there.recv().await.expect("the first task sends").wrapping_add(1);
        back.send(ball).await.expect("the first task receives");
    }
    ball
}

/// Tasks that send into one channel, and one that adds up what comes out. A sender cannot be
/// cloned, but sends by shared reference; it is dropped, and the channel closed, with the last of
/// its producers.
pub async fn fan_in(share: Share) -> Tally {
    let (round, tasks) = (share.round, share.tasks());
    let (sender, receiver) = local_channel::new_bounded(round.capacity());
    let sender = Rc::new(sender);
    let consumer = glommio::spawn_local(async move {
        let mut sum = 0u64;
        while let Some(message) = receiver.recv().await {
            sum = sum.wrapping_add(message);
        }
        sum
    });
    let mut producers = Vec::with_capacity(share.task_count());
    for task in tasks {
        let sender = Rc::clone(&sender);
        producers.push(glommio::spawn_local(async move {
            let token = round.token(task);
            for message in 0..round.times() {
                sender.send(token.wrapping_add(message)).await.expect("the consumer stays until the end");
            }
            token
        }));
    }
    drop(sender);
    let mut tally = join(producers).await;
    tally.include(consumer.await);
    tally
}

/// Tasks that take turns with one lock. Unless they yield while they have it, it is always free: no
/// other task of the executor runs meanwhile.
pub async fn mutex(share: Share) -> Tally {
    let (round, tasks) = (share.round, share.tasks());
    let yields = round.yields_with_lock();
    let counter = Rc::new(RwLock::new(0u64));
    let mut handles = Vec::with_capacity(share.task_count());
    for task in tasks {
        let counter = Rc::clone(&counter);
        handles.push(glommio::spawn_local(async move {
            round.begin(task);
            for _ in 0..round.times() {
                let mut count = counter.write().await.expect("no one closes the lock");
                if yields {
                    glommio::executor().yield_now().await;
                }
                *count += 1;
            }
            round.finish(task)
        }));
    }
    let mut tally = join(handles).await;
    tally.include(*counter.read().await.expect("no one closes the lock"));
    tally
}
