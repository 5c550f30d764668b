//! glommio: an executor on each thread, an `io_uring` under each executor, and nothing shared.
//!
//! - [`Glommio`] is glommio as its authors ship it.
//! - [`GlommioEarlyMembarrier`] is the same, but for one system call at start-up that its first sleep
//!   makes otherwise.
//!
//! The files: `kernel` asks the machine for what glommio needs and says truly what is missing,
//! `pool` is one executor a worker where more than one is asked for, `tasks` is the work.
//!
//! # What could mislead
//!
//! - Work is sharded by hand and nothing is stolen: a fast executor does not help a slow one. Yet every
//!   spawn takes a lock that all executors share, to look up the one that it is on.
//! - `spawn_local` runs the new task at once, up to its first wait. A task of `spawn` has therefore
//!   ended before the next one begins, and no queue is ever long.
//! - Each executor has three rings, a thread for blocking calls and 10 MiB of I/O memory
//!   (`io_memory_bytes`, glommio's default), which no workload without files uses. Registering it
//!   makes all of it resident: for the cost of a task take the growth from `ready` to `holding`, not
//!   the total.

mod early_membarrier;
mod kernel;
mod pool;
mod shipped;
mod tasks;

pub use early_membarrier::GlommioEarlyMembarrier;
pub use shipped::Glommio;
