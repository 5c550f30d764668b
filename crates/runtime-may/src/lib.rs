//! may: stackful coroutines on a few OS threads.

mod joining;
mod may;
mod net;
mod pipes;
mod spawning;
mod switching;
mod tree;
mod work;

pub use may::{May, MayPrestarted};
