//! may: a coroutine with a stack of its own for each task, scheduled on a few worker threads.
//!
//! The idiom is that of may's README and examples: `go!` starts a coroutine, its handle joins it,
//! and code that waits looks like code that blocks. The coroutines are started from the main
//! thread, as in the README. One of the examples starts them from inside a root coroutine. Then
//! 1000 tasks are no faster, and 10,000 take twice as long or more: may deals new coroutines out to
//! its workers in turn, and the worker that runs the root starts its share only when the root
//! waits, so that many stacks are in use at once. Where the root itself waits for files or sockets,
//! it is a coroutine. `coroutine::scope` would do as well, for five allocations more a task; these
//! tasks borrow nothing.
//!
//! Settings: a worker a core, each pinned to its core, 32 KiB of stack and a pool of 1000 stacks.
//! All are may's defaults.
//!
//! What could mislead:
//! - **may builds its scheduler when the first coroutine is started**, and has no call that does
//!   only that: worker threads, a timer thread, and 1000 stacks mapped and touched, which took 8 to
//!   11 ms where this was written. That time is in round 0, as in any program written with may,
//!   while other runtimes have built theirs before `ready`. The later rounds do not contain it.
//!   With `prestart=1`, and in the row `may-prestarted`, round 0 does not either: it runs one empty
//!   coroutine before `ready`, so that the scheduler is part of the start-up.
//! - Every sleeper is resumed on may's one timer thread and stays there until it waits for
//!   something else: what tasks compute after a sleep, they compute one after another.
//! - A worker checks sockets, pipes and newly started coroutines only when its own queue is empty.
//!   Coroutines that yield keep it filled.
//! - may 0.3.51 has a race when it connects: a worker still reads the socket of a coroutine that it
//!   has put to sleep, when the worker that watches the socket may already have resumed it. Of some
//!   two million connections of `request`, one panicked, inside may, on a machine with more workers
//!   than free cores. Then the process ends, and its trial has failed. With one worker there is no
//!   such race.
//! - Workers are pinned, unlike those of tokio and the threads.
//! - may's scheduler is global and is never shut down. There is one job in each process, so that
//!   its settings hold; every coroutine is joined.
//! - A coroutine may be on another thread after it has waited: no task uses thread-local storage.

use std::{panic, process};

use may::go;
use runner::workload::{BURNERS, CALL, call};
use runner::{About, Amount, Job, Needs, Refusal, Runtime, Workload, Workloads, limits};

use crate::joining::join;
use crate::{net, pipes, spawning, switching, tree, work};

const VERSION: &str = runner::locked_version!("may");

/// Name of the parameter that says how large a coroutine's stack is, bytes, without its guard.
const STACK_BYTES: &str = "stack_bytes";

/// may's default: 4096 words.
const STACK_BYTES_DEFAULT: u64 = 32 * 1024;

/// Name of the parameter that says whether the scheduler is built before `ready`: 0 or 1.
const PRESTART: &str = "prestart";

/// The size of a page. The size of a stack has to be a multiple of it: may rounds the mapping up to
/// pages, and then takes back into its pool only stacks that have exactly the configured size.
const PAGE_BYTES: usize = 4096;

/// Starting a coroutine takes longer than this on any machine, so that no more than sleep ÷ this
/// can start while the first one sleeps. Measured: 2.5 to 5 µs on a virtual machine, a system call
/// included. Too low an estimate refuses a round that would have run. With too high a one, tasks
/// wait to be started until others have been joined, which would be counted as the runtime's own
/// time.
const QUICKEST_START_NS: u64 = 1_000;

const COLD: &str =
    "the cold round includes starting the scheduler and 1000 stacks, about 10 ms: see may-prestarted";

/// What misleads where it is not said. The first argument follows each sentence, and `COLD` is all there is to say of
/// the workloads after it.
macro_rules! caveats {
    ($cold:literal $(, $workload:ident)*) => {
        &[
            (
                Workload::Hold,
                "its first coroutine allocates 1000 stacks, however many tasks there are: use memory per added task",
            ),
            (
                Workload::Yield,
                concat!("with several workers, not all tasks take turns with one another", $cold),
            ),
            (
                Workload::PingPong,
                concat!("a pair soon shares one worker, so few hops go from one core to another", $cold),
            ),
            (
                Workload::Mutex,
                concat!("with one worker and across = nothing the lock is always free", $cold),
            ),
            (
                Workload::Mixed,
                concat!(
                    "sleeping tasks resume on a timer thread: lateness says nothing about the workers",
                    $cold
                ),
            ),
            $((Workload::$workload, COLD),)*
        ]
    };
}

/// may's scheduler, built by the first coroutine unless `prestart` asks for it.
pub struct May<const PRESTART_DEFAULT: u64 = 0>;

/// [`May`] with `prestart=1` by default: its scheduler is built before `ready`, as those of other runtimes
/// are. They differ in the cold round alone.
pub type MayPrestarted = May<1>;

