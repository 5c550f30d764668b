//! What an exporter gives.

use serde::Serialize;

/// A run in another format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// The whole file, which ends in a newline.
    pub text: String,
    /// What could not be exported, and why; a sentence each.
    pub left_out: Vec<String>,
}

/// A value as a JSON file.
pub(crate) fn json(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("names and finite numbers serialise to JSON");
    text.push('\n');
    text
}
