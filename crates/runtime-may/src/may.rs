//! may: a coroutine with a stack of its own for each task, scheduled on a few worker threads.
//!
//! The idiom is that of may's README and examples: `go!` starts a coroutine, its handle joins it, and
//! code that waits looks like code that blocks. The coroutines are started from the main thread, as in
//! the README. One of the examples starts them from inside a root coroutine: 1000 tasks are then no
//! faster, and 10,000 take twice as long or more, since may deals new coroutines out to its workers in
//! turn, and the worker that runs the root takes up its share only when the root waits; the stacks of
//! that share pile up meanwhile. `coroutine::scope` would do as well, for five allocations more a task;
//! these tasks borrow nothing.
//!
//! Settings: a worker a core, each pinned to its core, 32 KiB of stack and a pool of 1000 stacks. All
//! are may's defaults.
//!
//! What could mislead:
//! - **may builds its scheduler when the first coroutine is started**, and has no call that does only
//!   that: worker threads, a timer thread, and 1000 stacks mapped and touched, together 8 to 11 ms
//!   where this was written. That falls into round 0, as it does in any program written with may,
//!   while other runtimes have theirs behind them at `ready`. The steady rounds are free of it; so is
//!   round 0 with `prestart=1`, which runs one empty coroutine before `ready` and so makes the
//!   scheduler part of the start-up.
//! - Every sleeper is resumed on may's one timer thread and stays there until it waits again: what
//!   tasks compute after a sleep, they compute one after another. These tasks only take the time.
//! - Workers are pinned, which neither tokio nor the threads are.
//! - may's scheduler is global and is never shut down. There is one job a process, so that its
//!   settings hold; every coroutine is joined.
//! - A coroutine may be on another thread after it waited: no task touches thread-local storage.

use std::collections::VecDeque;
use std::sync::Arc;

use may::coroutine::{self, JoinHandle};
use may::go;
use may::sync::{SyncFlag, WaitGroup};
use runner::{About, Job, Refusal, Round, Runtime, Tally, Workload, Workloads, limits};

/// Name of the parameter that says how large a coroutine's stack is, bytes, without its guard.
const STACK_BYTES: &str = "stack_bytes";

/// may's default: 4096 words.
const STACK_BYTES_DEFAULT: u64 = 32 * 1024;

/// Name of the parameter that says whether the scheduler is built before `ready`: 0 or 1.
const PRESTART: &str = "prestart";

/// The size of a page, and what a stack has to be a multiple of: may rounds the mapping up to pages,
/// and then takes back into its pool only stacks whose size came out as it was asked for.
const PAGE_BYTES: usize = 4096;

/// Memory mappings of a stack: the stack and the guard below it.
const MAPPINGS_A_STACK: u64 = 2;

/// Coroutines that may be waiting to be joined before the oldest is: a round number below the 32,765
/// stacks that exhaust Linux's default of 65,530 mappings, with room for the 1000 idle ones in the
/// pool. Beyond that may panics, and the main thread can get as far ahead of the workers when these are
/// not given a core. Fewer tasks than this never notice.
const MOST_UNJOINED: usize = 30_000;

/// Starting a coroutine takes longer than this on any machine, so that no more than sleep ÷ this can
/// join the first one while it sleeps. Measured: 2.5 to 5 µs on a virtual machine, a system call among
/// them. Too low an estimate refuses a round that would have run; too high a one makes tasks wait for
/// [`MOST_UNJOINED`], which would pass for the runtime's own time.
const QUICKEST_START_NS: u64 = 1_000;

const PANICKED: &str = "no task panics";

/// may's scheduler.
pub struct May;

impl Runtime for May {
    const ABOUT: About = About {
        params: &[(PRESTART, 0), (STACK_BYTES, STACK_BYTES_DEFAULT)],
        ..About::new(
            "may",
            runner::locked_version!("may"),
            "stackful, work-stealing, epoll; workers pinned to cores, one timer thread",
        )
    };
    const WORKLOADS: Workloads<Self> =
        &[(Workload::Sleep, Self::sleep), (Workload::Spawn, Self::spawn), (Workload::Hold, Self::hold)];

    /// Only notes down what may is to use: it starts with the first coroutine.
    fn start(job: &Job) -> Result<Self, Refusal> {
        limits::require_mappings(limits::most_alive(job, QUICKEST_START_NS), MAPPINGS_A_STACK)?;
        may::config()
            .set_workers(usize::try_from(job.workers).expect("addresses have 64 bits"))
            .set_stack_size(stack_words(job)?);
        if job.params.get(PRESTART).is_some_and(|&prestart| prestart != 0) {
            go!(|| ()).join().expect(PANICKED);
        }
        Ok(Self)
    }
}

impl May {
    fn sleep(_: &mut Self, round: &'static Round) -> Tally {
        let mut tally = Tally::default();
        let mut unjoined = VecDeque::with_capacity(round.task_count().min(MOST_UNJOINED));
        for task in 0..round.tasks() {
            if unjoined.len() == MOST_UNJOINED {
                tally.add(join_oldest(&mut unjoined));
            }
            unjoined.push_back(go!(move || {
                round.begin(task);
                coroutine::sleep(round.sleep_for(task));
                round.finish(task)
            }));
        }
        while !unjoined.is_empty() {
            tally.add(join_oldest(&mut unjoined));
        }
        tally
    }

    fn spawn(_: &mut Self, round: &'static Round) -> Tally {
        let mut tally = Tally::default();
        let mut unjoined = VecDeque::with_capacity(round.task_count().min(MOST_UNJOINED));
        for task in 0..round.tasks() {
            if unjoined.len() == MOST_UNJOINED {
                tally.add(join_oldest(&mut unjoined));
            }
            unjoined.push_back(go!(move || round.token(task)));
        }
        while !unjoined.is_empty() {
            tally.add(join_oldest(&mut unjoined));
        }
        tally
    }

    /// The tasks arrive at a wait group, which tells this thread, which is no worker, that they are
    /// all there, and wait for a flag that it fires.
    fn hold(_: &mut Self, round: &'static Round) -> Tally {
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
        coroutines.into_iter().map(|coroutine| coroutine.join().expect(PANICKED)).collect()
    }
}

fn join_oldest(unjoined: &mut VecDeque<JoinHandle<u64>>) -> u64 {
    unjoined.pop_front().expect("called with coroutines to join").join().expect(PANICKED)
}

/// The size of the stacks in words, the unit of may's configuration.
fn stack_words(job: &Job) -> Result<usize, Refusal> {
    let bytes = job.params.get(STACK_BYTES).copied().unwrap_or(STACK_BYTES_DEFAULT);
    let bytes = usize::try_from(bytes).expect("addresses have 64 bits");
    if bytes == 0 || !bytes.is_multiple_of(PAGE_BYTES) {
        return Err(Refusal::unsupported(format!(
            "{STACK_BYTES} = {bytes}: may reuses a stack only when its size is a multiple of {PAGE_BYTES} bytes, \
             and maps a new one for each task otherwise"
        )));
    }
    Ok(bytes / size_of::<usize>())
}
