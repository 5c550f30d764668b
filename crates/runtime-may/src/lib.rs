//! may: stackful coroutines on a few OS threads.

mod may;

pub use may::May;
