//! compio: an executor on each thread, an `io_uring` under each executor, and nothing shared.
//!
//! A task and its timers stay on the thread that they were started on. Reading and writing hand a
//! buffer over to the kernel and get it back with the result.
//!
//! compio also has a `Dispatcher`, which gives closures to threads through a queue that they share.
//! It suits a server that accepts on one thread. It does not say which thread gets which closure,
//! so that all shares could go to one thread. So one executor is built on each thread here, as in
//! its `console` example, and each is given its share.
//!
//! Settings: the `io_uring` driver, the only one in its default features on Linux; 1024 entries for
//! each ring; at most 256 threads for blocking calls, for each executor; I/O polled after 61 tasks;
//! one executor unless more are asked for; not pinned.
//!
//! The files: `executor` builds one executor, of which [`runner::executors`] makes as many as there
//! are workers, `runtime` lists the workloads, and `tasks` is the work.
//!
//! # What could mislead
//!
//! - **It has no channels, and no yield.** Its own code passes messages through the channels of
//!   other crates, and to measure those would say nothing about compio.
//! - The lock of `mutex` and the events of `hold` come from `synchrony`, by the same authors, in
//!   the variant for one thread. That lock is always free here, as no task waits while it has it.
//!   Do not compare it with locks that several threads use.
//! - Wakers may be called from any thread, so that each wake checks which thread it is on.
//! - A timer is an entry in an ordered map: exact, at a cost of log N.
//! - While all threads for blocking calls are busy, an executor with one more call spins until one
//!   is free, and runs no task meanwhile.
//! - The work is divided by hand and nothing is stolen: a fast executor does not help a slow one.
//! - A task that never has to wait keeps its executor, however long it has run. A new task runs
//!   when the one that spawned it waits.
//! - With several executors, each listens on a socket of its own, and the kernel distributes the
//!   clients of `echo` among them by a hash: not quite evenly, and very unevenly when they are few.

mod executor;
mod runtime;
mod tasks;

pub use runtime::Compio;
