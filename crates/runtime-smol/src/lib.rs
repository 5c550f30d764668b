//! smol: small crates put together, with an executor that any thread may run.
//!
//! smol has no runtime to be built. There is an [`Executor`](smol::Executor), a queue of tasks; whoever
//! calls its `run` runs tasks until the future given to it is done; and `block_on` runs one future on the
//! calling thread, which looks after timers and sockets whenever it would otherwise wait.
//!
//! `smol::spawn` has an executor of its own, with one thread unless an environment variable asks for more.
//! The documentation recommends it for tests and small programs, and otherwise an executor that one makes
//! oneself. So it is done here, in the two ways that the documentation of `Executor` shows:
//!
//! ```text
//! workers   main                              worker 1 … n
//! 1         block_on(run(root)): root, tasks  –
//! n         block_on(handle of the root)      block_on(run(until stopped)): root, tasks
//! ```
//!
//! Settings: a worker a core unless asked otherwise, which is what `smol-macros` starts; not pinned, stacks
//! of 2 MiB, as `std` has them; at most 500 threads for blocking calls. All are defaults.
//!
//! # What could mislead
//!
//! - **There is one more thread than workers, "async-io"**, which watches timers and sockets when no
//!   `block_on` does. It mostly sleeps. With several workers the main thread, which waits for the root, watches
//!   as well, as any thread in `block_on` may; what it sees, it has to wake a worker for.
//! - **Everything that becomes ready goes into one queue that all workers share**; a worker takes half of it
//!   at a time, up to 512 tasks, into a queue of its own, from which others steal. There is no short way
//!   from a task to the one that it wakes.
//! - Each spawn and each end of a task takes one lock, under which the executor keeps a list of all tasks, to
//!   drop them when it is dropped.
//! - A timer is an entry in one ordered map that all threads share.
//! - Nothing that is ready makes a task wait: a message, a lock that is free or a socket with data costs
//!   no trip through the queue, however long the task has run. A worker asks for timers and sockets after
//!   200 tasks at the latest.
//! - Blocking calls, and files with them, go to a pool whose threads start when they are first needed, one
//!   for every five calls that wait.

mod executor;
mod runtime;
mod tasks;

pub use runtime::Smol;
