//! The executor as a runtime of the lab.

use runner::workload::{CALL, call};
use runner::{About, Job, Refusal, Round, Runtime, Tally, Workload, Workloads};

use crate::executor::block_on;
use crate::workload;

/// The executor of the main thread.
pub struct StdAsyncFloor;

const NO_REACTOR: &str = "std has no reactor: it can wait for only one socket, pipe or file at a time";

impl Runtime for StdAsyncFloor {
    const ABOUT: About = About::new(
        "std-async-floor",
        env!("CARGO_PKG_VERSION"),
        "stackless, one thread: a queue, a heap of timers, and the standard library",
    )
    .single_worker()
    .baseline();
    const WORKLOADS: Workloads<Self> = &[
        (Workload::Sleep, |_, round| block_on(workload::sleep(round))),
        (Workload::Spawn, |_, round| block_on(workload::spawn_all(round))),
        (Workload::Hold, hold),
        (Workload::Yield, |_, round| block_on(workload::yields(round))),
        (Workload::PingPong, |_, round| block_on(workload::ping_pong(round))),
        (Workload::FanIn, |_, round| block_on(workload::fan_in(round))),
        (Workload::Skynet, |_, round| block_on(workload::skynet(round))),
        (Workload::Cpu, |_, round| block_on(workload::cpu(round))),
        (Workload::Mixed, |_, round| block_on(workload::mixed(round))),
        (Workload::Blocking, |_, round| block_on(workload::blocking(round))),
    ];
    const UNSUPPORTED: &'static [(Workload, &'static str)] = &[
        (Workload::Mutex, "std has no async lock, and tasks of one thread need none: see the floor"),
        (Workload::Brigade, NO_REACTOR),
        (Workload::Request, NO_REACTOR),
        (Workload::Echo, NO_REACTOR),
        (Workload::FileRead, NO_REACTOR),
    ];

    const UNSUPPORTED_CHOICES: &'static [(&'static str, u64, &'static str)] = &[(
        CALL,
        call::ESCAPE,
        "std-async-floor has only one thread, so a blocking call has no other thread to run on",
    )];

    fn start(_: &Job) -> Result<Self, Refusal> {
        // The first use makes the executor.
        block_on(async {});
        Ok(Self)
    }
}

/// Between the two calls of `block_on` nothing runs, and nothing needs to.
fn hold(_: &mut StdAsyncFloor, round: &'static Round) -> Tally {
    let held = block_on(workload::hold(round));
    round.holding();
    block_on(held.release())
}
