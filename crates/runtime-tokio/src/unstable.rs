//! `tokio` with one of its unstable switches each.
//!
//! They exist where all crates of a program are compiled with `--cfg tokio_unstable`, and may change or
//! go in any release. That flag by itself compiles a little more into tokio (hooks, identifiers of
//! tasks): compare these rows with `tokio@unstable`, the same build without any switch.
//!
//! tokio's `io_uring` is not among them. It is not a switch of a runtime, but a feature of the crate; and
//! it serves `tokio::fs`, while `file-read` reads through `spawn_blocking`, which is quicker.

use std::marker::PhantomData;

use runner::{About, Job, Needs, Refusal, Runtime, Workload, Workloads};
use tokio::runtime::Builder;

use crate::multi_thread::MultiThread;
use crate::scheduler::{Scheduler, VERSION};

/// `tokio` with a switch.
pub struct Switched<S>(MultiThread, PhantomData<S>);

/// `enable_alt_timer`: another timer, which may be faster with a large number of workers.
pub type AltTimer = Switched<Timer>;

/// `enable_eager_driver_handoff`: a worker that has waited for events wakes another one to wait for the
/// next before it runs the tasks that these have woken.
pub type EagerDriver = Switched<Driver>;

/// `enable_sharded_blocking_queue`: the queue of the blocking pool has several locks.
pub type ShardedBlocking = Switched<Blocking>;

/// A switch.
pub trait Switch: 'static {
    /// Name of the runtime, and what is different in it.
    const NAME_AND_MODEL: (&'static str, &'static str);

    /// Switches it on.
    fn set(builder: &mut Builder);
}

/// See [`AltTimer`].
pub struct Timer;

impl Switch for Timer {
    const NAME_AND_MODEL: (&'static str, &'static str) =
        ("tokio-alt-timer", "stackless, work-stealing, epoll; the alternative timer");

    fn set(builder: &mut Builder) {
        builder.enable_alt_timer();
    }
}

/// See [`EagerDriver`].
pub struct Driver;

impl Switch for Driver {
    const NAME_AND_MODEL: (&'static str, &'static str) =
        ("tokio-eager-driver", "stackless, work-stealing, epoll; eager hand-off of the I/O driver");

    fn set(builder: &mut Builder) {
        builder.enable_eager_driver_handoff();
    }
}

/// See [`ShardedBlocking`].
pub struct Blocking;

impl Switch for Blocking {
    const NAME_AND_MODEL: (&'static str, &'static str) =
        ("tokio-sharded-blocking", "stackless, work-stealing, epoll; sharded queue for the blocking pool");

    fn set(builder: &mut Builder) {
        builder.enable_sharded_blocking_queue();
    }
}

impl<S: Switch> Runtime for Switched<S> {
    const ABOUT: About = About::new(S::NAME_AND_MODEL.0, VERSION, S::NAME_AND_MODEL.1).variant_of("tokio");
    const WORKLOADS: Workloads<Self> = Self::TABLE;
    const CAVEATS: &'static [(Workload, &'static str)] = MultiThread::CAVEATS;
    const NEEDS: Needs = MultiThread::NEEDS;

    fn start(job: &Job) -> Result<Self, Refusal> {
        MultiThread::with(job, S::set).map(|tokio| Self(tokio, PhantomData))
    }
}

impl<S: Switch> Scheduler for Switched<S> {
    fn run<T: Send + 'static>(&self, root: impl Future<Output = T> + Send + 'static) -> T {
        self.0.run(root)
    }
}
