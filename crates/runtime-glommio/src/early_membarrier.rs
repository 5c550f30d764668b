//! glommio, with one system call made at start-up that its first sleep makes otherwise.

use runner::{About, Job, Refusal, Runtime, Workload, Workloads};
use rustix::thread::{MembarrierCommand, membarrier};

use crate::Glommio;
use crate::executors::Executors;
use crate::workloads::Hosted;

/// [`Glommio`] after `membarrier(REGISTER_PRIVATE_EXPEDITED)`.
///
/// glommio 0.9.0 makes this call the first time that an executor goes to sleep. By then the process
/// has other threads, those for blocking calls, and the kernel then waits until every CPU has
/// noticed: about 10 ms, where the whole workload takes little more than 1 ms. With one thread the
/// same call returns at once, and glommio's own finds it done. (Fixed in glommio's repository, not in
/// a release.)
///
/// Both are published. `glommio` is what everybody gets who adds the crate to a program; this one
/// shows how much of that is the scheduler's and how much is one call in the wrong place. They differ
/// in the cold round alone, and only where an executor goes to sleep.
pub struct GlommioEarlyMembarrier(Executors);

impl Runtime for GlommioEarlyMembarrier {
    const ABOUT: About = About {
        name: "glommio-early-membarrier",
        model: "stackless, thread per core, sharded by hand, io_uring; membarrier registered at start-up",
        ..Glommio::ABOUT
    };
    const WORKLOADS: Workloads<Self> = Self::TABLE;
    const UNSUPPORTED: &'static [(Workload, &'static str)] = Glommio::UNSUPPORTED;

    fn start(job: &Job) -> Result<Self, Refusal> {
        // First of all, as glommio starts threads and the runner has none.
        membarrier(MembarrierCommand::RegisterPrivateExpedited).map_err(|error| {
            Refusal::unavailable(format!("membarrier(REGISTER_PRIVATE_EXPEDITED) failed: {error}"))
        })?;
        Executors::start(job).map(Self)
    }
}

impl Hosted for GlommioEarlyMembarrier {
    fn executors(&self) -> &Executors {
        &self.0
    }
}
