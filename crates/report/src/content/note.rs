//! What must be said beside numbers.

/// What must be said, and the runtime that it is about, if it is about one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Note<'a> {
    pub runtime: Option<&'a str>,
    pub words: String,
}
