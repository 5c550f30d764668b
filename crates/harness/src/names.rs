//! Names of runtimes, and of other builds of one: `tokio@1.41.1` is the runtime `tokio`, built against
//! that version of its crate and isolated from everything else; `tokio@tuned` is the same version,
//! built in another way.

use std::fmt;

/// Whether a name can stand in a file name, a CSV cell and on the command line as it is.
pub fn is_plain(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=64).contains(&name.len()) && name.chars().all(plain) && !name.starts_with('-')
}

/// Whether a name can be that of a runtime or of a version of one: plain, or a plain name with a
/// version.
pub fn is_runtime_name(name: &str) -> bool {
    is_plain(name) || Versioned::parse(name).is_some()
}

/// A version of a runtime, or another build of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Versioned {
    /// The runtime, as its runner calls it.
    pub runtime: String,
    /// The exact version of its crate, or the name of the build.
    pub version: String,
}

impl Versioned {
    /// Reads `tokio@1.41.1` or `tokio@tuned`; `None` where it names neither an exact version nor
    /// what may be the name of a build.
    pub fn parse(name: &str) -> Option<Self> {
        let (runtime, version) = name.split_once('@')?;
        (is_plain(runtime) && (is_version(version) || is_build(version)))
            .then(|| Self { runtime: runtime.into(), version: version.into() })
    }
}

impl fmt::Display for Versioned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.runtime, self.version)
    }
}

/// Whether it may be the name of a build. It begins with a letter, as no version does.
fn is_build(text: &str) -> bool {
    is_plain(text) && text.starts_with(|c: char| c.is_ascii_lowercase())
}

/// Whether it is an exact version, so that it cannot mean another tomorrow: `1.41.1`,
/// `0.2.0-alpha.6`.
pub fn is_version(text: &str) -> bool {
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
    fn names_that_could_leave_their_folder_are_refused() {
        assert!(is_plain("tokio-current-thread"));
        for name in ["", "../x", "<script>", "Tokio", "-x", "a b"] {
            assert!(!is_plain(name), "{name}");
        }
    }

    #[test]
    fn a_version_is_exact_and_a_name_stays_plain() {
        for name in ["tokio@1.41.1", "tokio-current-thread@1.41.1", "x@0.2.0-alpha.6", "tokio@tuned"] {
            assert_eq!(Versioned::parse(name).expect(name).to_string(), name);
            assert!(is_runtime_name(name));
        }
        for name in [
            "tokio",
            "tokio@",
            "tokio@1",
            "tokio@1.41",
            "tokio@^1.41.1",
            "tokio@1.41.1/../x",
            "@1.0.0",
            "x@../y",
            "x@Y",
        ] {
            assert_eq!(Versioned::parse(name), None, "{name}");
        }
        for name in ["x@1.0.0-", "x@1.0.0-../..", "../x@1.0.0", "x@1.0.0@1.0.0"] {
            assert!(!is_runtime_name(name), "{name}");
        }
    }
}
