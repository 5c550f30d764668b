//! Versions of one crate as runtimes of their own: `tokio@1.41.1` is what `tokio` is, built against that
//! version of the crate and apart from all else.

use std::fmt;

use crate::discover::is_plain;

/// A runtime of a version that is named: `tokio@1.41.1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Versioned {
    /// The runtime, as its runner calls it.
    pub runtime: String,
    /// The version of its crate, all three numbers of it.
    pub version: String,
}

impl Versioned {
    /// What a name says, if it names a version.
    pub fn parse(name: &str) -> Option<Self> {
        let (runtime, version) = name.split_once('@')?;
        (is_plain(runtime) && is_version(version))
            .then(|| Self { runtime: runtime.into(), version: version.into() })
    }

    /// A name without its version: how the runner itself calls the runtime.
    pub fn own_name(name: &str) -> &str {
        name.split_once('@').map_or(name, |(runtime, _)| runtime)
    }
}

impl fmt::Display for Versioned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.runtime, self.version)
    }
}

/// Whether a name can be that of a runtime or of a version of one: such a name can stand in a file name, a
/// CSV cell and on the command line as it is.
pub fn is_runtime_name(name: &str) -> bool {
    is_plain(name) || Versioned::parse(name).is_some()
}

/// Whether it is an exact version, so that it cannot mean another tomorrow: `1.41.1`, `0.2.0-alpha.6`.
fn is_version(text: &str) -> bool {
    let (numbers, rest) = text.split_once('-').map_or((text, None), |(numbers, rest)| (numbers, Some(rest)));
    let numbers: Vec<&str> = numbers.split('.').collect();
    let is_number = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_pre = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
    };
    text.len() <= 32 && numbers.len() == 3 && numbers.iter().all(is_number) && rest.is_none_or(is_pre)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_exact_and_a_name_stays_plain() {
        for name in ["tokio@1.41.1", "tokio-current-thread@1.41.1", "x@0.2.0-alpha.6"] {
            assert_eq!(Versioned::parse(name).expect(name).to_string(), name);
            assert!(is_runtime_name(name));
        }
        for name in
            ["tokio", "tokio@", "tokio@1", "tokio@1.41", "tokio@^1.41.1", "tokio@1.41.1/../x", "@1.0.0"]
        {
            assert_eq!(Versioned::parse(name), None, "{name}");
        }
        for name in ["x@1.0.0-", "x@1.0.0-../..", "../x@1.0.0", "x@1.0.0@1.0.0"] {
            assert!(!is_runtime_name(name), "{name}");
        }
    }

    #[test]
    fn the_runner_knows_nothing_of_versions() {
        assert_eq!(Versioned::own_name("tokio@1.41.1"), "tokio");
        assert_eq!(Versioned::own_name("tokio"), "tokio");
    }
}
