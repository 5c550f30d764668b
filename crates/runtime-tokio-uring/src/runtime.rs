//! Which workloads there are, and which there are not.

use runner::workload::{CALL, call};
use runner::{About, Job, Refusal, Runtime, Workload, Workloads, limits, require_readable};

use crate::executor::Executors;
use crate::tasks::{files, net, switching, tree, waiting, work};

/// tokio-uring's runtimes, one unless more are asked for.
pub struct TokioUring(Executors);

/// Threads for blocking calls at most, for each runtime: the default of tokio's `Builder`.
const BLOCKING_THREADS: u64 = 512;

/// Files that a runtime opens: a ring, epoll twice, and an event to wake it.
const FILES_A_RUNTIME: u64 = 4;

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
    const UNSUPPORTED: &'static [(Workload, &'static str)] = &[(
        Workload::Brigade,
        "its ring has no pipes, and tokio's, which would do here, wait in epoll: see tokio-current-thread",
    )];

    fn start(job: &Job) -> Result<Self, Refusal> {
        if job.workload == Workload::FanIn.name() && job.workers > 1 {
            return Err(Refusal::unsupported(format!(
                "{} workers: its runtimes share nothing, and one receiver is on one of them; ask for one worker",
                job.workers
            )));
        }
        let workload = Workload::from_name(&job.workload);
        let (files, threads) =
            workload.map_or((0, 0), |workload| (files(workload, job), blocking_threads(workload, job)));
        limits::require_files(files.saturating_add(FILES_A_RUNTIME * u64::from(job.workers)))?;
        limits::require_threads(threads + u64::from(job.workers))?;
        require_readable(job)?;
        Executors::build(job.workers).map(Self)
    }
}

/// Threads for blocking calls that may start: no more than there are calls, up to their limit.
fn blocking_threads(workload: Workload, job: &Job) -> u64 {
    let escapes = workload == Workload::Blocking && workload.param(&job.params, CALL) == call::ESCAPE;
    if escapes { job.tasks.min(BLOCKING_THREADS * u64::from(job.workers)) } else { 0 }
}

/// How many files the tasks have open at once.
fn files(workload: Workload, job: &Job) -> u64 {
    match workload {
        Workload::Request | Workload::FileRead => job.tasks,
        // And for each runtime one that listens, and another hold on it.
        Workload::Echo => job.tasks.saturating_add(2 * u64::from(job.workers)),
        _ => 0,
    }
}
