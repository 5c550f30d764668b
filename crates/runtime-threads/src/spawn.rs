//! What the two ways to run tasks have in common.

/// Runs tasks: each on a thread of its own, or on whichever of a pool is free.
pub trait Spawn {
    /// Starts a task.
    fn spawn(&mut self, task: impl FnOnce() -> u64 + Send + 'static);
}
