//! `sleep`, `spawn` and `hold`: tasks that are started, wait, and end.

use std::sync::{Arc, Barrier};
use std::thread;

use crossbeam::sync::WaitGroup;
use runner::{Round, Tally};

use crate::{ThreadPool, Threads};

impl Threads {
    pub(crate) fn sleep(&mut self, round: &'static Round) -> Tally {
        self.crew(round.tasks(), |threads| {
            for task in 0..round.tasks() {
                threads.spawn(move || sleep(round, task));
            }
        })
    }

    pub(crate) fn spawn(&mut self, round: &'static Round) -> Tally {
        self.crew(round.tasks(), |threads| {
            for task in 0..round.tasks() {
                threads.spawn(move || round.token(task));
            }
        })
    }

    /// The tasks arrive at a wait group, which tells this thread that they are all there, and wait at
    /// a barrier for this thread to open it.
    pub(crate) fn hold(&mut self, round: &'static Round) -> Tally {
        let arrivals = WaitGroup::new();
        let release = Barrier::new(round.task_count() + 1);
        self.crew(round.tasks(), |threads| {
            for task in 0..round.tasks() {
                let (arrival, release) = (arrivals.clone(), &release);
                threads.spawn(move || hold(round, task, arrival, release));
            }
            arrivals.wait();
            round.holding();
            release.wait();
        })
    }
}

impl ThreadPool {
    pub(crate) fn sleep(&mut self, round: &'static Round) -> Tally {
        let batch = self.batch(round.tasks());
        for task in 0..round.tasks() {
            batch.spawn(move || sleep(round, task));
        }
        batch.join()
    }

    pub(crate) fn spawn(&mut self, round: &'static Round) -> Tally {
        let batch = self.batch(round.tasks());
        for task in 0..round.tasks() {
            batch.spawn(move || round.token(task));
        }
        batch.join()
    }

    /// As that of [`Threads`].
    pub(crate) fn hold(&mut self, round: &'static Round) -> Tally {
        let arrivals = WaitGroup::new();
        let release = Arc::new(Barrier::new(round.task_count() + 1));
        let batch = self.batch(round.tasks());
        for task in 0..round.tasks() {
            let (arrival, release) = (arrivals.clone(), Arc::clone(&release));
            batch.spawn(move || hold(round, task, arrival, &release));
        }
        arrivals.wait();
        round.holding();
        release.wait();
        batch.join()
    }
}

fn sleep(round: &Round, task: u64) -> u64 {
    round.begin(task);
    thread::sleep(round.sleep_for(task));
    round.finish(task)
}

fn hold(round: &Round, task: u64, arrival: WaitGroup, release: &Barrier) -> u64 {
    round.begin(task);
    drop(arrival);
    release.wait();
    round.finish(task)
}
