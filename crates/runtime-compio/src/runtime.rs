//! Which workloads there are, and which there are not.

use runner::workload::{CALL, POLICY, call, policy};
use runner::{About, Job, Refusal, Runtime, Workload, Workloads, limits, require_readable};

use crate::executor::Executors;
use crate::tasks::{files, lock, net, pipes, tree, waiting, work};

/// compio's executors, one unless more are asked for.
pub struct Compio(Executors);

const NO_YIELD: &str = "compio has none: its tasks give way where they wait";
const NO_CHANNELS: &str =
    "compio has no channels: its own code uses those of other crates, which is what would be measured";

/// Threads for blocking calls at most, for each executor: compio's default.
const BLOCKING_THREADS: u64 = 256;

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

    fn start(job: &Job) -> Result<Self, Refusal> {
        require_means(job)?;
        let workload = Workload::from_name(&job.workload);
        let (files, threads) =
            workload.map_or((0, 0), |workload| (files(workload, job), blocking_threads(workload, job)));
        // Each executor has a ring and an event to wake it.
        limits::require_files(files.saturating_add(2 * u64::from(job.workers)))?;
        limits::require_threads(threads + u64::from(job.workers))?;
        require_readable(job)?;
        Executors::build(job.workers).map(Self)
    }
}

/// Refuses what compio has no means for with these parameters, or with so many executors.
fn require_means(job: &Job) -> Result<(), Refusal> {
    let mixed = Workload::Mixed;
    if job.workload == mixed.name() && mixed.param(&job.params, POLICY) == policy::YIELD {
        return Err(Refusal::unsupported(format!("{POLICY} = yield: {NO_YIELD}; ask for hog")));
    }
    let one_executor_only = match Workload::from_name(&job.workload) {
        Some(Workload::Mutex) => "the lock for tasks of one thread does not leave it",
        Some(Workload::Brigade) => {
            "each stage waits for the one before it, and none gains by another executor"
        }
        _ => return Ok(()),
    };
    if job.workers == 1 {
        return Ok(());
    }
    Err(Refusal::unsupported(format!(
        "compio has no {} with {} workers: {one_executor_only}; ask for one worker",
        job.workload, job.workers
    )))
}

/// Threads for blocking calls that may start: no more than there are calls, up to their limit.
fn blocking_threads(workload: Workload, job: &Job) -> u64 {
    let escapes = workload == Workload::Blocking && workload.param(&job.params, CALL) == call::ESCAPE;
    if escapes { job.tasks.min(BLOCKING_THREADS * u64::from(job.workers)) } else { 0 }
}

/// How many files the tasks have open at once.
fn files(workload: Workload, job: &Job) -> u64 {
    match workload {
        Workload::Brigade => job.tasks.saturating_add(1).saturating_mul(2),
        Workload::Request | Workload::FileRead => job.tasks,
        // And for each executor one that listens, and another hold on it.
        Workload::Echo => job.tasks.saturating_add(2 * u64::from(job.workers)),
        _ => 0,
    }
}
