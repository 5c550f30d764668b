//! The tasks, each workload with the root that spawns and joins them.
//!
//! Handles are awaited one after another, and all of them: a task is cancelled when its handle is
//! dropped.

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
