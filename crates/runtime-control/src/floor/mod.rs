//! The floor: no runtime, and only the work that a workload cannot do without.
//!
//! One thread does everything, whatever the number of workers. Only in `cpu` each worker is a
//! thread with its own share of the tasks.

mod brigade;
mod echo;
mod files;
mod passing;
mod request;
mod ring;
mod tasks;

use ring::Ring;
use runner::{About, Amount, Job, Needs, Refusal, Runtime, Workload, Workloads, workload};

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
            "no runtime: plain code on one thread; cpu uses one thread per worker",
        )
        .baseline()
    };

    const WORKLOADS: Workloads<Self> = &[
        (Workload::Sleep, |_, round| tasks::sleep(round)),
        (Workload::Spawn, |_, round| tasks::spawn(round)),
        (Workload::Hold, |_, round| tasks::hold(round)),
        (Workload::Yield, |_, round| passing::yields(round)),
        (Workload::PingPong, |_, round| passing::ping_pong(round)),
        (Workload::FanIn, |_, round| passing::fan_in(round)),
        (Workload::Skynet, |_, round| passing::skynet(round)),
        (Workload::Mutex, |_, round| passing::mutex(round)),
        (Workload::Brigade, |_, round| brigade::brigade(round)),
        (Workload::Request, |_, round| request::request(round)),
        (Workload::Echo, |_, round| echo::echo(round)),
        (Workload::FileRead, |floor, round| files::file_read(floor.ring.as_mut(), round)),
        (Workload::Cpu, |floor, round| tasks::cpu(floor.workers, round)),
    ];

    const UNSUPPORTED: &'static [(Workload, &'static str)] = &[
        (Workload::Mixed, "the lowest possible lateness is 0, so there is nothing to measure"),
        (Workload::Blocking, "a blocking call has no cheaper form than itself"),
    ];

    const NEEDS: Needs = Needs {
        // All tasks of `file-read` share one.
        alive: |job, workload| if workload == Workload::FileRead { 1 } else { job.tasks },
        // An epoll instance or a ring.
        files: Amount::InAll(1),
        ..Needs::DEFAULT
    };

    fn start(job: &Job) -> Result<Self, Refusal> {
        let io = Workload::FileRead.param(&job.params, workload::IO);
        let direct = job.workload == Workload::FileRead.name() && io == workload::io::DIRECT;
        Ok(Self { workers: job.workers, ring: direct.then(|| Ring::start(job)).transpose()? })
    }
}
