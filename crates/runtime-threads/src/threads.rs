//! One OS thread a task: crossbeam's scope, and its builder for the size of the stacks.
//!
//! Each task is a closure on a thread of its own, and joining the thread returns what the closure
//! did: the oldest way there is, with nothing shared between tasks. crossbeam's documentation calls
//! its scope soft-deprecated since `std::thread::scope` exists; it is still what crossbeam offers,
//! and what programs from before Rust 1.63 use.
//!
//! Settings: 2 MiB of stack, the default of `std`; smaller stacks start faster.
//!
//! What could mislead:
//! - A thread costs about as much to start as a sleep of 1 ms saves, so that few are ever alive
//!   together in `sleep`. All of them are in `hold`.
//! - crossbeam's scope keeps the handle of every thread until the thread is joined or the scope ends,
//!   whether the caller keeps it or not, and the stack of a finished thread stays mapped until then.
//!   So the tasks are joined in the order in which they were started, which costs nothing more and
//!   returns their results. `std::thread::scope` detaches a thread whose handle is dropped and reuses
//!   its stack for the next, which took a third off `spawn` and a tenth off `sleep` where this was
//!   written; with its handles kept it takes as long as crossbeam's. It is also why more than
//!   [`MOST_UNJOINED`] tasks need joining on the way.

use std::collections::VecDeque;
use std::sync::Barrier;

use crossbeam::sync::WaitGroup;
use crossbeam::thread::{self, ScopedJoinHandle};
use runner::{About, Job, Refusal, Round, Runtime, Tally, Workload, Workloads, limits};

use crate::{MAPPINGS_A_THREAD, STACK_BYTES, STACK_BYTES_DEFAULT, stack_bytes};

/// Threads that may be waiting to be joined before the oldest is: a round number below the 16,382 at
/// which threads that are all still alive exhaust Linux's default of 65,530 mappings. Fewer tasks
/// than this never notice.
const MOST_UNJOINED: usize = 16_000;

/// Starting a thread takes longer than this on any machine, so that no more than sleep ÷ this can join
/// the first one while it sleeps. Measured: 40 to 70 µs on a virtual machine. Too low an estimate
/// refuses a round that would have run; too high a one makes tasks wait for [`MOST_UNJOINED`], which
/// would pass for the runtime's own time.
const QUICKEST_START_NS: u64 = 5_000;

const NO_THREAD: &str = "the kernel refused a thread; see ulimit -u, kernel.threads-max and vm.max_map_count";
const PANICKED: &str = "no task panics";

/// A thread for each task.
pub struct Threads {
    stack_bytes: usize,
}

impl Runtime for Threads {
    const ABOUT: About = About {
        params: &[(STACK_BYTES, STACK_BYTES_DEFAULT)],
        ..About::new(
            "threads",
            runner::locked_version!("crossbeam"),
            "one OS thread a task (crossbeam's scope), scheduled by the kernel",
        )
        .single_worker()
    };
    const WORKLOADS: Workloads<Self> =
        &[(Workload::Sleep, Self::sleep), (Workload::Spawn, Self::spawn), (Workload::Hold, Self::hold)];

    fn start(job: &Job) -> Result<Self, Refusal> {
        let alive = limits::most_alive(job, QUICKEST_START_NS);
        limits::require_mappings(alive, MAPPINGS_A_THREAD)?;
        limits::require_threads(alive)?;
        Ok(Self { stack_bytes: stack_bytes(job) })
    }
}

impl Threads {
    fn sleep(&mut self, round: &'static Round) -> Tally {
        thread::scope(|scope| {
            let mut tally = Tally::default();
            let mut unjoined = VecDeque::with_capacity(round.task_count().min(MOST_UNJOINED));
            for task in 0..round.tasks() {
                if unjoined.len() == MOST_UNJOINED {
                    tally.add(join_oldest(&mut unjoined));
                }
                let thread = scope.builder().stack_size(self.stack_bytes).spawn(move |_| {
                    round.begin(task);
                    std::thread::sleep(round.sleep_for(task));
                    round.finish(task)
                });
                unjoined.push_back(thread.expect(NO_THREAD));
            }
            while !unjoined.is_empty() {
                tally.add(join_oldest(&mut unjoined));
            }
            tally
        })
        .expect(PANICKED)
    }

    fn spawn(&mut self, round: &'static Round) -> Tally {
        thread::scope(|scope| {
            let mut tally = Tally::default();
            let mut unjoined = VecDeque::with_capacity(round.task_count().min(MOST_UNJOINED));
            for task in 0..round.tasks() {
                if unjoined.len() == MOST_UNJOINED {
                    tally.add(join_oldest(&mut unjoined));
                }
                let thread = scope.builder().stack_size(self.stack_bytes).spawn(move |_| round.token(task));
                unjoined.push_back(thread.expect(NO_THREAD));
            }
            while !unjoined.is_empty() {
                tally.add(join_oldest(&mut unjoined));
            }
            tally
        })
        .expect(PANICKED)
    }

    /// The tasks arrive at a wait group, which tells this thread that they are all there, and wait at
    /// a barrier for this thread to open it.
    fn hold(&mut self, round: &'static Round) -> Tally {
        let arrivals = WaitGroup::new();
        let release = Barrier::new(round.task_count() + 1);
        thread::scope(|scope| {
            let threads: Vec<_> = (0..round.tasks())
                .map(|task| {
                    let (arrival, release) = (arrivals.clone(), &release);
                    let thread = scope.builder().stack_size(self.stack_bytes).spawn(move |_| {
                        round.begin(task);
                        drop(arrival);
                        release.wait();
                        round.finish(task)
                    });
                    thread.expect(NO_THREAD)
                })
                .collect();
            arrivals.wait();
            round.holding();
            release.wait();
            threads.into_iter().map(|thread| thread.join().expect(PANICKED)).collect()
        })
        .expect(PANICKED)
    }
}

fn join_oldest(unjoined: &mut VecDeque<ScopedJoinHandle<u64>>) -> u64 {
    unjoined.pop_front().expect("called with threads to join").join().expect(PANICKED)
}
