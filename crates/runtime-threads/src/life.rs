//! `sleep`, `spawn` and `hold`: tasks that are started, wait, and end.

use std::sync::{Arc, Barrier};
use std::thread;

use crossbeam::sync::WaitGroup;
use runner::{Round, Tally};

use crate::crew::Threads;
use crate::pool::ThreadPool;
use crate::spawn::Spawn;

pub fn sleep(round: &'static Round, threads: &mut impl Spawn) {
    for task in 0..round.tasks() {
        threads.spawn(move || {
            round.begin(task);
            thread::sleep(round.sleep_for(task));
            round.finish(task)
        });
    }
}

pub fn spawn(round: &'static Round, threads: &mut impl Spawn) {
    for task in 0..round.tasks() {
        threads.spawn(move || round.token(task));
    }
}

impl Threads {
    /// The tasks arrive at a wait group, which shows this thread that all of them are there, and
    /// wait at a barrier until this thread opens it.
    pub(crate) fn hold(&mut self, round: &'static Round) -> Tally {
        let arrivals = WaitGroup::new();
        let release = Barrier::new(round.task_count() + 1);
        self.crew(round.tasks(), |threads| {
            for task in 0..round.tasks() {
                let (arrival, release) = (arrivals.clone(), &release);
                threads.start_task(move || hold(round, task, arrival, release));
            }
            arrivals.wait();
            round.holding();
            release.wait();
        })
    }
}

impl ThreadPool {
    /// As that of [`Threads`].
    pub(crate) fn hold(&mut self, round: &'static Round) -> Tally {
        let arrivals = WaitGroup::new();
        let release = Arc::new(Barrier::new(round.task_count() + 1));
        self.run(round.tasks(), |batch| {
            for task in 0..round.tasks() {
                let (arrival, release) = (arrivals.clone(), Arc::clone(&release));
                batch.spawn(move || hold(round, task, arrival, &release));
            }
            arrivals.wait();
            round.holding();
            release.wait();
        })
    }
}

fn hold(round: &Round, task: u64, arrival: WaitGroup, release: &Barrier) -> u64 {
    round.begin(task);
    drop(arrival);
    release.wait();
    round.finish(task)
}
