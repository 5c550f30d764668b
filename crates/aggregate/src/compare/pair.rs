//! What both sides of a comparison have.

use serde::Serialize;

/// The same of both sides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Pair<T> {
    /// Of the first side, which the second is compared with.
    pub a: T,
    /// Of the second.
    pub b: T,
}

impl<T> Pair<T> {
    /// What something makes of each.
    pub fn map<U>(self, mut f: impl FnMut(T) -> U) -> Pair<U> {
        Pair { a: f(self.a), b: f(self.b) }
    }

    /// Both by reference.
    pub fn each(&self) -> Pair<&T> {
        Pair { a: &self.a, b: &self.b }
    }
}
