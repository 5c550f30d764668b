//! Channels between OS threads.

use std::marker::PhantomData;
use std::thread::{self, JoinHandle};

use runner::{
    About, Amount, Job, Needs, Refusal, Round, Runtime, Tally, Workload, Workloads, restrict_to_cpus,
};

use crate::channels::{BlockingChannels, BlockingReceiver, BlockingSender};

/// A thread for each task, and a library of channels.
pub struct OnThreads<C>(PhantomData<C>);

/// Memory mappings of a living thread: its stack, the guard below it, its alternate signal stack and the guard below
/// that.
const MAPPINGS_A_THREAD: u64 = 4;

impl<C: BlockingChannels> Runtime for OnThreads<C> {
    const ABOUT: About = C::ON_THREADS;
    const WORKLOADS: Workloads<Self> = &[
        (Workload::PingPong, |_, round| ping_pong::<C>(round)),
        (Workload::FanIn, |_, round| fan_in::<C>(round)),
    ];
    const CAVEATS: &'static [(Workload, &'static str)] = C::CAVEATS;
    const NEEDS: Needs = Needs {
        // The receiver of `fan-in` is one more.
        alive: |job, _| job.tasks.saturating_add(1),
        threads: Amount::PerTask(1),
        mappings: Amount::PerTask(MAPPINGS_A_THREAD),
        ..Needs::DEFAULT
    };

    fn start(job: &Job) -> Result<Self, Refusal> {
        restrict_to_cpus(job.workers)?;
        C::prepare();
        Ok(Self(PhantomData))
    }
}

/// Starts pairs of threads that pass a ball there and back, and joins them.
fn ping_pong<C: BlockingChannels>(round: &'static Round) -> Tally {
    let mut threads = Vec::with_capacity(round.task_count());
    for pair in 0..round.tasks() / 2 {
        let (mut to_second, mut from_first) = C::pair();
        let (mut to_first, mut from_second) = C::pair();
        threads.push(thread::spawn(move || {
            let mut ball = round.token(pair);
            for _ in 0..round.times() {
                to_second.send(ball);
                ball = from_second.recv().expect("the second sends as often").wrapping_add(1);
            }
            ball
        }));
        threads.push(thread::spawn(move || {
            let mut ball = 0;
            for _ in 0..round.times() {
                ball = from_first.recv().expect("the first sends as often").wrapping_add(1);
                to_first.send(ball);
            }
            ball
        }));
    }
    threads.into_iter().map(joined).collect()
}

/// Starts the receiver and then the threads that send to it, and joins them all.
fn fan_in<C: BlockingChannels>(round: &'static Round) -> Tally {
    let (sender, mut receiver) = C::fan_in(round.capacity());
    let consumer = thread::spawn(move || {
        let mut sum = 0u64;
        while let Some(message) = receiver.recv() {
            sum = sum.wrapping_add(message);
        }
        sum
    });
    let mut producers = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        let mut sender = sender.clone();
        producers.push(thread::spawn(move || {
            let token = round.token(task);
            for nth in 0..round.times() {
                sender.send(token.wrapping_add(nth));
            }
            token
        }));
    }
    // The channel closes when the last sender is gone: that must not be this one.
    drop(sender);
    let mut tally: Tally = producers.into_iter().map(joined).collect();
    tally.include(joined(consumer));
    tally
}

fn joined(thread: JoinHandle<u64>) -> u64 {
    thread.join().expect("no task panics")
}
