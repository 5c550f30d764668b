//! `yield`, `ping-pong` and `mutex`: coroutines that yield to one another.

use std::sync::Arc;

use may::coroutine;
use may::go;
use may::sync::spsc::{self, Receiver, Sender};
use may::sync::{Mutex, MutexGuard};
use runner::{Round, Tally};

use crate::joining::join_all;

const OPEN: &str = "the partner is there until the last hop";

/// A coroutine that yields goes to the end of its worker's own queue. The worker takes newly
/// started coroutines and sockets only when that queue is empty: of many tasks, those that it took
/// last share it until they end.
pub(crate) fn yield_now(round: &'static Round) -> Tally {
    join_all((0..round.tasks()).map(|task| {
        go!(move || {
            let mut yields = 0;
            for _ in 0..round.times() {
                coroutine::yield_now();
                yields += 1;
            }
            round.token(task).wrapping_add(yields)
        })
    }))
}

/// may has no bounded channel, and none is needed: a ball is sent only by the task that has just
/// received it, so that no channel ever holds more than one message. Of may's channels this is the
/// one for a single sender and a single receiver.
pub(crate) fn ping_pong(round: &'static Round) -> Tally {
    join_all((0..round.tasks() / 2).flat_map(|pair| {
        let (to_second, from_first) = spsc::channel();
        let (to_first, from_second) = spsc::channel();
        [
            go!(move || first(round.token(pair), round.times(), &to_second, &from_second)),
            go!(move || second(round.times(), &from_first, &to_first)),
        ]
    }))
}

fn first(mut ball: u64, times: u64, to_second: &Sender<u64>, from_second: &Receiver<u64>) -> u64 {
    for _ in 0..times {
        to_second.send(ball).expect(OPEN);
        ball = from_second.recv().expect(OPEN).wrapping_add(1);
    }
    ball
}

fn second(times: u64, from_first: &Receiver<u64>, to_first: &Sender<u64>) -> u64 {
    let mut ball = 0;
    for _ in 0..times {
        ball = from_first.recv().expect(OPEN).wrapping_add(1);
        to_first.send(ball).expect(OPEN);
    }
    ball
}

/// may's lock is fair: the task that unlocks it hands it to the one that has waited longest. So
/// once tasks of two workers have met at it, every turn is a switch. On a single worker they meet
/// only if they yield while they have the lock.
pub(crate) fn mutex(round: &'static Round) -> Tally {
    let yields = round.yields_with_lock();
    let counter = Arc::new(Mutex::new(0));
    let mut tally = join_all((0..round.tasks()).map(|task| {
        let counter = Arc::clone(&counter);
        go!(move || {
            round.begin(task);
            for _ in 0..round.times() {
                let mut count = lock(&counter);
                if yields {
                    coroutine::yield_now();
                }
                *count += 1;
            }
            round.finish(task)
        })
    }));
    tally.include(*lock(&counter));
    tally
}

fn lock(counter: &Mutex<u64>) -> MutexGuard<'_, u64> {
    counter.lock().expect("no task panics with the lock")
}
