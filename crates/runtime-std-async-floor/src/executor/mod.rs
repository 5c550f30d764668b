//! An executor of one thread.
//!
//! A future does nothing until it is polled. When it cannot go on, it returns `Pending` and leaves
//! a *waker* with what it waits for; whatever ends the wait calls that waker. So all that an
//! executor has to do is this:
//!
//! ```text
//!   spawn(future)                        anybody, on any thread
//!        │                                      │ wake
//!        ▼                                      ▼
//!   tasks, by number ◀── poll each ─── ready: numbers of tasks
//!                                               ▲ wake
//!   timers, the next first ── those that are due┘
//!
//!   block_on: poll what is ready ▶ is the root done? ▶ wake who is due ▶ nothing ready? park ▶ again
//! ```
//!
//! The parts: [`spawn`], [`block_on`] and [`yield_now`] in `scheduler`, [`sleep`](timer::sleep) in
//! `timer` over the heap of `timers`, and [`channel`] and [`Gate`] for tasks that wait for one
//! another.

pub mod channel;
mod gate;
mod join;
mod scheduler;
pub mod timer;
mod timers;

pub use gate::Gate;
pub use join::JoinHandle;
pub use scheduler::{block_on, spawn, yield_now};
