//! tokio, with each of its two schedulers.
//!
//! - [`MultiThread`] is `tokio`: worker threads that steal tasks from one another.
//! - [`CurrentThread`] is `tokio-current-thread`: everything on the thread that calls `block_on`.
//!
//! A task is written the same for both, so the tasks stand once, in `tasks`. Both run with
//! `enable_all`, as `#[tokio::main]` does: an idle thread waits in epoll, timer and I/O alike.
//!
//! ```text
//! threads      main                          worker 1 … n
//! tokio        block_on(handle of the root)  root, tasks
//! …-current    block_on(root), root, tasks   –
//! ```
//!
//! # What could mislead
//!
//! - The timer counts whole milliseconds and rounds up, and so does the wait in epoll: short sleeps are
//!   long by a millisecond or more, whatever the scheduler does.
//! - tokio aligns a task to 128 bytes, against false sharing. glibc's allocator pays for that with gaps:
//!   a task of `hold` is an allocation of 256 bytes and takes about 450 of resident memory.

mod current_thread;
mod multi_thread;
mod tasks;

pub use current_thread::CurrentThread;
pub use multi_thread::MultiThread;

/// The version of tokio that both are.
const VERSION: &str = runner::locked_version!("tokio");
