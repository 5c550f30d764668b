//! What a trial is checked against.

use std::time::Duration;

use protocol::{Done, Job, ProofInputs, Span, Workload};

/// What is known of a trial that says it is done.
#[allow(missing_docs)]
pub struct Evidence<'a> {
    pub job: &'a Job,
    pub workload: Workload,
    /// Whether a task that waits keeps its worker to itself, so that there are never more in flight.
    pub blocks_worker: bool,
    pub done: &'a Done,
    /// The spans of all rounds, where the workload records them.
    pub spans: Option<&'a [Span]>,
    /// What the harness saw pass between `go` and `done`.
    pub seen: Duration,
    /// What the harness knows and the runner does not.
    pub ground: ProofInputs<'a>,
}

#[cfg(test)]
impl<'a> Evidence<'a> {
    /// A trial without spans and without a peer, on a runtime that blocks no worker.
    pub fn plain(job: &'a Job, done: &'a Done) -> Self {
        let workload = Workload::from_name(&job.workload).unwrap();
        let (seen, ground) = (Duration::from_millis(11), ProofInputs::default());
        Self { job, workload, blocks_worker: false, done, spans: None, seen, ground }
    }
}
