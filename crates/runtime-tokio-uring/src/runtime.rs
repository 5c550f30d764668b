//! Which workloads tokio-uring has, which not, and what it needs.

use runner::{About, Amount, Job, Needs, Refusal, Runtime, Workload, Workloads};

use crate::executor::Executors;
use crate::tasks::{files, net, switching, tree, waiting, work};

/// tokio-uring's runtimes, one unless more are asked for.
pub struct TokioUring(Executors);

const SPREAD_BY_HASH: &str =
    "with several executors, the kernel's hash distributes the clients among their sockets, unevenly";

impl Runtime for TokioUring {
    const ABOUT: About = About {
        workers_default: Some(1),
        ..About::new(
            "tokio-uring",
            runner::locked_version!("tokio-uring"),
            "stackless, thread per core, sharded by hand, io_uring under tokio's epoll",
        )
    };
    const WORKLOADS: Workloads<Self> = &[
        (Workload::Sleep, |uring, round| uring.0.run(round, waiting::sleep)),
        (Workload::Spawn, |uring, round| uring.0.run(round, waiting::spawn)),
        (Workload::Hold, |uring, round| uring.0.run(round, waiting::hold)),
        (Workload::Yield, |uring, round| uring.0.run(round, switching::yields)),
        (Workload::PingPong, |uring, round| uring.0.run(round, switching::ping_pong)),
        (Workload::FanIn, |uring, round| uring.0.run(round, switching::fan_in)),
        (Workload::Skynet, |uring, round| uring.0.run(round, tree::skynet)),
        (Workload::Mutex, |uring, round| switching::mutex(&mut uring.0, round)),
        (Workload::Request, |uring, round| uring.0.run(round, net::request)),
        (Workload::Echo, |uring, round| net::echo(&mut uring.0, round)),
        (Workload::FileRead, |uring, round| uring.0.run(round, files::read)),
        (Workload::Cpu, |uring, round| uring.0.run(round, work::cpu)),
        (Workload::Mixed, |uring, round| uring.0.run(round, work::mixed)),
        (Workload::Blocking, |uring, round| uring.0.run(round, work::blocking)),
    ];
    const UNSUPPORTED: &'static [(Workload, &'static str)] =
        &[(Workload::Brigade, "it has no pipes of its own, and tokio's use epoll: see tokio-current-thread")];

    const ONE_WORKER_ONLY: &'static [(Workload, &'static str)] =
        &[(Workload::FanIn, "its runtimes share nothing, and the one receiver runs on one of them")];
    const CAVEATS: &'static [(Workload, &'static str)] = &[
        (Workload::Sleep, "tokio's timer rounds up to whole milliseconds: a sleep of 1 ms takes about 2 ms"),
        (Workload::Mixed, "tokio's timer rounds up to whole milliseconds, which adds up to 1 ms of lateness"),
        (
            Workload::Mutex,
            "tokio 1.54 holds one lock in 128 across a forced yield, so tasks queue even if nobody yields; \
             1.53.1 does not",
        ),
        (Workload::Echo, SPREAD_BY_HASH),
    ];
    const NEEDS: Needs = Needs {
        // A ring, epoll twice, and an event to wake the runtime.
        files: Amount::PerWorker(4),
        listeners: Amount::PerWorker(2),
        // The default of tokio's `Builder`.
        blocking_threads: Amount::PerWorker(512),
        ..Needs::DEFAULT
    };

    fn start(job: &Job) -> Result<Self, Refusal> {
        Executors::build(job).map(Self)
    }
}
