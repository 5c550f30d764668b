//! What a trial is checked against.

use std::time::Duration;

use protocol::{Done, Job, ProofInputs, Span, Workload};

/// What the harness saw of a trial between `go` and `done`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outside {
    /// What passed.
    pub wall: Duration,
    /// How long of it the runner waited for our `go`, at `holding`.
    pub paused: Duration,
    /// CPU time that its processes used; `None` where it could not be read.
    pub cpu: Option<Duration>,
}

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
    pub outside: Outside,
    /// Whether it ran in an emulator, where any pause may be long.
    pub is_emulated: bool,
    /// The most requests that were open at once at the origin.
    pub most_open: Option<u64>,
    /// What the harness knows and the runner does not, or only since `go`.
    pub ground: ProofInputs<'a>,
}

/// The seed of trials in tests.
#[cfg(test)]
pub const SEED: u64 = 7;

#[cfg(test)]
impl<'a> Evidence<'a> {
    /// A trial without spans and without a peer, on a runtime that blocks no worker.
    pub fn plain(job: &'a Job, done: &'a Done) -> Self {
        let outside = Outside { wall: Duration::from_millis(11), paused: Duration::ZERO, cpu: None };
        Self {
            job,
            workload: Workload::from_name(&job.workload).unwrap(),
            blocks_worker: false,
            done,
            spans: None,
            outside,
            is_emulated: false,
            most_open: None,
            ground: ProofInputs { seed: SEED, ..ProofInputs::default() },
        }
    }
}
