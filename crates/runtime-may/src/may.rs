//! may: a coroutine with a stack of its own for each task, scheduled on a few worker threads.
//!
//! The idiom is that of may's README and examples: `go!` starts a coroutine, its handle joins it, and
//! code that waits looks like code that blocks. The coroutines are started from the main thread, as in
//! the README. One of the examples starts them from inside a root coroutine: 1000 tasks are then no
//! faster, and 10,000 take twice as long or more, since may deals new coroutines out to its workers in
//! turn, and the worker that runs the root takes up its share only when the root waits; the stacks of
//! that share pile up meanwhile. Where the root itself waits for files or sockets, it is a coroutine.
//! `coroutine::scope` would do as well, for five allocations more a task; these tasks borrow nothing.
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
//! - Every sleeper is resumed on may's one timer thread and stays there until it waits for something
//!   else: what tasks compute after a sleep, they compute one after another.
//! - A worker looks at sockets, pipes and newly started coroutines only when its own queue is empty.
//!   Coroutines that yield keep it from being so.
//! - may 0.3.51 has a race when it connects: a worker still looks at the socket of a coroutine that it
//!   has put to sleep when the worker that watches the socket may have resumed it already. Of some two
//!   million connections of `request`, one panicked, inside may, on a machine with more workers than it
//!   had cores to give. The process ends then, and its trial has failed. One worker has no such race.
//! - Workers are pinned, which neither tokio nor the threads are.
//! - may's scheduler is global and is never shut down. There is one job a process, so that its
//!   settings hold; every coroutine is joined.
//! - A coroutine may be on another thread after it waited: no task touches thread-local storage.

use std::{panic, process};

use may::go;
use runner::workload::{BURNERS, CALL, call};
use runner::{About, Job, Refusal, Runtime, Workload, Workloads, limits};

use crate::joining::join;
use crate::{net, pipes, spawning, switching, tree, work};

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

/// Files that each worker opens: its epoll and what wakes it.
const FILES_A_WORKER: u64 = 2;

/// Starting a coroutine takes longer than this on any machine, so that no more than sleep ÷ this can
/// join the first one while it sleeps. Measured: 2.5 to 5 µs on a virtual machine, a system call among
/// them. Too low an estimate refuses a round that would have run; too high a one makes tasks wait to be
/// started until others have been joined, which would pass for the runtime's own time.
const QUICKEST_START_NS: u64 = 1_000;

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
    const WORKLOADS: Workloads<Self> = &[
        (Workload::Sleep, spawning::sleep),
        (Workload::Spawn, spawning::spawn),
        (Workload::Hold, spawning::hold),
        (Workload::Yield, switching::yield_now),
        (Workload::PingPong, switching::ping_pong),
        (Workload::Skynet, tree::skynet),
        (Workload::Mutex, switching::mutex),
        (Workload::Brigade, pipes::brigade),
        (Workload::Request, net::request),
        (Workload::Echo, net::echo),
        (Workload::Cpu, work::cpu),
        (Workload::Mixed, work::mixed),
        (Workload::Blocking, work::blocking),
    ];
    const UNSUPPORTED: &'static [(Workload, &'static str)] = &[
        (Workload::FanIn, "all its channels are unbounded, and here the bound is the point"),
        (Workload::FileRead, "a coroutine can wait for what epoll watches, and files are not among that"),
    ];

    /// Only notes down what may is to use: it starts with the first coroutine.
    fn start(job: &Job) -> Result<Self, Refusal> {
        refuse_escape(job)?;
        limits::require_mappings(most_alive(job), MAPPINGS_A_STACK)?;
        limits::require_files(most_files(job))?;
        may::config()
            .set_workers(usize::try_from(job.workers).expect("addresses have 64 bits"))
            .set_stack_size(stack_words(job)?);
        end_with_a_panic();
        if job.params.get(PRESTART).is_some_and(|&prestart| prestart != 0) {
            join(go!(|| ()));
        }
        Ok(Self)
    }
}

/// Ends the process when anything panics. A worker of may that panics is gone, and with it whoever
/// waits for its coroutines; and no task panics.
fn end_with_a_panic() {
    let report = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        report(panic);
        process::abort();
    }));
}

fn refuse_escape(job: &Job) -> Result<(), Refusal> {
    let blocking = Workload::from_name(&job.workload) == Some(Workload::Blocking);
    if blocking && Workload::Blocking.param(&job.params, CALL) == call::ESCAPE {
        return Err(Refusal::unsupported(format!(
            "{CALL} = escape: may has no threads for blocking calls, they hold up their worker; ask for naive"
        )));
    }
    Ok(())
}

/// The most coroutines of a job that can be alive at once.
fn most_alive(job: &Job) -> u64 {
    const ROOT: u64 = 1;
    let tasks = job.tasks;
    match Workload::from_name(&job.workload) {
        Some(Workload::Request) => tasks,
        Some(Workload::Brigade | Workload::Echo) => tasks.saturating_add(ROOT),
        Some(Workload::Mixed) => tasks.saturating_add(Workload::Mixed.param(&job.params, BURNERS)),
        // Its operations are its nodes.
        Some(Workload::Skynet) => Workload::Skynet.operations(tasks, &job.params).unwrap_or(tasks),
        // The others end one by one, and `join_all` sees to it that there are not too many.
        _ => limits::most_alive(job, QUICKEST_START_NS),
    }
}

/// The most files that a job has open at once.
fn most_files(job: &Job) -> u64 {
    const LISTENER: u64 = 1;
    const ENDS_OF_A_PIPE: u64 = 2;
    let tasks = job.tasks;
    let files = match Workload::from_name(&job.workload) {
        Some(Workload::Request) => tasks,
        Some(Workload::Echo) => tasks.saturating_add(LISTENER),
        Some(Workload::Brigade) => tasks.saturating_add(1).saturating_mul(ENDS_OF_A_PIPE),
        _ => 0,
    };
    files.saturating_add(FILES_A_WORKER * u64::from(job.workers))
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
