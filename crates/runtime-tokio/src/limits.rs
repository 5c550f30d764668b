//! What a job needs of the machine, seen to before it starts.

use runner::limits::{require_files, require_threads};
use runner::workload::{self, call};
use runner::{Job, Refusal, Workload, require_readable};

/// Threads of the blocking pool at most, beside the workers: the default of tokio's `Builder`.
const BLOCKING_THREADS: u64 = 512;

/// Files that the runtime opens for itself (epoll, twice, and an event to wake it), and then some.
const OWN_FILES: u64 = 8;

/// Refuses a job that would run into a limit midway.
///
/// # Errors
/// With the limit and the mend.
pub fn require(job: &Job, worker_threads: u64) -> Result<(), Refusal> {
    let Some(workload) = Workload::from_name(&job.workload) else { return Ok(()) };
    require_threads(worker_threads + blocking_threads(job, workload))?;
    match files(job, workload) {
        0 => {}
        files => require_files(files.saturating_add(OWN_FILES))?,
    }
    require_readable(job)
}

/// Threads that the blocking pool may start: one for each task that waits for it, up to its limit.
fn blocking_threads(job: &Job, workload: Workload) -> u64 {
    let uses_pool = match workload {
        Workload::FileRead => true,
        Workload::Blocking => workload.param(&job.params, workload::CALL) == call::ESCAPE,
        _ => false,
    };
    if uses_pool { job.tasks.min(BLOCKING_THREADS) } else { 0 }
}

/// Files that the tasks have open at once.
fn files(job: &Job, workload: Workload) -> u64 {
    match workload {
        Workload::Brigade => job.tasks.saturating_add(1).saturating_mul(2),
        Workload::Echo => job.tasks.saturating_add(1),
        Workload::Request | Workload::FileRead => job.tasks,
        _ => 0,
    }
}
