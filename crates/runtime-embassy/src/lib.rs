//! embassy: async tasks without a heap, made for microcontrollers.
//!
//! On a microcontroller everything is static. A task is an `async fn` with an attribute that says how many of it there
//! can be at once, and the compiler reserves the memory of them all. Nothing is allocated, and a task returns nothing
//! and has no handle: what tasks have to say to one another goes through channels and signals, static as well. That is
//! how it is here, with the executor for std that comes with embassy:
//!
//! ```text
//! threads   main                        one more
//! embassy   run_until(done): all tasks  the clock, asleep until the next timer
//! ```
//!
//! Settings: [`TASKS_MOST`] tasks of each kind, [`CAPACITY`] messages in the channel of `fan-in`, one waiter for the
//! signal by which a task says that it has ended. All that is shared stays on one executor, so that it is guarded by
//! `NoopRawMutex`, as the documentation advises for that.
//!
//! # What could mislead
//!
//! - **A task has a place that is reserved for it**, and to spawn one is to look for the first place that is free, from
//!   the first one on. A thousand tasks that are all alive take half a million looks, ten thousand fifty million:
//!   embassy's programs have a few.
//! - **The memory of the tasks is there before they are.** `hold` sees it all the same, as a page is resident once it
//!   is touched. The signals by which tasks are joined are made before `ready`, as statics would be, and are in no figure.
//! - **A lock or a channel remembers one waiter.** One more that comes wakes the one before, which asks again and wakes
//!   it in turn. A comment in its source says so: "this wastes CPU but things will still work". It shows in `fan-in`,
//!   when the channel is full, and in `mutex` with a yield.
//! - Without a yield nobody ever waits for the lock of `mutex`: each task has all its turns before the next begins.
//! - A task that is spawned runs when the root first waits. The executor takes all tasks that are ready, polls each
//!   once, and looks again.
//! - The clock counts microseconds. When a timer is due, a thread of its own looks through all timers, wakes the tasks
//!   that are due, and with them the main thread.
//! - An executor for std cannot be run twice, so that each round makes one. It is some hundred bytes, and stays.

mod executor;
mod limits;
mod runtime;
mod shared;
mod tasks;

pub use limits::{CAPACITY, TASKS_MOST};
pub use runtime::Embassy;
