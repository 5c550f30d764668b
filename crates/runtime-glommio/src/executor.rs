//! One executor.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};

use glommio::{LocalExecutorBuilder, Placement, PoolPlacement};
use runner::executors::LocalExecutor;
use runner::{Job, Refusal, Tally};

/// Name of the parameter that says how much I/O memory each executor registers, bytes.
pub const IO_MEMORY_BYTES: &str = "io_memory_bytes";
/// glommio's documented default; it takes at least 64 KiB, whatever is asked for.
pub const IO_MEMORY_DEFAULT: u64 = 10 << 20;

/// Name of the parameter that says how many threads for blocking calls each executor has: one where
/// a job does not say it, which is glommio's default.
pub const BLOCKING_THREADS: &str = "blocking_threads";

/// An executor of glommio's with all that is no parameter at its default: not spinning before it
/// parks, preempted every 100 ms, and not pinned, as the placements that pin would overrule the
/// affinity that the process was given, and could not have more executors than CPUs.
pub struct Executor(glommio::LocalExecutor);

/// One unless more are asked for.
pub type Executors = runner::executors::Executors<Executor>;

impl LocalExecutor for Executor {
    /// What glommio cannot set up, it reports by an error or by a panic.
    fn build(job: &Job) -> Result<Self, Refusal> {
        let io_memory = number(job, IO_MEMORY_BYTES, IO_MEMORY_DEFAULT)?;
        let builder = LocalExecutorBuilder::new(Placement::Unbound)
            .io_memory(io_memory)
            .blocking_thread_pool_placement(PoolPlacement::Unbound(number(job, BLOCKING_THREADS, 1)?));
        let refuse = |what: &str, why: &str| {
            let reason = format!("glommio {what} an executor with {io_memory} bytes of I/O memory: {why}");
            Refusal::unavailable(reason)
        };
        match panic::catch_unwind(AssertUnwindSafe(|| builder.make())) {
            Ok(Ok(executor)) => Ok(Self(executor)),
            Ok(Err(error)) => Err(refuse("cannot build", &error.to_string())),
            Err(panic) => Err(refuse("panicked building", message(&*panic))),
        }
    }

    fn block_on<F: Future<Output = Tally>>(&mut self, root: F) -> Tally {
        self.0.run(root)
    }
}

/// A parameter of the job.
fn number(job: &Job, name: &str, default: u64) -> Result<usize, Refusal> {
    let number = job.params.get(name).copied().unwrap_or(default);
    usize::try_from(number).map_err(|_| Refusal::unsupported(format!("{name} = {number} is too large")))
}

/// The message of a panic.
fn message(panic: &(dyn Any + Send)) -> &str {
    match (panic.downcast_ref::<String>(), panic.downcast_ref::<&str>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text,
        _ => "no message",
    }
}
