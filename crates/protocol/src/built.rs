//! How this program was built. A compiler that stands on the `PATH` later, or flags that are set later, say nothing of that.

use std::collections::BTreeMap;

/// The compiler, its flags and its wrapper, the profile, its level of optimisation, what the environment overrode of it, and
/// the target; what was not set is not there.
pub fn build() -> BTreeMap<String, String> {
    let facts = [
        ("compiler", env!("BUILT_COMPILER")),
        ("flags", env!("BUILT_FLAGS")),
        ("wrapper", env!("BUILT_WRAPPER")),
        ("profile", env!("BUILT_PROFILE")),
        ("opt_level", env!("BUILT_OPT_LEVEL")),
        ("overrides", env!("BUILT_OVERRIDES")),
        ("target", env!("BUILT_TARGET")),
    ];
    let known = facts.into_iter().filter(|(_, value)| !value.is_empty());
    known.map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_knows_its_compiler_and_its_profile() {
        let build = build();
        assert!(build["compiler"].starts_with("rustc "), "{build:?}");
        assert!(!build["profile"].is_empty() && build["profile"] != "build", "{build:?}");
        assert!(build["target"].contains("linux") && build.contains_key("opt_level"), "{build:?}");
    }
}
