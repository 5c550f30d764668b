//! glommio with more than one thread for blocking calls.

use runner::workload::{CALL, call};
use runner::{About, Amount, Job, Needs, Refusal, Runtime, Workload, Workloads};

use crate::executor::{BLOCKING_THREADS, Executors, IO_MEMORY_BYTES, IO_MEMORY_DEFAULT};
use crate::kernel;
use crate::runtime::VERSION;
use crate::tasks::work;

/// As many as tokio starts at most by default.
const THREADS_DEFAULT: u64 = 512;

/// [`Glommio`](crate::Glommio) with `blocking_thread_pool_placement` for so many threads an executor.
///
/// glommio has one by default, as its own files and sockets need none, so that blocking calls are made
/// one after another. Its threads start with the executor: they are in the start-up, and in no round.
/// It differs in what `spawn_blocking` does, and so has no other workload: glommio opens and reads files
/// through the ring.
pub struct GlommioBlockingPool(Executors);

impl Runtime for GlommioBlockingPool {
    const ABOUT: About = About {
        workers_default: Some(1),
        params: &[(BLOCKING_THREADS, THREADS_DEFAULT), (IO_MEMORY_BYTES, IO_MEMORY_DEFAULT)],
        ..About::new(
            "glommio-blocking-pool",
            VERSION,
            "stackless, thread per core, sharded by hand, io_uring; a pool of threads for blocking calls",
        )
        .variant_of("glommio")
    };
    const WORKLOADS: Workloads<Self> =
        &[(Workload::Blocking, |glommio, round| glommio.0.run(round, work::blocking))];
    const UNSUPPORTED_CHOICES: &'static [(&'static str, u64, &'static str)] =
        &[(CALL, call::NAIVE, "it differs from glommio only in its threads for blocking calls: see glommio")];
    const NEEDS: Needs = Needs {
        // Three rings and an eventfd; counted.
        files: Amount::PerWorker(4),
        threads: Amount::PerWorker(1 + THREADS_DEFAULT),
        ..Needs::DEFAULT
    };

    fn start(job: &Job) -> Result<Self, Refusal> {
        kernel::require_io_uring()?;
        Executors::build(job).map(Self)
    }
}
