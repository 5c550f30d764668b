//! Experiments that are part of the program, for those who measure a runtime of their own without a checkout.

use std::path::Path;

/// By name: the text of their files.
const BUILT_IN: [(&str, &str); 1] = [("basics", include_str!("../../../../experiments/basics.toml"))];

/// The text of a built-in experiment, where a bare name is given: a path to a file has an ending.
pub(super) fn text_of(path: &Path) -> Option<&'static str> {
    let name = path.to_str()?;
    BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
