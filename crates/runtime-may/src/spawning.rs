//! `sleep`, `spawn` and `hold`: starting coroutines and joining them.

use std::sync::Arc;

use may::coroutine;
use may::go;
use may::sync::{SyncFlag, WaitGroup};
use runner::{Round, Tally};

use crate::joining::{join, join_all};

/// Every sleeper is resumed on may's one timer thread, and ends there.
pub(crate) fn sleep(round: &'static Round) -> Tally {
    join_all((0..round.tasks()).map(|task| {
        go!(move || {
            round.begin(task);
            coroutine::sleep(round.sleep_for(task));
            round.finish(task)
        })
    }))
}

pub(crate) fn spawn(round: &'static Round) -> Tally {
    join_all((0..round.tasks()).map(|task| go!(move || round.token(task))))
}

/// The tasks arrive at a wait group, which shows this thread, which is no worker, that all of them
/// are there, and wait for a flag that it fires.
pub(crate) fn hold(round: &'static Round) -> Tally {
    let arrivals = WaitGroup::new();
    let release = Arc::new(SyncFlag::new());
    let coroutines: Vec<_> = (0..round.tasks())
        .map(|task| {
            let (arrival, release) = (arrivals.clone(), Arc::clone(&release));
            go!(move || {
                round.begin(task);
                drop(arrival);
                release.wait();
                round.finish(task)
            })
        })
        .collect();
    arrivals.wait();
    round.holding();
    release.fire();
    coroutines.into_iter().map(join).collect()
}
