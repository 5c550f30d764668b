//! The executor of all tasks.

use smol::Executor;

/// Making one costs nothing, so that it can be a static, and tasks can reach
/// it without counting references.
pub static EXECUTOR: Executor<'static> = Executor::new();