impl<const PRESTART_DEFAULT: u64> Runtime for May<PRESTART_DEFAULT> {
    const ABOUT: About = About {
        params: &[(PRESTART, PRESTART_DEFAULT), (STACK_BYTES, STACK_BYTES_DEFAULT)],
        ..if PRESTART_DEFAULT == 0 {
            About::new(
                "may",
                VERSION,
                "stackful, work-stealing, epoll; workers pinned to cores, one timer thread",
            )
        } else {
            About::new(
                "may-prestarted",
                VERSION,
                "stackful, work-stealing, epoll; workers pinned to cores, one timer thread; started before ready",
            )
            .variant_of("may")
        }
    };
    const WORKLOADS: Workloads<Self> = &[
        (Workload::Sleep, |_, round| spawning::sleep(round)),
        (Workload::Spawn, |_, round| spawning::spawn(round)),
        (Workload::Hold, |_, round| spawning::hold(round)),
        (Workload::Yield, |_, round| switching::yield_now(round)),
        (Workload::PingPong, |_, round| switching::ping_pong(round)),
        (Workload::Skynet, |_, round| tree::skynet(round)),
        (Workload::Mutex, |_, round| switching::mutex(round)),
        (Workload::Brigade, |_, round| pipes::brigade(round)),
        (Workload::Request, |_, round| net::request(round)),
        (Workload::Echo, |_, round| net::echo(round)),
        (Workload::Cpu, |_, round| work::cpu(round)),
        (Workload::Mixed, |_, round| work::mixed(round)),
        (Workload::Blocking, |_, round| work::blocking(round)),
    ];
    const UNSUPPORTED: &'static [(Workload, &'static str)] = &[
        (Workload::FanIn, "this needs a bounded channel, and may's are unbounded"),
        (Workload::FileRead, "may waits for I/O through epoll, which cannot wait for files"),
    ];

    const UNSUPPORTED_CHOICES: &'static [(&'static str, u64, &'static str)] =
        &[(CALL, call::ESCAPE, "may has no threads for blocking calls: a blocking call blocks its worker")];
    const CAVEATS: &'static [(Workload, &'static str)] = if PRESTART_DEFAULT == 0 {
        caveats!(
            "; the cold round starts its scheduler, about 10 ms",
            Sleep,
            Spawn,
            Skynet,
            Brigade,
            Request,
            Echo,
            Cpu,
            Blocking
        )
    } else {
        caveats!("")
    };
    const NEEDS: Needs = Needs {
        alive: most_alive,
        // Its epoll and an event to wake it.
        files: Amount::PerWorker(2),
        // A stack, and the guard below it.
        mappings: Amount::PerTask(2),
        ..Needs::DEFAULT
    };

    /// Only records the settings: may starts with the first coroutine.
    fn start(job: &Job) -> Result<Self, Refusal> {
        may::config()
            .set_workers(usize::try_from(job.workers).expect("addresses have 64 bits"))
            .set_stack_size(stack_words(job)?);
        end_with_a_panic();
        if job.params.get(PRESTART).copied().unwrap_or(PRESTART_DEFAULT) != 0 {
            join(go!(|| ()));
        }
        Ok(Self)
    }
}

/// Ends the process when anything panics. A worker of may that panics is gone, and all that waits
/// for its coroutines would wait for ever; no task panics.
fn end_with_a_panic() {
    let report = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        report(panic);
        process::abort();
    }));
}

/// The most coroutines of a job that can be alive at once.
fn most_alive(job: &Job, workload: Workload) -> u64 {
    const ROOT: u64 = 1;
    let tasks = job.tasks;
    match workload {
        Workload::Hold | Workload::Request => tasks,
        Workload::Sleep => limits::started_while_one_waits(job, workload, QUICKEST_START_NS),
        Workload::Brigade | Workload::Echo => tasks.saturating_add(ROOT),
        Workload::Mixed => tasks.saturating_add(workload.param(&job.params, BURNERS)),
        // Its operations are its nodes.
        Workload::Skynet => workload.operations(tasks, &job.params).unwrap_or(tasks),
        // The others end one by one, and `join_all` limits how many there are.
        _ => 1,
    }
}

/// The size of the stacks in words, the unit of may's configuration.
fn stack_words(job: &Job) -> Result<usize, Refusal> {
    let bytes = job.params.get(STACK_BYTES).copied().unwrap_or(STACK_BYTES_DEFAULT);
    let bytes = usize::try_from(bytes).expect("addresses have 64 bits");
    if bytes == 0 || !bytes.is_multiple_of(PAGE_BYTES) {
        return Err(Refusal::unsupported(format!(
            "{STACK_BYTES} = {bytes}: may reuses stacks only if their size is a multiple of {PAGE_BYTES} \
             bytes; ask for such a size"
        )));
    }
    Ok(bytes / size_of::<usize>())
}
