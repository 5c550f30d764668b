//! Tasks that have nothing to do with one another.

use std::hint::black_box;
use std::thread;
use std::time::Duration;

use runner::{Round, Tally};

/// A task is a deadline in a list. The thread sleeps until the next one, reads the clock once, and
/// ends every task that is due.
pub fn sleep(round: &'static Round) -> Tally {
    let mut deadlines: Vec<(u64, u64)> =
        (0..round.tasks()).map(|task| (round.begin(task) + sleep_ns(round, task), task)).collect();
    // In order already when all sleep alike: one pass that moves nothing.
    deadlines.sort_unstable();
    let mut now = 0;
    deadlines
        .into_iter()
        .map(|(deadline, task)| {
            while now < deadline {
                thread::sleep(Duration::from_nanos(deadline.saturating_sub(round.now_ns())));
                now = round.now_ns();
            }
            round.finish(task)
        })
        .collect()
}

fn sleep_ns(round: &Round, task: u64) -> u64 {
    u64::try_from(round.sleep_for(task).as_nanos()).expect("sleeps come from nanoseconds in 64 bits")
}

/// A task is a call that the compiler cannot see through.
pub fn spawn(round: &'static Round) -> Tally {
    (0..round.tasks()).map(|task| black_box(round.token(black_box(task)))).collect()
}

/// A task is one word in a list.
pub fn hold(round: &'static Round) -> Tally {
    let alive: Vec<u64> = (0..round.tasks())
        .inspect(|&task| {
            round.begin(task);
        })
        .collect();
    round.holding();
    black_box(alive).into_iter().map(|task| round.finish(task)).collect()
}

/// Each thread has its share of the tasks from the start, so there is no queue and nothing to
/// steal: the sequential time divided by the threads, as all tasks are alike. The caller is one of
/// them.
pub fn cpu(workers: u32, round: &'static Round) -> Tally {
    let threads = u32::try_from(round.tasks()).map_or(workers, |tasks| workers.min(tasks));
    let share =
        move |thread| -> Tally { round.shard(thread, threads).map(|task| round.compute(task)).collect() };
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|thread| scope.spawn(move || share(thread))).collect();
        let mut tally = share(0);
        for thread in others {
            tally += thread.join().expect("computing cannot fail");
        }
        tally
    })
}
