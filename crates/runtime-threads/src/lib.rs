//! OS threads, the kernel's own tasks, in the two ways that programs use them: threads of `std`, with
//! what crossbeam adds to it.
//!
//! - [`Threads`] starts a thread for each task and joins it.
//! - [`ThreadPool`] hands the tasks to threads that wait for them.
//! - [`ThreadsCondvar`] and [`ThreadsStdChannel`] are [`Threads`] with other channels.
//!
//! What a task does is plain blocking code of `std`, the same in both. So the tasks of each subject
//! are one file, and either runtime can `Spawn` them.

mod channels;
mod crew;
mod files;
mod life;
mod net;
mod pipes;
mod pool;
mod spawn;
mod stack;
mod switching;
mod thread_pool;
mod threads;
mod tree;
mod variants;
mod work;

pub use crew::Threads;
pub use pool::ThreadPool;
pub use variants::{ThreadsCondvar, ThreadsStdChannel};
