//! smol: small crates put together, with an executor that any thread may run.
//!
//! smol has no runtime that has to be built. There is an [`Executor`](smol::Executor), a queue of
//! tasks. A thread that calls its `run` runs tasks until the future given to it is done. And
//! `block_on` runs one future on the calling thread, which serves timers and sockets whenever it
//! would otherwise wait.
//!
//! `smol::spawn` has an executor of its own, with one thread unless an environment variable asks
//! for more. The documentation recommends it for tests and small programs, and otherwise an
//! executor of one's own. That is used here, in the two ways that the documentation of `Executor`
//! shows:
//!
//! ```text
//! workers   main                              worker 1 … n
//! 1         block_on(run(root)): root, tasks  –
//! n         block_on(handle of the root)      block_on(run(until stopped)): root, tasks
//! ```
//!
//! Settings: a worker for each core unless asked otherwise, which is what `smol-macros` starts; not
//! pinned; stacks of 2 MiB, the default of `std`; at most 500 threads for blocking calls. All are
//! defaults.
//!
//! # What could mislead
//!
//! - **There is one more thread than workers, "async-io"**, which watches timers and sockets when
//!   no `block_on` does. It mostly sleeps. With several workers the main thread, which waits for
//!   the root, may watch as well, like any thread in `block_on`; for each event that it sees it has
//!   to wake a worker.
//! - **Everything that becomes ready goes into one queue that all workers share**; a worker takes
//!   half of it at a time, up to 512 tasks, into a queue of its own, from which others steal. A
//!   task that is woken has no shortcut to the worker of the task that woke it.
//! - Each spawn and each end of a task takes one lock, under which the executor keeps a list of all
//!   tasks, to drop them when it is dropped. `smol-static` ([`SmolStatic`]) has another executor, for
//!   statics alone, which has no such list; all else in it is the same.
//! - A timer is an entry in one ordered map that all threads share.
//! - A message that has arrived, a lock that is free and a socket with data cost no trip through
//!   the queue, however long the task has run. A worker checks timers and sockets after 200 tasks
//!   at the latest.
//! - Blocking calls, and files with them, go to a pool whose threads start when they are first
//!   needed, one for every five calls that wait.

mod executor;
mod runtime;
mod tasks;

pub use runtime::{Smol, SmolStatic};
