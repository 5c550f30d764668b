//! futures: the crate of the traits that all async Rust is written against, and the two executors that come with it.
//!
//! - [`LocalPool`] is `futures-local-pool`: all tasks on the thread that calls `run_until`.
//! - [`ThreadPool`] is `futures-thread-pool`: any number of tasks on a fixed number of threads.
//!
//! They are what a library is tested with, and what a program uses that wants tasks and nothing else. There is no
//! timer, and nothing waits for sockets or files: workloads that need one are unsupported. Channels, the lock and the
//! handles of tasks are those of the crate, the same for both. So the tasks are written once, in `tasks`, for any
//! executor that has its trait `Spawn`. Only `skynet` is written twice: its nodes spawn tasks themselves, so that each
//! holds the spawner of its executor, and the two have different types.
//!
//! ```text
//! threads       main                               worker 1 … n
//! …-local-pool  run_until(root): root, tasks       –
//! …-thread-pool block_on(root): root               tasks
//! ```
//!
//! Settings: `pool_size` is a worker for each core unless asked otherwise; not pinned; stacks of 2 MiB. All are
//! defaults. The root is given to `block_on` on the main thread, as in the example at the head of the crate's
//! documentation.
//!
//! # What could mislead
//!
//! - **`ThreadPool` has one queue**, a channel of std behind two locks, one for each end. An idle worker waits for a
//!   task with the lock in its hand, and the others wait for that lock: no worker has a queue of its own, and nothing
//!   is stolen. Whatever wakes a task sends it through that queue.
//! - **A task of `ThreadPool` that wakes itself runs again at once**, before any other. So it has no `yield`, and no
//!   `mutex` with a yield.
//! - **A task of `LocalPool` that was spawned runs when the root first waits**, and the root is polled again and again
//!   meanwhile: whenever every task had a turn, and after every second task that yields.
//! - **A handle is a channel of its own** (`RemoteHandle`, over `oneshot`), and what a task panics with goes through
//!   it. `spawn` pays for that: besides the task, it allocates the channel and a flag.
//! - **A bounded channel holds a message a sender more** than it is asked to, as each sender has a place of its own.
//!   With as many senders as places, `fan-in` waits half as often as it would elsewhere.
//! - `send` also waits until the message is no longer beyond the channel's bound. In `fan-in`, `feed` is used, as its
//!   documentation advises for more than one message.
//! - The lock is not fair, and its documentation says so: who asks first gets it, which mostly is the task that is
//!   running. On `LocalPool` nobody ever waits for it, unless its owner yields.
//! - A message that has arrived and a lock that is free cost no trip through a queue, however long a task has run:
//!   there is no budget.

mod executor;
mod local_pool;
mod tasks;
mod thread_pool;

pub use local_pool::LocalPool;
pub use thread_pool::ThreadPool;
