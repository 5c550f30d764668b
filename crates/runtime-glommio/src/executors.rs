//! The executors of a job, and each one's share of a round.

use std::any::Any;
use std::ops::Range;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Barrier};

use glommio::{LocalExecutor, LocalExecutorBuilder, Placement};
use runner::{Job, Refusal, Round, Tally};

use crate::pool::Pool;
use crate::{IO_MEMORY_BYTES, IO_MEMORY_DEFAULT, kernel, workloads};

/// glommio's executors with all but the I/O memory at their defaults: not pinned, not spinning before
/// they park, preempted every 100 ms.
pub enum Executors {
    /// On the main thread, which is what glommio's builder gives.
    One(LocalExecutor),
    /// Each on a thread of its own, placed `Unbound` as well: the placements that pin would overrule the
    /// affinity that the process was given, and could not have more executors than CPUs.
    Several(Pool),
}

impl Executors {
    /// Builds the executors that a job asks for.
    ///
    /// # Errors
    /// What glommio cannot do on this machine, or not with so many executors or tasks.
    pub fn start(job: &Job) -> Result<Self, Refusal> {
        workloads::require_means(job)?;
        kernel::require_io_uring()?;
        let bytes = job.params.get(IO_MEMORY_BYTES).copied().unwrap_or(IO_MEMORY_DEFAULT);
        let io_memory = usize::try_from(bytes)
            .map_err(|_| Refusal::unsupported(format!("{IO_MEMORY_BYTES} = {bytes} is no size in memory")))?;
        match job.workers {
            1 => local_executor(io_memory).map(Self::One),
            workers => Pool::build(workers, io_memory).map(Self::Several),
        }
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        match self {
            Self::One(_) => 1,
            Self::Several(pool) => pool.count(),
        }
    }

    /// Runs a round: on each executor the root future that `work` makes of its share.
    pub fn run<W, F>(&self, round: &'static Round, work: W) -> Tally
    where
        W: Fn(Share) -> F + Clone + Send + 'static,
        F: Future<Output = Tally> + 'static,
    {
        match self {
            Self::One(executor) => executor.run(work(Share::whole(round))),
            Self::Several(pool) => pool.run(round, work),
        }
    }
}

/// What one executor has to do with a round. Nothing is stolen: who shares work out, does it by hand.
pub struct Share {
    /// The round.
    pub round: &'static Round,
    /// Which of the executors this is, from 0 on.
    pub executor: u32,
    /// How many executors there are.
    pub executors: u32,
    /// Where they all meet, before and after the harness looks at `hold`.
    pub meeting: Arc<Barrier>,
}

impl Share {
    fn whole(round: &'static Round) -> Self {
        Self { round, executor: 0, executors: 1, meeting: Arc::new(Barrier::new(1)) }
    }

    /// The tasks that this executor runs: a run of neighbours.
    pub fn tasks(&self) -> Range<u64> {
        self.round.shard(self.executor, self.executors)
    }

    /// Those of the things that fall to this executor when they are dealt out like cards.
    pub fn deal<T, I: Iterator<Item = T>>(&self, things: I) -> impl Iterator<Item = T> + use<T, I> {
        let (executor, executors) = (u64::from(self.executor), u64::from(self.executors));
        let mine = move |nth: u64| nth % executors == executor;
        (0..).zip(things).filter(move |&(nth, _)| mine(nth)).map(|(_, thing)| thing)
    }

    /// Stops until the harness has looked at the tasks of all executors. It blocks the executor, whose
    /// tasks all wait for the same thing.
    pub fn hold(&self) {
        if self.meeting.wait().is_leader() {
            self.round.holding();
        }
        self.meeting.wait();
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
