//! What async costs with nothing but the standard library: an executor of one thread, short enough
//! to be read in half an hour.
//!
//! The row `floor` shows what a workload costs with no tasks at all. This one shows what the
//! smallest executor adds to that. So it shows how much of another row is async itself, and how
//! much its authors put around it: threads that share work, sockets, priorities, metrics.
//!
//! Read `executor/scheduler.rs` first, then `executor/timer.rs` and `executor/channel.rs`; there is
//! no unsafe code. The `workload` module uses them like any other runtime.
//!
//! # What could mislead
//!
//! - It is a floor of simplicity, not of speed. Runtimes with years of work in them keep a task in
//!   one allocation; here there are three: the future, its waker, and the place of its result. And
//!   they keep on one thread what is behind a lock here, because any thread may wake a task.
//! - A task that was spawned runs when the root first waits, and the queue is served in order: of a
//!   tree of tasks each level is alive before the next has run.
//! - Timers are as exact as the kernel's futex: nothing is rounded. A heap of timers costs log N
//!   for each, where a wheel, like tokio's, costs the same for any number, but rounds to its ticks.
//! - There are no sockets, pipes or files: std can only wait for one at a time. To wait for many
//!   takes a reactor, which is most of the difference to a full runtime.

pub mod executor;
mod runtime;
mod workload;

pub use runtime::StdAsyncFloor;
