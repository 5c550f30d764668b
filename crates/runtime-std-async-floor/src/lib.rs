//! What async costs when there is nothing but the standard library: an executor of one thread, small
//! enough to be read in one sitting.
//!
//! The row `floor` shows what a workload costs with no tasks at all. This one shows what the least of
//! executors adds to that, and so how much of another row is async itself and how much is what its
//! authors put around it: threads that share work, sockets, priorities, metrics.
//!
//! Read `executor` first, then `executor/timer.rs` and `executor/channel.rs`; there is no unsafe code. The
//! `workload` module uses them as one would use any runtime.
//!
//! # What could mislead
//!
//! - It is a floor of simplicity, not of speed. Runtimes that people worked on for years keep a task in one
//!   allocation (here there are three: the future, its waker, and where its result goes), and keep to one
//!   thread what here is behind a lock, because any thread may wake a task.
//! - A task that was spawned runs when the root first waits, and the queue is served in order: of a tree of
//!   tasks each level is alive before the next has run.
//! - Timers are as exact as the kernel's futex: nothing is rounded. A heap of timers costs log N for each, where
//!   a wheel, as tokio has it, costs the same for any number, at the price of its grain.
//! - There are no sockets, pipes or files: std can wait for one at a time only. To wait for many is what a
//!   reactor is for, and what the difference to a real runtime mostly is.

pub mod executor;
mod runtime;
mod workload;

pub use runtime::StdAsyncFloor;
