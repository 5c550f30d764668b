//! monoio: an executor on each thread, an `io_uring` under each executor, and nothing shared.
//!
//! This is what `#[monoio::main(threads = N)]` expands to, in parts, so that the executors can be
//! built before they have work: the first one runs on the main thread, the others on threads of
//! their own, and each has its share of the tasks from the start.
//!
//! Settings: the `io_uring` driver, chosen by name, as the attribute silently falls back to epoll
//! where there is no `io_uring`; the timer; 1024 entries for each ring; one executor unless more
//! are asked for; not pinned. The features are monoio's default ones.
//!
//! The files: `executor` builds one executor, of which [`runner::executors`] makes as many as there
//! are workers, `runtime` lists the workloads, and `tasks` is the work.
//!
//! # What could mislead
//!
//! - **The timer counts whole milliseconds and rounds up**, as tokio's does, of which it is a copy:
//!   a sleep of 1 ms takes about 2.
//! - **There is no yield.** In version 0.2.4 a task that wakes itself, which is how one yields,
//!   goes to the front of the queue and runs again before any other (monoio's issue 322; fixed
//!   upstream, not released).
//! - **A blocking call has nowhere to go**, unless one turns on the feature `sync` and brings a
//!   pool of threads. With that feature every waker may be called from any thread: another runtime
//!   than the one measured here.
//! - The work is divided by hand and nothing is stolen: a fast executor does not help a slow one.
//! - Channels and semaphores are those of `local-sync`. They belong to one executor, need not
//!   exclude other threads, and are cheap for that reason.
//! - A task that never has to wait keeps its executor, however long it has run. A new task runs
//!   when the one that spawned it waits.
//! - Operations are submitted to the kernel when no task is ready, or after twice as many polls as
//!   the queue was long.
//! - **A socket that is dropped is closed by the ring**, when the executor next submits operations,
//!   and there is no other way to close one. The sockets that a round drops last are closed when
//!   the next round begins or the process ends. So up to one ring of close operations is in no
//!   round, and the load of `echo` waits a second for its connections to end.
//! - With several executors, each listens on a socket of its own, and the kernel distributes the
//!   clients of `echo` among them by a hash, which is monoio's default: not quite evenly, and very
//!   unevenly when they are few.

mod executor;
mod runtime;
mod tasks;

pub use runtime::Monoio;
