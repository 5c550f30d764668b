//! Which workloads the runtimes of one thread have, which not, and what they need.

use runner::{About, Amount, Job, Needs, Refusal, Runtime, Workload, Workloads};

use crate::executor::Executors;
use crate::tasks::{files, net, switching, tree, waiting, work};

/// tokio's runtimes of one thread, one per core unless another number is asked for.
pub struct TokioSharded(Executors);

const SPREAD_BY_HASH: &str =
    "with several runtimes, the kernel's hash distributes the clients among their sockets, unevenly";

impl Runtime for TokioSharded {
    const ABOUT: About = About::new(
        "tokio-sharded",
        runner::locked_version!("tokio"),
        "stackless, a current-thread runtime on each thread, sharded by hand, epoll",
    )
    .variant_of("tokio");
    const WORKLOADS: Workloads<Self> = &[
        (Workload::Sleep, |tokio, round| tokio.0.run(round, waiting::sleep)),
        (Workload::Spawn, |tokio, round| tokio.0.run(round, waiting::spawn)),
        (Workload::Hold, |tokio, round| tokio.0.run(round, waiting::hold)),
        (Workload::Yield, |tokio, round| tokio.0.run(round, switching::yields)),
        (Workload::PingPong, |tokio, round| tokio.0.run(round, switching::ping_pong)),
        (Workload::FanIn, |tokio, round| tokio.0.run(round, switching::fan_in)),
        (Workload::Skynet, |tokio, round| tokio.0.run(round, tree::skynet)),
        (Workload::Mutex, |tokio, round| switching::mutex(&mut tokio.0, round)),
        (Workload::Request, |tokio, round| tokio.0.run(round, net::request)),
        (Workload::Echo, |tokio, round| net::echo(&mut tokio.0, round)),
        (Workload::FileRead, |tokio, round| tokio.0.run(round, files::read)),
        (Workload::Cpu, |tokio, round| tokio.0.run(round, work::cpu)),
        (Workload::Mixed, |tokio, round| tokio.0.run(round, work::mixed)),
        (Workload::Blocking, |tokio, round| tokio.0.run(round, work::blocking)),
    ];
    const UNSUPPORTED: &'static [(Workload, &'static str)] = &[(
        Workload::Brigade,
        "each stage waits for the one before it, so more runtimes cannot help: see tokio-current-thread",
    )];

    const ONE_WORKER_ONLY: &'static [(Workload, &'static str)] =
        &[(Workload::FanIn, "its runtimes share nothing, and the one receiver runs on one of them")];
    const CAVEATS: &'static [(Workload, &'static str)] = &[
        (Workload::Sleep, "its timer rounds up to whole milliseconds: a sleep of 1 ms takes about 2 ms"),
        (Workload::Mixed, "its timer rounds up to whole milliseconds, which adds up to 1 ms of lateness"),
        (
            Workload::Mutex,
            "tokio 1.54 holds one lock in 128 across a forced yield, so tasks queue even if nobody yields; \
             1.53.1 does not",
        ),
        (Workload::Echo, SPREAD_BY_HASH),
        (
            Workload::FileRead,
            "a thread pool beside each runtime reads files: with one runtime, other CPUs are busy too",
        ),
    ];
    const NEEDS: Needs = Needs {
        // Epoll, twice, an event to wake the runtime, and sockets for signals.
        files: Amount::PerWorker(6),
        listeners: Amount::PerWorker(2),
        // The default of tokio's `Builder`.
        blocking_threads: Amount::PerWorker(512),
        reads_block: true,
        ..Needs::DEFAULT
    };

    fn start(job: &Job) -> Result<Self, Refusal> {
        Executors::build(job).map(Self)
    }
}
