//! Channels between tasks of tokio.

use std::marker::PhantomData;

use runner::{About, Amount, Job, Needs, Refusal, Round, Runtime, Tally, Workload, Workloads};
use tokio::runtime::{self, Builder};
use tokio::task::JoinHandle;

use crate::channels::{AsyncChannels, AsyncReceiver, AsyncSender};

/// tokio's multi-threaded scheduler, and a library of channels.
pub struct OnTokio<C> {
    tokio: runtime::Runtime,
    channels: PhantomData<C>,
}

impl<C: AsyncChannels> Runtime for OnTokio<C> {
    const ABOUT: About = C::ON_TOKIO;
    const WORKLOADS: Workloads<Self> = &[
        (Workload::PingPong, |this, round| this.tokio.block_on(ping_pong::<C>(round))),
        (Workload::FanIn, |this, round| this.tokio.block_on(fan_in::<C>(round))),
    ];
    const CAVEATS: &'static [(Workload, &'static str)] = C::CAVEATS;
    const NEEDS: Needs = Needs {
        // Epoll, twice, and an event to wake it; and then some.
        files: Amount::InAll(8),
        ..Needs::DEFAULT
    };

    fn start(job: &Job) -> Result<Self, Refusal> {
        C::prepare();
        let workers = usize::try_from(job.workers).expect("a usize holds 32 bits here");
        let tokio = Builder::new_multi_thread().worker_threads(workers).enable_all().build();
        let tokio = tokio.map_err(|error| {
            Refusal::unsupported(format!("tokio cannot start {workers} workers: {error}"))
        })?;
        Ok(Self { tokio, channels: PhantomData })
    }
}

/// Spawns pairs of tasks that pass a ball there and back, and joins them.
async fn ping_pong<C: AsyncChannels>(round: &'static Round) -> Tally {
    let mut handles = Vec::with_capacity(round.task_count());
    for pair in 0..round.tasks() / 2 {
        let (mut to_second, mut from_first) = C::pair();
        let (mut to_first, mut from_second) = C::pair();
        handles.push(tokio::spawn(async move {
            let mut ball = round.token(pair);
            for _ in 0..round.times() {
                to_second.send(ball).await;
                ball = from_second.recv().await.expect("the second sends as often").wrapping_add(1);
            }
            ball
        }));
        handles.push(tokio::spawn(async move {
            let mut ball = 0;
            for _ in 0..round.times() {
                ball = from_first.recv().await.expect("the first sends as often").wrapping_add(1);
                to_first.send(ball).await;
            }
            ball
        }));
    }
    join(handles).await
}

/// Spawns one receiver and the tasks that send to it, and joins them all.
async fn fan_in<C: AsyncChannels>(round: &'static Round) -> Tally {
    let (sender, mut receiver) = C::fan_in(round.capacity());
    let consumer = tokio::spawn(async move {
        let mut sum = 0u64;
        while let Some(message) = receiver.recv().await {
            sum = sum.wrapping_add(message);
        }
        sum
    });
    let mut producers = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        let mut sender = sender.clone();
        producers.push(tokio::spawn(async move {
            let token = round.token(task);
            for nth in 0..round.times() {
                sender.send(token.wrapping_add(nth)).await;
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

/// Joins tasks in the order in which they were spawned.
async fn join(handles: Vec<JoinHandle<u64>>) -> Tally {
    let mut tally = Tally::default();
    for handle in handles {
        tally.add(handle.await.expect("no task panics or is aborted"));
    }
    tally
}
