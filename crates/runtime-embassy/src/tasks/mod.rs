//! The root of each workload, and the tasks that it spawns and waits for.
//!
//! Each kind of task is a function with an attribute, which makes of it a pool of places and a function that takes one.

mod basics;
mod switching;
mod work;

pub use basics::{hold, sleep, spawn_all};
pub use switching::{fan_in, mutex, ping_pong, yields};
pub use work::{blocking, cpu, mixed};
