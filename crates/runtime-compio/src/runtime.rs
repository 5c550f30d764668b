//! Which workloads compio has, which not, and what it needs.

use runner::workload::{ACROSS, POLICY, across, policy};
use runner::{About, Amount, Job, Needs, Refusal, Runtime, Workload, Workloads};

use crate::executor::Executors;
use crate::tasks::{files, lock, net, pipes, tree, waiting, work};

/// compio's executors, one unless more are asked for.
pub struct Compio(Executors);

const NO_YIELD: &str = "compio has no yield: a task gives up its thread only when it waits";
const NO_CHANNELS: &str = "compio has no channels, and those of other crates would be measured instead";

const SPREAD_BY_HASH: &str =
    "with several executors, the kernel's hash distributes the clients among their sockets, unevenly";

impl Runtime for Compio {
    const ABOUT: About = About {
        workers_default: Some(1),
        ..About::new(
            "compio",
            runner::locked_version!("compio"),
            "stackless, thread per core, sharded by hand, io_uring",
        )
    };
    const WORKLOADS: Workloads<Self> = &[
        (Workload::Sleep, |compio, round| compio.0.run(round, waiting::sleep)),
        (Workload::Spawn, |compio, round| compio.0.run(round, waiting::spawn)),
        (Workload::Hold, |compio, round| compio.0.run(round, waiting::hold)),
        (Workload::Skynet, |compio, round| compio.0.run(round, tree::skynet)),
        (Workload::Mutex, |compio, round| compio.0.run(round, lock::mutex)),
        (Workload::Brigade, |compio, round| compio.0.run(round, pipes::brigade)),
        (Workload::Request, |compio, round| compio.0.run(round, net::request)),
        (Workload::Echo, |compio, round| net::echo(&mut compio.0, round)),
        (Workload::FileRead, |compio, round| compio.0.run(round, files::read)),
        (Workload::Cpu, |compio, round| compio.0.run(round, work::cpu)),
        (Workload::Mixed, |compio, round| compio.0.run(round, work::mixed)),
        (Workload::Blocking, |compio, round| compio.0.run(round, work::blocking)),
    ];
    const UNSUPPORTED: &'static [(Workload, &'static str)] =
        &[(Workload::Yield, NO_YIELD), (Workload::PingPong, NO_CHANNELS), (Workload::FanIn, NO_CHANNELS)];

    const ONE_WORKER_ONLY: &'static [(Workload, &'static str)] = &[
        (Workload::Mutex, "its lock works only among tasks of one thread"),
        (Workload::Brigade, "each stage waits for the one before it, so more executors cannot help"),
    ];
    const UNSUPPORTED_CHOICES: &'static [(&'static str, u64, &'static str)] =
        &[(POLICY, policy::YIELD, NO_YIELD), (ACROSS, across::YIELD, NO_YIELD)];
    const CAVEATS: &'static [(Workload, &'static str)] = &[
        (
            Workload::Mutex,
            "the lock is single-threaded and always free, because no task can yield while holding it",
        ),
        (Workload::Echo, SPREAD_BY_HASH),
    ];
    const NEEDS: Needs = Needs {
        // A ring, and an event to wake the executor.
        files: Amount::PerWorker(2),
        listeners: Amount::PerWorker(2),
        // compio's default.
        blocking_threads: Amount::PerWorker(256),
        ..Needs::DEFAULT
    };

    fn start(job: &Job) -> Result<Self, Refusal> {
        Executors::build(job).map(Self)
    }
}
