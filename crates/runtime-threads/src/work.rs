//! `cpu`, `mixed` and `blocking`: tasks that keep their thread to themselves.
//!
//! What could mislead:
//! - In `mixed` the kernel takes the CPU from a burner when a heartbeat wakes, so that the policy of the
//!   burners hardly matters: that is preemption, and no merit of their yields.
//! - A task of `cpu` is over in less time than a thread takes to start, unless `steps` is large. The pool
//!   has its threads already, and is the better measure of the computing.
//! - In `blocking` the naive call is the right one: it is `sleep` by another name.

use std::thread;

use runner::workload::{BURNERS, CALL, POLICY, SLICES, call, policy};
use runner::{Job, Refusal, Round, Tally, Workload};

use crate::{ThreadPool, Threads};

impl Threads {
    pub(crate) fn cpu(&mut self, round: &'static Round) -> Tally {
        self.crew(round.tasks(), |threads| {
            for task in 0..round.tasks() {
                threads.spawn(move || compute(round, task));
            }
        })
    }

    pub(crate) fn mixed(&mut self, round: &'static Round) -> Tally {
        let burners = round.param(BURNERS);
        self.crew(round.tasks() + burners, |threads| {
            for task in 0..round.tasks() {
                threads.spawn(move || beat(round, task));
            }
            for burner in 0..burners {
                threads.spawn(move || burn(round, burner));
            }
        })
    }

    pub(crate) fn blocking(&mut self, round: &'static Round) -> Tally {
        self.crew(round.tasks(), |threads| {
            for task in 0..round.tasks() {
                threads.spawn(move || block(round, task));
            }
        })
    }
}

impl ThreadPool {
    pub(crate) fn cpu(&mut self, round: &'static Round) -> Tally {
        let batch = self.batch(round.tasks());
        for task in 0..round.tasks() {
            batch.spawn(move || compute(round, task));
        }
        batch.join()
    }

    pub(crate) fn mixed(&mut self, round: &'static Round) -> Tally {
        let burners = round.param(BURNERS);
        let batch = self.batch(round.tasks() + burners);
        for task in 0..round.tasks() {
            batch.spawn(move || beat(round, task));
        }
        for burner in 0..burners {
            batch.spawn(move || burn(round, burner));
        }
        batch.join()
    }

    pub(crate) fn blocking(&mut self, round: &'static Round) -> Tally {
        let batch = self.batch(round.tasks());
        for task in 0..round.tasks() {
            batch.spawn(move || block(round, task));
        }
        batch.join()
    }
}

fn compute(round: &Round, task: u64) -> u64 {
    round.begin(task);
    let result = round.compute(task);
    round.finish(task);
    result
}

/// A heartbeat of `mixed`.
fn beat(round: &Round, task: u64) -> u64 {
    let mut sum = 0u64;
    for number in 0..round.times() {
        let beat = round.beat(task, number);
        round.begin(beat);
        thread::sleep(round.duration());
        sum = sum.wrapping_add(round.finish(beat));
    }
    sum
}

/// A burner of `mixed`. What yields is the thread, to other threads.
fn burn(round: &Round, burner: u64) -> u64 {
    let yields = round.param(POLICY) == policy::YIELD;
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

fn block(round: &Round, task: u64) -> u64 {
    round.begin(task);
    thread::sleep(round.duration());
    round.finish(task)
}

/// Refuses a `blocking` that wants an escape for its calls, which threads do not need.
pub(crate) fn refuse_escape(job: &Job, why: &str) -> Result<(), Refusal> {
    let param = Workload::Blocking.param(&job.params, CALL);
    if job.workload == Workload::Blocking.name() && param == call::ESCAPE {
        let runtime = &job.runtime;
        return Err(Refusal::unsupported(format!("{runtime} needs no escape: {why}; give call=naive")));
    }
    Ok(())
}
