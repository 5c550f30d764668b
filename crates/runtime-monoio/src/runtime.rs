//! Which workloads there are, and which there are not.

use runner::workload::{CALL, POLICY, call, policy};
use runner::{About, Job, Refusal, Runtime, Workload, Workloads, limits, require_readable};

use crate::executor::Executors;
use crate::tasks::{files, net, switching, tree, waiting, work};

/// monoio's executors, one unless more are asked for.
pub struct Monoio(Executors);

const NO_YIELD: &str = "monoio 0.2.4 has none, and a task that wakes itself goes to the front of the queue and runs \
                        again before any other (monoio's issue 322)";

impl Runtime for Monoio {
    const ABOUT: About = About {
        workers_default: Some(1),
        ..About::new(
            "monoio",
            runner::locked_version!("monoio"),
            "stackless, thread per core, sharded by hand, io_uring",
        )
    };
    const WORKLOADS: Workloads<Self> = &[
        (Workload::Sleep, |monoio, round| monoio.0.run(round, waiting::sleep)),
        (Workload::Spawn, |monoio, round| monoio.0.run(round, waiting::spawn)),
        (Workload::Hold, |monoio, round| monoio.0.run(round, waiting::hold)),
        (Workload::PingPong, |monoio, round| monoio.0.run(round, switching::ping_pong)),
        (Workload::FanIn, |monoio, round| monoio.0.run(round, switching::fan_in)),
        (Workload::Skynet, |monoio, round| monoio.0.run(round, tree::skynet)),
        (Workload::Request, |monoio, round| monoio.0.run(round, net::request)),
        (Workload::Echo, |monoio, round| net::echo(&mut monoio.0, round)),
        (Workload::FileRead, |monoio, round| monoio.0.run(round, files::read)),
        (Workload::Cpu, |monoio, round| monoio.0.run(round, work::cpu)),
        (Workload::Mixed, |monoio, round| monoio.0.run(round, work::mixed)),
        (Workload::Blocking, |monoio, round| monoio.0.run(round, work::blocking)),
    ];
    const UNSUPPORTED: &'static [(Workload, &'static str)] = &[
        (Workload::Yield, NO_YIELD),
        (
            Workload::Mutex,
            "it has no lock, nor has local-sync: tasks of one thread need none between two awaits",
        ),
        (Workload::Brigade, "its pipes can be spliced from and to, and neither read nor written"),
    ];

    fn start(job: &Job) -> Result<Self, Refusal> {
        require_means(job)?;
        let workload = Workload::from_name(&job.workload);
        let files = workload.map_or(0, |workload| files(workload, job));
        limits::require_files(files.saturating_add(job.workers.into()))?;
        limits::require_threads(job.workers.into())?;
        require_readable(job)?;
        Executors::build(job.workers).map(Self)
    }
}

/// Refuses what monoio has no means for with these parameters, or with so many executors.
fn require_means(job: &Job) -> Result<(), Refusal> {
    let param = |workload: Workload, name| {
        if job.workload == workload.name() { Some(workload.param(&job.params, name)) } else { None }
    };
    let refuse = |reason: String| Err(Refusal::unsupported(reason));
    if param(Workload::Mixed, POLICY) == Some(policy::YIELD) {
        return refuse(format!("{POLICY} = yield: {NO_YIELD}; ask for hog"));
    }
    if param(Workload::Blocking, CALL) == Some(call::ESCAPE) {
        return refuse(format!(
            "{CALL} = escape: monoio's spawn_blocking comes with its feature `sync`, which changes every waker and is \
             off unless asked for; ask for naive"
        ));
    }
    if job.workload == Workload::FanIn.name() && job.workers > 1 {
        return refuse(format!(
            "monoio has no fan-in with {} workers: all producers share one channel, which does not leave its thread; \
             ask for one worker",
            job.workers
        ));
    }
    Ok(())
}

/// How many files the tasks have open at once.
fn files(workload: Workload, job: &Job) -> u64 {
    match workload {
        Workload::Request | Workload::FileRead => job.tasks,
        // And for each executor one that listens, and another hold on it.
        Workload::Echo => job.tasks.saturating_add(2 * u64::from(job.workers)),
        _ => 0,
    }
}
