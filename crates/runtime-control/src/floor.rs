//! The floor: one thread, no runtime, and only the work that the workload cannot do without.

use std::hint::black_box;
use std::thread;
use std::time::Duration;

use runner::{About, Job, Refusal, Round, Runtime, Tally, Workload, Workloads};

/// The cheapest way known to do each workload.
pub struct Floor;

impl Runtime for Floor {
    const ABOUT: About =
        About::new("floor", env!("CARGO_PKG_VERSION"), "no runtime: one thread and a list of deadlines")
            .single_worker();
    const WORKLOADS: Workloads<Self> =
        &[(Workload::Sleep, Self::sleep), (Workload::Spawn, Self::spawn), (Workload::Hold, Self::hold)];

    fn start(_: &Job) -> Result<Self, Refusal> {
        Ok(Self)
    }
}

impl Floor {
    /// A task is a deadline in a list. The thread sleeps until the next one, and then ends every task
    /// that is due, for one look at the clock.
    fn sleep(_: &mut Self, round: &'static Round) -> Tally {
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

    /// A task is a call that the compiler may not see through.
    fn spawn(_: &mut Self, round: &'static Round) -> Tally {
        (0..round.tasks()).map(|task| black_box(round.token(black_box(task)))).collect()
    }

    /// A task is one word in a list.
    fn hold(_: &mut Self, round: &'static Round) -> Tally {
        let alive: Vec<u64> = (0..round.tasks())
            .inspect(|&task| {
                round.begin(task);
            })
            .collect();
        round.holding();
        black_box(alive).into_iter().map(|task| round.finish(task)).collect()
    }
}

fn sleep_ns(round: &Round, task: u64) -> u64 {
    u64::try_from(round.sleep_for(task).as_nanos()).expect("sleeps come from nanoseconds in 64 bits")
}
