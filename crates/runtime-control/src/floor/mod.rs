//! The floor: no runtime, and only the work that a workload cannot do without.
//!
//! One thread does everything, whatever the number of workers, but for `cpu`, where each worker is a
//! thread with its own share of the tasks.

mod brigade;
mod echo;
mod files;
mod passing;
mod request;
mod ring;
mod tasks;

use runner::{About, Job, Refusal, Runtime, Workload, Workloads, limits};

use crate::blocks;
use ring::Ring;

/// The cheapest way known to do each workload.
pub struct Floor {
    /// Threads that share the tasks of `cpu`.
    workers: u32,
    /// What reads past the page cache, for a job that does.
    ring: Option<Ring>,
}

impl Runtime for Floor {
    const ABOUT: About = About {
        workers_default: Some(1),
        ..About::new(
            "floor",
            env!("CARGO_PKG_VERSION"),
            "no runtime: plain code on one thread; cpu on a thread a worker",
        )
    };

    const WORKLOADS: Workloads<Self> = &[
        (Workload::Sleep, tasks::sleep),
        (Workload::Spawn, tasks::spawn),
        (Workload::Hold, tasks::hold),
        (Workload::Yield, passing::give_way),
        (Workload::PingPong, passing::ping_pong),
        (Workload::FanIn, passing::fan_in),
        (Workload::Skynet, passing::skynet),
        (Workload::Mutex, passing::mutex),
        (Workload::Brigade, brigade::brigade),
        (Workload::Request, request::request),
        (Workload::Echo, echo::echo),
        (Workload::FileRead, files::file_read),
        (Workload::Cpu, tasks::cpu),
    ];

    const UNSUPPORTED: &'static [(Workload, &'static str)] = &[
        (
            Workload::Mixed,
            "it asks how late a heartbeat comes, and the least lateness is known without measuring: 0",
        ),
        (Workload::Blocking, "a call that blocks its thread has no cheaper form than itself"),
    ];

    fn start(job: &Job) -> Result<Self, Refusal> {
        require_limits(job)?;
        let ring = blocks::reads_direct(job).then(|| Ring::start(job)).transpose()?;
        Ok(Self { workers: job.workers, ring })
    }
}

/// Refuses what the machine's limits do not allow.
fn require_limits(job: &Job) -> Result<(), Refusal> {
    match Workload::from_name(&job.workload) {
        // An end for reading and one for writing.
        Some(Workload::Brigade) => limits::require_files(job.tasks.saturating_add(1).saturating_mul(2)),
        // The connections, and at most a listener and an epoll instance.
        Some(Workload::Request | Workload::Echo) => limits::require_files(job.tasks.saturating_add(2)),
        Some(Workload::Cpu) => limits::require_threads(job.tasks.min(job.workers.into())),
        _ => Ok(()),
    }
}
