//! What both runs of a comparison have.

use serde::Serialize;

/// The same of both runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Pair<T> {
    /// Of the first run, which the second is compared with.
    pub a: T,
    /// Of the second.
    pub b: T,
}
