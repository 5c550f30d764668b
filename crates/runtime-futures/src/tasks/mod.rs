//! The root of each workload, and the tasks that it spawns and joins.
//!
//! Handles are awaited one after another, and all of them: a task is cancelled when its handle is dropped.

mod basics;
mod join;
mod switching;
mod tree;

pub use basics::{blocking, cpu, hold, spawn};
pub use switching::{fan_in, mutex, ping_pong, yield_now};
pub use tree::{skynet, skynet_local};
