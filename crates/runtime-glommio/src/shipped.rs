//! glommio as its authors ship it.

use runner::{About, Job, Refusal, Runtime, Workload, Workloads};

use crate::executors::Executors;
use crate::workloads::{self, Hosted};
use crate::{IO_MEMORY_BYTES, IO_MEMORY_DEFAULT};

/// glommio's executors with all but the I/O memory at their defaults, one unless more are asked for.
pub struct Glommio(Executors);

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
    const WORKLOADS: Workloads<Self> = Self::TABLE;
    const UNSUPPORTED: &'static [(Workload, &'static str)] = workloads::UNSUPPORTED;

    fn start(job: &Job) -> Result<Self, Refusal> {
        Executors::start(job).map(Self)
    }
}

impl Hosted for Glommio {
    fn executors(&self) -> &Executors {
        &self.0
    }
}
