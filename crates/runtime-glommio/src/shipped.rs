//! glommio as its authors ship it.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};

use glommio::{LocalExecutor, LocalExecutorBuilder, Placement};
use runner::{About, Job, Refusal, Round, Runtime, Tally, Workload, Workloads};

use crate::pool::Pool;
use crate::{kernel, tasks};

/// Name of the parameter that says how much I/O memory each executor registers, bytes.
const IO_MEMORY_BYTES: &str = "io_memory_bytes";
/// glommio's documented default; it takes at least 64 KiB, whatever is asked for.
const IO_MEMORY_DEFAULT: u64 = 10 << 20;

/// glommio's executors with all but the I/O memory at their defaults: not pinned, not spinning before
/// they park, preempted every 100 ms.
///
/// One worker is one `LocalExecutor` on the main thread, which is what its builder gives. More are as
/// many threads with an executor each, placed `Unbound` as well: the placements that pin would
/// overrule the affinity that the process was given, and could not have more executors than CPUs.
pub struct Glommio(Executors);

enum Executors {
    One(LocalExecutor),
    Several(Pool),
}

impl Runtime for Glommio {
    const ABOUT: About = About {
        workers_default: Some(1),
        params: &[(IO_MEMORY_BYTES, IO_MEMORY_DEFAULT)],
        ..About::new(
            "glommio",
            runner::locked_version!("glommio"),
            "stackless, thread per core, sharded by hand, io_uring",
        )
    };
    const WORKLOADS: Workloads<Self> =
        &[(Workload::Sleep, Self::sleep), (Workload::Spawn, Self::spawn), (Workload::Hold, Self::hold)];

    fn start(job: &Job) -> Result<Self, Refusal> {
        kernel::require_io_uring()?;
        let bytes = job.params.get(IO_MEMORY_BYTES).copied().unwrap_or(IO_MEMORY_DEFAULT);
        let io_memory = usize::try_from(bytes)
            .map_err(|_| Refusal::unsupported(format!("{IO_MEMORY_BYTES} = {bytes} is no size in memory")))?;
        let executors = match job.workers {
            1 => Executors::One(local_executor(io_memory)?),
            workers => Executors::Several(Pool::build(workers, io_memory)?),
        };
        Ok(Self(executors))
    }
}

impl Glommio {
    pub(crate) fn sleep(&mut self, round: &'static Round) -> Tally {
        match &self.0 {
            Executors::One(executor) => executor.run(tasks::sleep(round, 0..round.tasks())),
            Executors::Several(pool) => pool.run(Workload::Sleep, round),
        }
    }

    pub(crate) fn spawn(&mut self, round: &'static Round) -> Tally {
        match &self.0 {
            Executors::One(executor) => executor.run(tasks::spawn(round, 0..round.tasks())),
            Executors::Several(pool) => pool.run(Workload::Spawn, round),
        }
    }

    pub(crate) fn hold(&mut self, round: &'static Round) -> Tally {
        match &self.0 {
            // The executor's own thread waits for the harness: all its tasks wait for that as well.
            Executors::One(executor) => {
                executor.run(tasks::hold(round, 0..round.tasks(), || round.holding()))
            }
            Executors::Several(pool) => pool.hold(round),
        }
    }
}

/// An executor on this thread. What glommio cannot set up, it reports as an error or by a panic.
fn local_executor(io_memory: usize) -> Result<LocalExecutor, Refusal> {
    let builder = LocalExecutorBuilder::new(Placement::Unbound).io_memory(io_memory);
    let refuse = |what: &str, why: &str| {
        let reason = format!("glommio {what} an executor with {io_memory} bytes of I/O memory: {why}");
        Refusal::unavailable(reason)
    };
    match panic::catch_unwind(AssertUnwindSafe(|| builder.make())) {
        Ok(Ok(executor)) => Ok(executor),
        Ok(Err(error)) => Err(refuse("cannot build", &error.to_string())),
        Err(panic) => Err(refuse("panicked building", message(&*panic))),
    }
}

/// What a panic said.
fn message(panic: &(dyn Any + Send)) -> &str {
    match (panic.downcast_ref::<String>(), panic.downcast_ref::<&str>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text,
        _ => "no message",
    }
}
