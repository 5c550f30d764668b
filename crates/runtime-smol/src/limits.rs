//! What a job needs of the machine, seen to before it starts.

use runner::limits::{require_files, require_threads};
use runner::workload::{self, call};
use runner::{Job, Refusal, Workload, require_readable};

/// Threads for blocking calls at most: smol's default.
const BLOCKING_THREADS: u64 = 500;

/// Files that smol opens for itself (epoll, an event to wake it, a timer), and then some.
const OWN_FILES: u64 = 8;

/// The thread that watches timers and sockets when nobody else does.
const WATCHER: u64 = 1;

/// Refuses a job that would run into a limit midway.
///
/// # Errors
/// With the limit and the mend.
pub fn require(job: &Job, worker_threads: u64) -> Result<(), Refusal> {
    let Some(workload) = Workload::from_name(&job.workload) else { return Ok(()) };
    require_threads(worker_threads + WATCHER + blocking_threads(job, workload))?;
    require_files(files(job, workload).saturating_add(OWN_FILES))?;
    require_readable(job)
}

/// Threads for blocking calls that may start: no more than there are calls, up to their limit.
fn blocking_threads(job: &Job, workload: Workload) -> u64 {
    let blocks = match workload {
        Workload::FileRead => true,
        Workload::Blocking => workload.param(&job.params, workload::CALL) == call::ESCAPE,
        _ => false,
    };
    if blocks { job.tasks.min(BLOCKING_THREADS) } else { 0 }
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
