//! monoio: an executor on each thread, an `io_uring` under each executor, and nothing shared.
//!
//! What `#[monoio::main(threads = N)]` expands to, taken apart so that the executors can be built before
//! they have work: the first runs on the main thread, the others on threads of their own, and each has
//! its share of the tasks from the start.
//!
//! Settings: the `io_uring` driver, asked for by name, as the attribute's own choice is epoll where there is no
//! `io_uring`, without a word; the timer; 1024 entries a ring; one executor unless more are asked for; not
//! pinned. Features: those that monoio comes with.
//!
//! The files: `executor` builds one executor, of which [`runner::executors`] makes as many as there are workers, `runtime`
//! says which workloads there are, and `tasks` is the work.
//!
//! # What could mislead
//!
//! - **The timer counts whole milliseconds and rounds up**, as tokio's does, of which it is a copy: a sleep of 1
//!   ms takes about 2.
//! - **There is no yield.** In version 0.2.4 a task that wakes itself, which is how one yields, goes to the front
//!   of the queue and runs again before any other (monoio's issue 322; mended upstream, not released).
//! - **There is no way out for a blocking call**, unless one turns on the feature `sync` and brings a pool of
//!   threads. That feature makes every waker one that may be called from any thread: another runtime than the
//!   one that is measured here.
//! - Work is shared out by hand and nothing is stolen: a fast executor does not help a slow one.
//! - Channels and semaphores are those of `local-sync`. They belong to one executor, have no other thread to keep
//!   out, and are cheap for that reason.
//! - What is ready makes no task wait, however long it has run; a new task runs when the one that spawned it
//!   waits.
//! - Operations are handed to the kernel when the executor has no task that is ready, or after as many polls as
//!   twice the queue was long.
//! - **A socket that is dropped is closed by the ring**, when the executor next hands operations over, and there is
//!   no other way to close one. Those that a round drops last are closed when the next round begins, or the process
//!   ends: up to a ringful of closing is in no round, and the load of `echo` waits a second for its connections to end.
//! - With several executors, each listens on a socket of its own and the kernel spreads the clients of `echo`
//!   over them by a hash, which is monoio's default: not quite evenly, and very unevenly when they are few.

mod executor;
mod runtime;
mod tasks;

pub use runtime::Monoio;
