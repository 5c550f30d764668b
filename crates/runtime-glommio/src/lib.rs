//! glommio: an executor on each thread, an `io_uring` under each executor, and nothing shared.
//!
//! - [`Glommio`] is glommio as its authors ship it.
//! - [`GlommioEarlyMembarrier`] is the same, but for one system call at start-up that its first sleep
//!   makes otherwise.
//!
//! The files: `kernel` asks the machine for what glommio needs and says truly what is missing,
//! `executors` and `pool` build one executor or one a worker and share a round out among them,
//! `workloads` says which workloads there are, and `tasks` is the work.
//!
//! # What could mislead
//!
//! - Work is shared out by hand and nothing is stolen: a fast executor does not help a slow one. Yet every
//!   spawn takes a lock that all executors share, to look up the one that it is on.
//! - `spawn_local` runs the new task at once, up to its first wait. A task that never waits has therefore
//!   ended before the next one begins, and no queue is ever long: so it is in `spawn`, in `skynet`, whose
//!   tree is walked depth first, in `cpu`, and in `mutex`, whose lock is always free.
//! - Nothing that is ready makes a task wait: a send into a channel with room, a lock that is free or a
//!   socket that has data returns at once, however long the task has run.
//! - Channels and locks belong to one executor. There is no other thread to keep out, and they are
//!   cheap for that reason.
//! - Each executor has three rings, a thread for blocking calls and 10 MiB of I/O memory
//!   (`io_memory_bytes`, glommio's default), which no workload without files uses. Registering it
//!   makes all of it resident: for the cost of a task take the growth from `ready` to `holding`, not
//!   the total.

mod early_membarrier;
mod executors;
mod kernel;
mod pool;
mod shipped;
mod tasks;
mod workloads;

pub use early_membarrier::GlommioEarlyMembarrier;
pub use shipped::Glommio;

/// Name of the parameter that says how much I/O memory each executor registers, bytes.
const IO_MEMORY_BYTES: &str = "io_memory_bytes";
/// glommio's documented default; it takes at least 64 KiB, whatever is asked for.
const IO_MEMORY_DEFAULT: u64 = 10 << 20;
