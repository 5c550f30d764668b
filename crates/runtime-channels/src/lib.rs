//! Channels of other crates: what a message costs with the channel exchanged and all else the same.
//!
//! Only `ping-pong` and `fan-in` go through channels, so that these rows have only those two. Each row is a variant of
//! the runtime on which it runs:
//!
//! - [`OnTokio`]: tasks of tokio's multi-threaded scheduler, beside the row `tokio`, whose channel is tokio's own
//!   `mpsc`. Its features are `full`, all else is its default, and the root is given to `block_on` on the main thread.
//! - [`OnThreads`]: a thread of std for each task, with the default stack of 2 MiB, beside the row `threads`. `workers`
//!   is the number of CPUs that they may use.
//!
//! The tasks are written once for each of the two. A library says in its own file how it makes a channel, sends and
//! receives: for one message in `ping-pong`, and for `capacity` messages in `fan-in`.
//!
//! | library | its channel | who waits |
//! | --- | --- | --- |
//! | [`Flume`] | a queue behind one lock of std | a thread sleeps at once; a task waits at once |
//! | [`Kanal`] | a queue behind a lock of its own | a thread calls `sched_yield` up to 256 times, then sleeps; a task waits at once |
//! | [`Crossfire`] | a ring without a lock, one for each pattern | a thread spins and calls `sched_yield`, then sleeps; a task spins if the channel is small, then waits |
//! | [`AsyncChannel`] | a queue without a lock | a task waits at once |
//!
//! Settings: default features, and what the README of each shows. flume has a feature `spin`, which is off. crossfire
//! asks to have `detect_backoff_cfg` called: where there is one CPU, it then yields instead of spinning.
//!
//! # What could mislead
//!
//! - **A thread that spins or yields before it sleeps** is quick where the other side runs meanwhile, on another CPU
//!   or after a `sched_yield` on the same one. Then a hop may need no wake-up at all. With many pairs the CPU time that
//!   it takes is another pair's. flume does neither, and pays a sleep and a wake-up for each hop.
//! - **crossfire spins in a task too**, on its worker, in channels of few messages: for about a hundred pauses. With
//!   one worker nobody else can run meanwhile, and the time is lost; tokio's scheduler knows nothing of it. The
//!   channel of `fan-in` is too large for that, unless `capacity` is small.
//! - **kanal's lock spins, and then sleeps**, first for as long as the kernel's timers allow and then for a
//!   millisecond, in tasks of tokio as well. It is held for a short time, so that this is rare, unless the kernel takes
//!   the CPU from its owner.
//! - **tokio counts operations on its own channels**, and has a task yield after 128 of them. It does not see these: a
//!   task that always finds a message, or room for one, goes on until it has to wait.
//! - kanal and flume hand a message to a task or thread that waits for one; async-channel and crossfire wake it, and it
//!   takes the message itself.
//! - crossfire has a channel for each pattern, and these are used: one sender and one receiver for a pair, many
//!   senders and one receiver for `fan-in`. The others have one kind, for many of both.

mod async_channel;
mod channels;
mod crossfire;
mod flume;
mod kanal;
mod on_threads;
mod on_tokio;
mod version;

pub use async_channel::AsyncChannel;
pub use crossfire::Crossfire;
pub use flume::Flume;
pub use kanal::Kanal;
pub use on_threads::OnThreads;
pub use on_tokio::OnTokio;
