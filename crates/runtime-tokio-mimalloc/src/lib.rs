//! `tokio-mimalloc`: the row `tokio` in a program whose global allocator is mimalloc.
//!
//! A task of tokio is an allocation, and where tasks are many and short, much of their time is the
//! allocator's. glibc's is what a program gets that says nothing; many servers choose another one.
//! This row shows how much of a figure of tokio's is tokio. All else is the same code:
//! [`runtime_tokio::MultiThread`].

use runner::{About, Job, Needs, Refusal, Runtime, Workloads};
use runtime_tokio::{MultiThread, Scheduler};

/// tokio's multi-threaded scheduler. The allocator is chosen in `main.rs`, for the whole program.
pub struct TokioMimalloc(MultiThread);

impl Runtime for TokioMimalloc {
    const ABOUT: About = About::new(
        "tokio-mimalloc",
        MultiThread::ABOUT.version,
        "stackless, work-stealing, epoll; mimalloc as the allocator",
    )
    .variant_of(MultiThread::ABOUT.name);
    const WORKLOADS: Workloads<Self> = Self::TABLE;
    const CAVEATS: &'static [(runner::Workload, &'static str)] = MultiThread::CAVEATS;
    const NEEDS: Needs = MultiThread::NEEDS;

    fn start(job: &Job) -> Result<Self, Refusal> {
        MultiThread::start(job).map(Self)
    }
}

impl Scheduler for TokioMimalloc {
    fn run<T: Send + 'static>(&self, root: impl Future<Output = T> + Send + 'static) -> T {
        self.0.run(root)
    }
}
