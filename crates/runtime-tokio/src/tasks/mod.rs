//! The root future of each workload, and the tasks that it spawns and joins.
//!
//! Handles go into a `Vec` of known size and are awaited in order, as most programs do it.
//! `JoinSet` would allocate once more a task, and `join_all` over the futures themselves would
//! measure another thing: one task with many timers, polled under one budget.

mod basics;
mod files;
mod join;
mod net;
mod pipes;
mod switching;
mod tree;
mod work;

pub use basics::{hold, sleep, spawn};
pub use files::file_read;
pub use net::{echo, request};
pub use pipes::brigade;
pub use switching::{fan_in, mutex, ping_pong, yield_now};
pub use tree::skynet;
pub use work::{blocking, cpu, mixed};
