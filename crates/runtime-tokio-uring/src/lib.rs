//! tokio-uring: tokio's current-thread scheduler with an `io_uring` beside its epoll.
//!
//! A program that uses it has two reactors. tokio's own waits in epoll, for timers and for what
//! else of tokio is in use. The ring is one of the files that this epoll watches, and operations
//! are submitted to it whenever the thread is about to wait. Files and sockets are tokio-uring's,
//! everything else is tokio's: `spawn_local` in a `LocalSet`, `tokio::time`, `tokio::sync`. For
//! several threads its documentation says to start a runtime on each.
//!
//! Its last release is from 2024. It is here because it builds and runs on a current compiler and
//! kernel.
//!
//! Settings: 256 entries for each ring; one runtime unless more are asked for; not pinned. All are
//! defaults.
//!
//! The files: `executor` builds one runtime, of which [`runner::executors`] makes as many as there
//! are workers, `runtime` lists the workloads, and `tasks` is the work.
//!
//! # What could mislead
//!
//! - What holds for `tokio-current-thread` holds here: the timer rounds up to whole milliseconds, a
//!   task may do 128 operations on channels and locks before it is made to yield, and yields and
//!   spawns go through a `LocalSet`, which costs a little more than the scheduler's own queue.
//! - An operation also costs a trip through epoll: the ring's completions are seen when epoll
//!   reports them.
//! - The work is divided by hand and nothing is stolen: a fast thread does not help a slow one. Yet
//!   channels and locks are tokio's and cross threads.
//! - With several runtimes, each listens on a socket of its own, and the kernel distributes the
//!   clients of `echo` among them by a hash: not quite evenly, and very unevenly when they are few.

mod executor;
mod runtime;
mod tasks;

pub use runtime::TokioUring;
