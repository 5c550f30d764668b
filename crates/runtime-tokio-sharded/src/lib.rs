//! tokio without stealing: a current-thread runtime on each thread, and nothing shared.
//!
//! This is how tokio is used where the others of its kind, glommio and monoio, are: an executor a
//! core, and the work divided by hand. actix-rt does so. The runtime is
//! [`LocalRuntime`](tokio::runtime::LocalRuntime), whose tasks need not be `Send`, and are spawned
//! with `spawn_local`, without a `LocalSet`.
//!
//! Settings: `full` and `enable_all`, as in `runtime-tokio`; a runtime a core unless another number
//! is asked for; not pinned.
//!
//! The files: `executor` builds one runtime, of which [`runner::executors`] makes as many as there
//! are workers, `runtime` lists the workloads, and `tasks` is the work.
//!
//! # What could mislead
//!
//! - What holds for `tokio-current-thread` holds here: the timer rounds up to whole milliseconds, and
//!   a task may do 128 operations on channels, locks and sockets before it is made to yield.
//! - The work is divided by hand and nothing is stolen: a fast thread does not help a slow one. Yet
//!   channels and locks are tokio's and cross threads, so that they cost as much as with stealing.
//! - Each runtime has a blocking pool of its own, of up to 512 threads.
//! - With several runtimes, each listens on a socket of its own, and the kernel distributes the
//!   clients of `echo` among them by a hash: not quite evenly, and very unevenly when they are few.

mod executor;
mod runtime;
mod tasks;

pub use runtime::TokioSharded;
