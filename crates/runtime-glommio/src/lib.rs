//! glommio: an executor on each thread, an `io_uring` under each executor, and nothing shared.
//!
//! - [`Glommio`] is glommio as its authors ship it.
//! - [`GlommioEarlyMembarrier`] is the same, but for one system call at start-up that its first
//!   sleep makes otherwise.
//!
//! The files: `kernel` checks that the machine has what glommio needs and says what is missing,
//! `executor` builds one executor, of which [`runner::executors`] makes as many as there are
//! workers, `runtime` lists the workloads, and `tasks` is the work.
//!
//! # What could mislead
//!
//! - The work is divided by hand and nothing is stolen: a fast executor does not help a slow one.
//!   Yet every spawn takes a lock that all executors share, to find the one that it is on.
//! - `spawn_local` runs the new task at once, up to its first wait. A task that never waits has
//!   therefore ended before the next one begins, and no queue is ever long: so it is in `spawn`, in
//!   `skynet`, whose tree is walked depth first, in `cpu`, and in `mutex` with
//!   `across = "nothing"`, whose lock is always free.
//! - A send into a channel with room, a lock that is free and a socket that has data let a task go
//!   on at once, however long it has run.
//! - Channels and locks belong to one executor. They need not exclude other threads, and are cheap
//!   for that reason.
//! - Each executor has three rings, a thread for blocking calls and 10 MiB of I/O memory
//!   (`io_memory_bytes`, glommio's default), which no workload without files uses. Registering it
//!   makes all of it resident: for the cost of a task take the growth from `ready` to `holding`,
//!   not the total.

mod executor;
mod kernel;
mod runtime;
mod tasks;

pub use runtime::{Glommio, GlommioEarlyMembarrier};
