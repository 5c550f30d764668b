//! compio: an executor on each thread, an `io_uring` under each executor, and nothing shared.
//!
//! A task and its timers stay on the thread that they were started on. Reading and writing hand a buffer
//! over to the kernel and get it back with the result.
//!
//! compio has a `Dispatcher` as well, which deals closures out to threads through a queue that they share. It
//! suits a server that accepts on one thread; it does not say which thread gets what, so that a share of the
//! tasks for each could all go to one. So the executors are built here one a thread, as its `console` example
//! builds them, and each is given its share.
//!
//! Settings: the `io_uring` driver, which is all that its default features have on Linux; 1024 entries a ring;
//! at most 256 threads for blocking calls, for each executor; I/O asked about after 61 tasks; one executor unless
//! more are asked for; not pinned.
//!
//! The files: `executor` builds one executor, of which [`runner::executors`] makes as many as there are workers, `runtime`
//! says which workloads there are, and `tasks` is the work.
//!
//! # What could mislead
//!
//! - **It has no channels, and no yield.** Its own code passes messages through the channels of other crates,
//!   and to measure those would tell nothing of compio.
//! - The lock of `mutex` and what tasks of `hold` wait for come from `synchrony`, by the same authors, in the kind for
//!   one thread. That lock is always free here: a task holds it across no wait. Do not rank it beside locks that
//!   several threads want.
//! - Wakers may be called from any thread, and a task knows its thread by a check that each wake makes.
//! - A timer is an entry in an ordered map: exact, and log N each.
//! - While all threads for blocking calls are busy, the executor that has one more call spins until there is room,
//!   and runs no task meanwhile.
//! - Work is shared out by hand and nothing is stolen: a fast executor does not help a slow one.
//! - What is ready makes no task wait, however long it has run; a new task runs when the one that spawned it
//!   waits.
//! - With several executors, each listens on a socket of its own and the kernel spreads the clients of `echo`
//!   over them by a hash: not quite evenly, and very unevenly when they are few.

mod executor;
mod runtime;
mod tasks;

pub use runtime::Compio;
