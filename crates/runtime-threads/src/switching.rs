//! `yield`, `ping-pong`, `fan-in` and `mutex`: tasks that yield to one another.
//!
//! The channels are crossbeam's, in the variants others (`channels`); the lock is that of `std`:
//! crossbeam has none of its own but a sharded lock for many readers.
//!
//! What could mislead:
//! - `yield` is `sched_yield(2)`. It asks the kernel to run another thread that is ready on the
//!   *same CPU*; where there is none, the call returns at once and nothing has switched (a task
//!   alone takes less than a microsecond a yield). Its manual page calls what it does under the
//!   usual scheduling policy unspecified. The kernel counts the switch that it brings as an
//!   involuntary one, so that their number says how many yields let another thread run.
//! - crossbeam's channels spin, and then call `sched_yield(2)` a few times, before they block in
//!   the kernel. On one CPU these calls are what lets the other side run, so that a ball may pass
//!   without anyone ever being woken; on two it may pass while both run, without any switch. With
//!   many pairs the spinning is CPU time that another pair could have used.
//! - The lock of `std` is not fair, spins for a while and then waits in the kernel (a futex). A
//!   task that has just unlocked mostly gets it again: the counter may go up by all of one task's
//!   turns without any switch, unless the kernel takes the CPU away in between. With
//!   `across = "yield"` the kernel runs others meanwhile, and those that ask for the lock sleep.

use std::iter;
use std::sync::{Arc, Mutex};
use std::thread;

use runner::{Round, Tally};

use crate::channels::{Channel, Crossbeam};
use crate::crew::{PANICKED, Threads};
use crate::pool::ThreadPool;
use crate::spawn::Spawn;

const PARTNER: &str = "the other one of the pair plays to the end";
const NOT_POISONED: &str = "no task panics with the lock";

pub fn yield_now(round: &'static Round, threads: &mut impl Spawn) {
    for task in 0..round.tasks() {
        threads.spawn(move || {
            let mut yields = 0;
            for _ in 0..round.times() {
                thread::yield_now();
                yields += 1;
            }
            round.token(task).wrapping_add(yields)
        });
    }
}

pub fn ping_pong<C: Channel>(round: &'static Round, threads: &mut impl Spawn) {
    for pair in 0..round.tasks() / 2 {
        let (to_second, from_first) = C::bounded(1);
        let (to_first, from_second) = C::bounded(1);
        threads.spawn(move || serve_ball::<C>(round, pair, &to_second, &from_second));
        threads.spawn(move || return_ball::<C>(round, &from_first, &to_first));
    }
}

impl Threads {
    /// The receiver is one more thread, and the first one, so that the senders can end, and be
    /// joined, while others have not started.
    pub(crate) fn fan_in<C: Channel>(&mut self, round: &'static Round) -> Tally {
        let (messages, inbox) = C::bounded(round.capacity());
        self.crew(round.tasks(), |threads| {
            let receiver = threads.start(move || add_up::<C>(&inbox));
            for task in 0..round.tasks() {
                let messages = messages.clone();
                threads.start_task(move || send_all::<C>(round, task, &messages));
            }
            drop(messages);
            threads.include(receiver.join().expect(PANICKED));
        })
    }

    pub(crate) fn mutex(&mut self, round: &'static Round) -> Tally {
        let counter = Mutex::new(0);
        let mut tally = self.crew(round.tasks(), |threads| {
            for task in 0..round.tasks() {
                let counter = &counter;
                threads.start_task(move || count(round, task, counter));
            }
        });
        tally.include(counter.into_inner().expect(NOT_POISONED));
        tally
    }
}

impl ThreadPool {
    /// This thread is the receiver: as a task of the pool it would take one of the workers, and
    /// with a single worker the only one.
    pub(crate) fn fan_in(&mut self, round: &'static Round) -> Tally {
        let (messages, inbox) = Crossbeam::bounded(round.capacity());
        let mut batch = self.batch(round.tasks());
        for task in 0..round.tasks() {
            let messages = messages.clone();
            batch.spawn(move || send_all::<Crossbeam>(round, task, &messages));
        }
        drop(messages);
        let sum = add_up::<Crossbeam>(&inbox);
        let mut tally = batch.join();
        tally.include(sum);
        tally
    }

    pub(crate) fn mutex(&mut self, round: &'static Round) -> Tally {
        let counter = Arc::new(Mutex::new(0));
        let mut batch = self.batch(round.tasks());
        for task in 0..round.tasks() {
            let counter = Arc::clone(&counter);
            batch.spawn(move || count(round, task, &counter));
        }
        let mut tally = batch.join();
        tally.include(*counter.lock().expect(NOT_POISONED));
        tally
    }
}

/// The first one of a pair.
fn serve_ball<C: Channel>(round: &Round, pair: u64, there: &C::Sender, back: &C::Receiver) -> u64 {
    let mut ball = round.token(pair);
    for _ in 0..round.times() {
        C::send(there, ball);
        ball = C::receive(back).expect(PARTNER).wrapping_add(1);
    }
    ball
}

/// The second one.
fn return_ball<C: Channel>(round: &Round, there: &C::Receiver, back: &C::Sender) -> u64 {
    let mut ball = 0;
    for _ in 0..round.times() {
        ball = C::receive(there).expect(PARTNER).wrapping_add(1);
        C::send(back, ball);
    }
    ball
}

fn send_all<C: Channel>(round: &Round, task: u64, messages: &C::Sender) -> u64 {
    let token = round.token(task);
    for message in 0..round.times() {
        C::send(messages, token.wrapping_add(message));
    }
    token
}

fn add_up<C: Channel>(inbox: &C::Receiver) -> u64 {
    iter::from_fn(|| C::receive(inbox)).fold(0, u64::wrapping_add)
}

fn count(round: &Round, task: u64, counter: &Mutex<u64>) -> u64 {
    let yields = round.yields_with_lock();
    round.begin(task);
    for _ in 0..round.times() {
        let mut count = counter.lock().expect(NOT_POISONED);
        if yields {
            thread::yield_now();
        }
        *count += 1;
    }
    round.finish(task)
}
