//! The two runtimes: which workloads they have, which not, and what they need.

use runner::{About, Amount, Job, Needs, Refusal, Runtime, Workload, Workloads};
use rustix::thread::{MembarrierCommand, membarrier};

use crate::executor::{Executors, IO_MEMORY_BYTES, IO_MEMORY_DEFAULT};
use crate::kernel;
use crate::tasks::{files, net, switching, tree, waiting, work};

pub const VERSION: &str = runner::locked_version!("glommio");

// What misleads where it is not said, in either row.
const SPAWN: (Workload, &str) =
    (Workload::Spawn, "spawn_local runs each task at once and to its end: no task is ever queued");
const SKYNET: (Workload, &str) = (
    Workload::Skynet,
    "spawn_local runs each task at once, so the tree is walked depth-first, like nested calls",
);
const MUTEX: (Workload, &str) =
    (Workload::Mutex, "the lock is single-threaded; with across = nothing it is always free");
const BLOCKING: (Workload, &str) = (
    Workload::Blocking,
    "one thread per executor makes blocking calls, one after another: see glommio-blocking-pool",
);
const PING_PONG: (Workload, &str) =
    (Workload::PingPong, "a pair never crosses executors: no hop goes from one core to another");
// Only a task queue that is ready to run lowers the preemption timer to the latency that it asked for.
const MIXED: (Workload, &str) = (
    Workload::Mixed,
    "while all heartbeats sleep, the executor looks up once in 100 ms (preempt_timer, its default); a guard \
     task of ours limits a stall",
);

macro_rules! shared_accept {
    () => {
        "with several executors, one accepts all clients and hands them to the others (shared_accept)"
    };
}
macro_rules! first_sleep {
    () => {
        "an executor's first sleep takes about 10 ms, once: see glommio-early-membarrier"
    };
}
const FIRST_SLEEP: &str = first_sleep!();
const ECHO: (Workload, &str) = (Workload::Echo, shared_accept!());
const ECHO_AND_FIRST_SLEEP: (Workload, &str) =
    (Workload::Echo, concat!(first_sleep!(), "; ", shared_accept!()));

/// glommio's executors, as its authors ship them: one unless more are asked for.
pub struct Glommio<const EARLY_MEMBARRIER: bool = false>(Executors);

/// [`Glommio`] after `membarrier(REGISTER_PRIVATE_EXPEDITED)`.
///
/// glommio 0.9.0 makes this call the first time that an executor goes to sleep. By then the process
/// has other threads, those for blocking calls, and the kernel waits until every CPU has noticed:
/// about 10 ms, where the whole workload takes little more than 1 ms. With one thread the same call
/// returns at once, and glommio's own call finds it done. (Fixed in glommio's repository, not in a
/// release.)
///
/// Both are published. `glommio` is what everybody gets who adds the crate to a program. This one
/// shows how much of its time is the scheduler's, and how much is one call in the wrong place. They
/// differ in the cold round alone, and only where an executor goes to sleep.
pub type GlommioEarlyMembarrier = Glommio<true>;

impl<const EARLY_MEMBARRIER: bool> Runtime for Glommio<EARLY_MEMBARRIER> {
    const ABOUT: About = About {
        workers_default: Some(1),
        params: &[(IO_MEMORY_BYTES, IO_MEMORY_DEFAULT)],
        ..if EARLY_MEMBARRIER {
            About::new(
                "glommio-early-membarrier",
                VERSION,
                "stackless, thread per core, sharded by hand, io_uring; membarrier registered at start-up",
            )
            .variant_of("glommio")
        } else {
            About::new("glommio", VERSION, "stackless, thread per core, sharded by hand, io_uring")
        }
    };
    const WORKLOADS: Workloads<Self> = &[
        (Workload::Sleep, |glommio, round| glommio.0.run(round, waiting::sleep)),
        (Workload::Spawn, |glommio, round| glommio.0.run(round, waiting::spawn)),
        (Workload::Hold, |glommio, round| glommio.0.run(round, waiting::hold)),
        (Workload::Yield, |glommio, round| glommio.0.run(round, switching::yields)),
        (Workload::PingPong, |glommio, round| glommio.0.run(round, switching::ping_pong)),
        (Workload::FanIn, |glommio, round| glommio.0.run(round, switching::fan_in)),
        (Workload::Skynet, |glommio, round| glommio.0.run(round, tree::skynet)),
        (Workload::Mutex, |glommio, round| glommio.0.run(round, switching::mutex)),
        (Workload::Request, |glommio, round| glommio.0.run(round, net::request)),
        (Workload::Echo, |glommio, round| net::echo(&mut glommio.0, round)),
        (Workload::FileRead, |glommio, round| glommio.0.run(round, files::read)),
        (Workload::Cpu, |glommio, round| glommio.0.run(round, work::cpu)),
        (Workload::Mixed, |glommio, round| glommio.0.run(round, work::mixed)),
        (Workload::Blocking, |glommio, round| glommio.0.run(round, work::blocking)),
    ];
    const UNSUPPORTED: &'static [(Workload, &'static str)] = &[(Workload::Brigade, "it has no pipes")];
    const ONE_WORKER_ONLY: &'static [(Workload, &'static str)] = &[
        (Workload::FanIn, "its channel with several senders works only within one executor"),
        (Workload::Mutex, "its locks work only within one executor"),
    ];
    const CAVEATS: &'static [(Workload, &'static str)] = if EARLY_MEMBARRIER {
        &[SPAWN, SKYNET, MUTEX, BLOCKING, PING_PONG, MIXED, ECHO]
    } else {
        &[
            SPAWN,
            SKYNET,
            MUTEX,
            BLOCKING,
            PING_PONG,
            MIXED,
            (Workload::Sleep, FIRST_SLEEP),
            (Workload::Request, FIRST_SLEEP),
            ECHO_AND_FIRST_SLEEP,
        ]
    };
    const NEEDS: Needs = Needs {
        // Three rings and an eventfd; counted.
        files: Amount::PerWorker(4),
        blocking_threads: Amount::PerWorker(1),
        ..Needs::DEFAULT
    };

    fn start(job: &Job) -> Result<Self, Refusal> {
        if EARLY_MEMBARRIER {
            // First of all, as glommio starts threads and the runner has none.
            membarrier(MembarrierCommand::RegisterPrivateExpedited).map_err(|error| {
                Refusal::unavailable(format!("membarrier(REGISTER_PRIVATE_EXPEDITED) failed: {error}"))
            })?;
        }
        kernel::require_io_uring()?;
        Executors::build(job).map(Self)
    }
}
