//! Fork and join beside rayon: what else there is for tasks that compute.
//!
//! - [`Chili`] is `chili`: one function, `join`, that calls two closures, of which another thread may take one.
//! - [`BevyTasks`] is `bevy-tasks`: the task pool of the game engine bevy, async tasks on a pool of threads.
//!
//! Both let the thread that asks take part in the work. So `workers` threads are the main thread and one thread less
//! in the pool, where rayon has all of them in its pool and a main thread that waits.
//!
//! ```text
//! threads     main                 worker 1 … n − 1         one more
//! chili       scope: root, tasks   tasks that were shared   the heartbeat, asleep for 100 µs ÷ n
//! bevy-tasks  scope: tasks         tasks                    –
//! ```
//!
//! Settings: as many threads as cores unless asked otherwise, not pinned, stacks of 2 MiB; chili's heartbeat of 100 µs.
//! All are defaults, but that `bevy-tasks` would start a thread for each core and have the main thread beside them.
//! bevy's pool is its `ComputeTaskPool`, "for CPU-intensive work". forte is left out: its newest versions ask for Rust
//! 1.96.
//!
//! # What could mislead
//!
//! - **chili shares work at a heartbeat, not at a fork.** A closure given to `join` is called on the spot, unless the
//!   thread's heartbeat has come, every 100 µs, and somebody is free to take it. Most forks do not even look: once
//!   three are open, one in 64 does. That is how a fork comes to cost next to nothing. It is also why chili has no
//!   `spawn`: nothing is started that has an end of its own.
//! - **A node of `skynet` is a call in chili**, nearly always, while it is a job in rayon and a task in `bevy-tasks`.
//!   Its time per task says what a possible fork costs.
//! - **`cpu` and `blocking` of chili halve the tasks down to single ones**, as rayon's parallel iterator does for
//!   `cpu`. A thread that blocks opens no fork, so that the others get work only when it is through with a call.
//! - **`bevy-tasks` runs on async-executor**, the executor of smol: a queue that all threads share, and one of their
//!   own. A task is a future, `cpu` spawns one for each task, and a node of `skynet` awaits its children: it does not
//!   keep its thread meanwhile.
//! - An idle thread of either sleeps at once, on a condition variable or parked, where one of rayon's searches for
//!   work first.

mod bevy_tasks;
mod chili;

pub use bevy_tasks::BevyTasks;
pub use chili::Chili;
