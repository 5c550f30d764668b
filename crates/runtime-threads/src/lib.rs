//! OS threads, the kernel's own tasks, in the two ways that programs use them.
//!
//! - [`Threads`] starts a thread for each task and joins it.
//! - [`ThreadPool`] hands the tasks to threads that wait for them.
//!
//! What a task does is plain blocking code of `std`, the same in both. So each subject is one file,
//! with the tasks and the two ways to run them side by side.

mod files;
mod life;
mod net;
mod pipes;
mod switching;
mod thread_pool;
mod threads;
mod tree;
mod work;

pub use thread_pool::ThreadPool;
pub use threads::Threads;

use runner::{Job, Workload};

/// Name of the parameter that says how large a thread's stack is, bytes. The kernel gives memory to
/// the pages that are touched; the rest is address space only.
const STACK_BYTES: &str = "stack_bytes";

/// What `std` gives a thread when nobody says anything.
const STACK_BYTES_DEFAULT: u64 = 2 * 1024 * 1024;

/// Memory mappings of a living thread: its stack, the guard below it, its alternate signal stack
/// and the guard below that.
const MAPPINGS_A_THREAD: u64 = 4;

fn stack_bytes(job: &Job) -> usize {
    let bytes = job.params.get(STACK_BYTES).copied().unwrap_or(STACK_BYTES_DEFAULT);
    usize::try_from(bytes).expect("addresses have 64 bits")
}

fn workload(job: &Job) -> Workload {
    Workload::from_name(&job.workload).expect("the runner knows the workload before it starts a runtime")
}

/// The most files that a job has open at once when so many of its tasks are alive.
fn most_files(job: &Job, alive: u64) -> u64 {
    match workload(job) {
        Workload::Request | Workload::FileRead => alive,
        Workload::Echo => job.tasks.saturating_add(1),
        Workload::Brigade => job.tasks.saturating_add(1).saturating_mul(2),
        _ => 0,
    }
}
