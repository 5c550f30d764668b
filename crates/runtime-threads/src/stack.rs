//! The stack of a thread.

use runner::Job;

/// Name of the parameter that says how large a thread's stack is, bytes. The kernel gives memory to
/// the pages that are touched; the rest is address space only.
pub const STACK_BYTES: &str = "stack_bytes";

/// The default of `std`.
pub const STACK_BYTES_DEFAULT: u64 = 2 * 1024 * 1024;

/// Memory mappings of a living thread: its stack, the guard below it, its alternate signal stack
/// and the guard below that.
pub const MAPPINGS_A_THREAD: u64 = 4;

pub fn stack_bytes(job: &Job) -> usize {
    let bytes = job.params.get(STACK_BYTES).copied().unwrap_or(STACK_BYTES_DEFAULT);
    usize::try_from(bytes).expect("addresses have 64 bits")
}
