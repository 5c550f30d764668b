//! `cpu`, `mixed` and `blocking`: tasks that keep their thread to themselves.
//!
//! What could mislead:
//! - In `mixed` the kernel takes the CPU from a burner when a heartbeat wakes, so that the policy
//!   of the burners hardly matters: the cause is preemption, not their yields.
//! - A task of `cpu` is over in less time than a thread takes to start, unless `steps` is large.
//!   The pool has its threads already, and is the better measure of the computing.
//! - In `blocking` the naive call is the right one: it is `sleep` by another name.

use std::thread;

use runner::Round;
use runner::workload::{BURNERS, SLICES};

use crate::spawn::Spawn;

pub fn cpu(round: &'static Round, threads: &mut impl Spawn) {
    for task in 0..round.tasks() {
        threads.spawn(move || round.compute(task));
    }
}

/// Heartbeats and burners.
pub fn tasks_of_mixed(round: &Round) -> u64 {
    round.tasks() + round.param(BURNERS)
}

pub fn mixed(round: &'static Round, threads: &mut impl Spawn) {
    for task in 0..round.tasks() {
        threads.spawn(move || beat(round, task));
    }
    for burner in 0..round.param(BURNERS) {
        threads.spawn(move || burn(round, burner));
    }
}

pub fn blocking(round: &'static Round, threads: &mut impl Spawn) {
    for task in 0..round.tasks() {
        threads.spawn(move || round.block(task));
    }
}

/// A heartbeat of `mixed`.
fn beat(round: &Round, task: u64) -> u64 {
    let mut sum = 0u64;
    for beat in round.beats(task) {
        round.begin(beat);
        thread::sleep(round.duration());
        sum = sum.wrapping_add(round.finish(beat));
    }
    sum
}

/// A burner of `mixed`. What yields is the thread, to other threads.
fn burn(round: &Round, burner: u64) -> u64 {
    let yields = round.burners_yield();
    let mut burnt = 0;
    for _ in 0..round.param(SLICES) {
        round.burn_slice();
        burnt += 1;
        if yields {
            thread::yield_now();
        }
    }
    round.burner_token(burner).wrapping_add(burnt)
}
