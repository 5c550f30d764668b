//! Which workloads there are, and which there are not.

use runner::{Job, Refusal, Runtime, Workload, Workloads, limits};

use crate::executors::Executors;
use crate::tasks::{files, net, switching, tree, waiting, work};

/// A runtime that is glommio's executors, however they were started.
pub trait Hosted: Runtime {
    /// The executors.
    fn executors(&self) -> &Executors;

    /// What they run.
    const TABLE: Workloads<Self> = &[
        (Workload::Sleep, |host, round| host.executors().run(round, waiting::sleep)),
        (Workload::Spawn, |host, round| host.executors().run(round, waiting::spawn)),
        (Workload::Hold, |host, round| host.executors().run(round, waiting::hold)),
        (Workload::Yield, |host, round| host.executors().run(round, switching::yields)),
        (Workload::PingPong, |host, round| host.executors().run(round, switching::ping_pong)),
        (Workload::FanIn, |host, round| host.executors().run(round, switching::fan_in)),
        (Workload::Skynet, |host, round| host.executors().run(round, tree::skynet)),
        (Workload::Mutex, |host, round| host.executors().run(round, switching::mutex)),
        (Workload::Request, |host, round| host.executors().run(round, net::request)),
        (Workload::Echo, |host, round| net::echo(host.executors(), round)),
        (Workload::FileRead, |host, round| host.executors().run(round, files::read)),
        (Workload::Cpu, |host, round| host.executors().run(round, work::cpu)),
        (Workload::Mixed, |host, round| host.executors().run(round, work::mixed)),
        (Workload::Blocking, |host, round| host.executors().run(round, work::blocking)),
    ];
}

/// Workloads for which glommio has no means.
pub const UNSUPPORTED: &[(Workload, &str)] =
    &[(Workload::Brigade, "it has types for files, sockets and timers, and none for a pipe")];

/// Files that an executor has open: three rings and an eventfd; counted.
const FILES_AN_EXECUTOR: u64 = 4;

/// Refuses a workload for which so many executors have no means, and more files than may be open.
pub fn require_means(job: &Job) -> Result<(), Refusal> {
    let workload = Workload::from_name(&job.workload);
    if let (Some(why), 2..) = (workload.and_then(why_one_executor), job.workers) {
        return Err(Refusal::unsupported(format!(
            "glommio has no {} with {} workers: {why}; ask for one worker",
            job.workload, job.workers
        )));
    }
    limits::require_files(
        u64::from(job.workers) * FILES_AN_EXECUTOR + workload.map_or(0, |it| files(it, job.tasks)),
    )
}

/// Why a workload cannot be shared out among executors.
fn why_one_executor(workload: Workload) -> Option<&'static str> {
    match workload {
        Workload::FanIn => Some(
            "all producers share one channel, its local channel does not leave the executor, and its shared \
             channel has a single producer",
        ),
        Workload::Mutex => Some("its locks do not leave the executor"),
        _ => None,
    }
}

/// How many files so many tasks have open at once.
fn files(workload: Workload, tasks: u64) -> u64 {
    match workload {
        Workload::Request | Workload::FileRead => tasks,
        // And one that listens.
        Workload::Echo => tasks + 1,
        _ => 0,
    }
}
