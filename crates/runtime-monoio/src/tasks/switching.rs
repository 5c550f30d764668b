//! Tasks that pass messages: `ping-pong` and `fan-in`.

use local_sync::mpsc::bounded::{Rx, Tx, channel};
use runner::Tally;
use runner::executors::Share;

use super::join::join;

const PARTNER: &str = "the partner is there until the last hop";

/// Pairs of tasks that pass a ball over two channels; both of a pair are on one executor, as their
/// channels are.
pub async fn ping_pong(share: Share) -> Tally {
    let round = share.round;
    let mut handles = Vec::new();
    for pair in share.deal(0..round.tasks() / 2) {
        let (to_second, from_first) = channel(1);
        let (to_first, from_second) = channel(1);
        handles.push(monoio::spawn(first(round.token(pair), round.times(), to_second, from_second)));
        handles.push(monoio::spawn(second(round.times(), from_first, to_first)));
    }
    join(handles).await
}

async fn first(mut ball: u64, times: u64, to_second: Tx<u64>, mut from_second: Rx<u64>) -> u64 {
    for _ in 0..times {
        to_second.send(ball).await.expect(PARTNER);
        ball = from_second.recv().await.expect(PARTNER).wrapping_add(1);
    }
    ball
}

async fn second(times: u64, mut from_first: Rx<u64>, to_first: Tx<u64>) -> u64 {
    let mut ball = 0;
    for _ in 0..times {
        ball = from_first.recv().await.expect(PARTNER).wrapping_add(1);
        to_first.send(ball).await.expect(PARTNER);
    }
    ball
}

/// Tasks that send into one channel, and one that adds up what comes out.
pub async fn fan_in(share: Share) -> Tally {
    let (round, tasks) = (share.round, share.tasks());
    let (sender, mut receiver) = channel(round.capacity());
    let consumer = monoio::spawn(async move {
        let mut sum = 0u64;
        while let Some(message) = receiver.recv().await {
            sum = sum.wrapping_add(message);
        }
        sum
    });
    let mut producers = Vec::with_capacity(share.task_count());
    for task in tasks {
        let sender = sender.clone();
        producers.push(monoio::spawn(async move {
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
    tally.include(consumer.await);
    tally
}
