//! What stands around a trial: room for its spans, and whatever is opposite the runtime.

use std::net::SocketAddr;
use std::time::Duration;

use peer::block_file::BlockFile;
use peer::load::Load;
use peer::origin::Origin;
use protocol::workload::{DURATION_NS, FILE_BYTES};
use protocol::{Done, Job, ProofInputs, Workload, span};
use tempfile::TempDir;

use crate::Trial;

/// Known to the origin and to the test, and not to the runner.
const SECRET: u64 = 0x6b69_6c6f_7461_736b;

/// A job with all that it names. It goes when this goes.
pub struct Scene {
    job: Job,
    workload: Workload,
    file: Option<BlockFile>,
    _origin: Option<Origin>,
    _scratch: TempDir,
}

impl Scene {
    /// Makes what a job needs, and names it in the job.
    pub fn set(job: &Job) -> Self {
        let workload = Workload::from_name(&job.workload).expect("a workload");
        let scratch = tempfile::tempdir().expect("a temporary folder");
        let mut job = job.clone();
        if workload.spans(job.tasks, &job.params) > 0 {
            job.spans_file = Some(scratch.path().join("spans"));
        }
        let file = workload.reads_file().then(|| {
            let bytes = workload.param(&job.params, FILE_BYTES);
            BlockFile::make(scratch.path(), bytes, SECRET).expect("a file to read")
        });
        job.file = file.as_ref().map(|file| file.path().into());
        let origin = workload.asks_origin().then(|| {
            let delay = Duration::from_nanos(workload.param(&job.params, DURATION_NS));
            Origin::start(SECRET, delay).expect("an origin")
        });
        job.origin = origin.as_ref().map(Origin::address);
        Self { job, workload, file, _origin: origin, _scratch: scratch }
    }

    /// The job, complete.
    pub fn job(&self) -> &Job {
        &self.job
    }

    /// Puts the server of an `echo` under its load, and gives the bytes that came back.
    pub fn load(&self, address: SocketAddr) -> u64 {
        Load::of(&self.job, address, SECRET).run().expect("every message comes back").bytes
    }

    /// The trial, proven; `echoed` are the bytes that came back in each round of an `echo`.
    pub fn prove(self, done: Done, echoed: &[u64]) -> Trial {
        let block_sums = self.file.as_ref().map_or(&[][..], BlockFile::sums);
        let ground = ProofInputs { secret: SECRET, block_sums, echoed_bytes: echoed };
        let spans = self.job.spans_file.as_ref().map(|file| {
            let bytes = std::fs::read(file).expect("the spans");
            span::decode(&bytes).expect("whole spans")
        });
        Trial::proven(self.job, self.workload, done, spans, ground)
    }
}
