//! tokio, with each of its two schedulers.
//!
//! - [`MultiThread`] is `tokio`: worker threads that steal tasks from one another.
//! - [`CurrentThread`] is `tokio-current-thread`: everything on the thread that calls `block_on`.
//!
//! The build `unstable` (`kilotask build tokio@unstable`) has three more, each `tokio` with one of its
//! unstable switches: see the module `unstable`.
//!
//! A task is written the same for all, so the tasks are written once, in `tasks`. Both are set up as
//! `#[tokio::main]` does it: with `enable_all`, so that an idle thread waits in epoll, for timers and
//! I/O alike; and with the root in `block_on`, on the main thread. The features of the crate are
//! `full`.
//!
//! ```text
//! threads      main                   worker 1 … n
//! tokio        block_on(root)         tasks
//! …-current    block_on(root), tasks  –
//! ```
//!
//! # What could mislead
//!
//! - `tokio` has one thread more than workers: the main thread runs the root, which spawns and joins
//!   while the workers run tasks. With one worker that can be a second CPU. A root that is spawned as
//!   a task is a common advice; on the two CPUs where this was measured, `spawn` took half as long
//!   again with it.
//! - The timer counts whole milliseconds and rounds up, and so does the wait in epoll: short sleeps
//!   are too long by a millisecond or more, whatever the scheduler does.
//! - tokio aligns a task to 128 bytes, against false sharing. glibc's allocator pays for that with
//!   gaps: a task of `hold` is an allocation of 256 bytes and takes about 450 of resident memory.
//! - A task that yields comes back when no other is ready and epoll has been asked. The yield of a
//!   task that is alone costs a system call; among a thousand tasks, one yield in 61 does.
//! - A task may do 128 operations on channels, locks and sockets before it is made to yield, ready
//!   or not. Messages and turns with a lock are cheap until then.
//! - More workers are no help to tasks that wait for one another in turn, as in `brigade` or a
//!   single pair of `ping-pong`: at best they stay on one thread, else each step wakes another.
//! - Blocking calls, and files with them, go to a pool of up to 512 threads that start when they
//!   are first needed: a cold round of `blocking` or `file-read` pays for that.

mod current_thread;
mod multi_thread;
mod scheduler;
mod tasks;
#[cfg(tokio_unstable)]
mod unstable;

pub use current_thread::CurrentThread;
pub use multi_thread::MultiThread;
pub use scheduler::Scheduler;
#[cfg(tokio_unstable)]
pub use unstable::{AltTimer, EagerDriver, ShardedBlocking};
