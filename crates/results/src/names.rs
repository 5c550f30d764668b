//! Names: what may stand in a file's name, a row and a command line as it is.
//!
//! Those of runtimes may be of other builds of one: `tokio@1.41.1` is the runtime `tokio`, built against
//! that version of its crate and isolated from everything else; `tokio@tuned` is the same version,
//! built in another way.

use std::fmt;

/// Whether a name can stand in a file name, a CSV cell and on the command line as it is.
pub fn is_plain(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=64).contains(&name.len()) && name.chars().all(plain) && !name.starts_with('-')
}

/// Whether a name can be that of a parameter: as a plain one, with underscores.
pub fn is_param_name(name: &str) -> bool {
    is_plain(&name.replace('_', "x"))
}

/// The longest name of a cell or of a group, bytes. The file of its spans adds an ending, and one more while it is written.
const MAX_FILE_NAME: usize = 230;

/// Whether a name can be that of a cell or of a group, and so of a file: letters, digits and a few signs, none of which
/// leads out of a folder.
pub fn is_file_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@' | '+');
    (1..=MAX_FILE_NAME).contains(&name.len()) && name.chars().all(fits) && !name.starts_with(['.', '-'])
}

/// A plain name that is like a text: what cannot stand in one becomes a hyphen.
pub fn plain_like(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = text.chars().map(plain).take(64).collect();
    let name = name.trim_start_matches('-');
    if name.is_empty() { "runner".into() } else { name.into() }
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
    fn a_name_of_a_cell_stays_in_its_folder() {
        for name in ["x_sleep-1000-1ms_tokio@0.2.0-alpha.6", "a", "x_sleep-1-1s500ms_c-liburing", "n+1"] {
            assert!(is_file_name(name), "{name}");
        }
        let long = "x".repeat(231);
        for name in ["", ".", "..", "../x", "a/b", "a\\b", "a\nb", "a b", "-x", ".x", "a\0", "ä", "=x", &long]
        {
            assert!(!is_file_name(name), "{name:?}");
        }
        assert!(is_param_name("stack_bytes") && !is_param_name("stack bytes") && !is_param_name(""));
    }

    #[test]
    fn a_plain_name_is_made_of_any_text() {
        for (text, name) in
            [("My Runner.sh", "my-runner-sh"), ("..", "runner"), ("tokio", "tokio"), ("", "runner")]
        {
            assert_eq!(plain_like(text), name);
            assert!(is_plain(&plain_like(text)));
        }
        assert!(is_plain(&plain_like(&"\n=".repeat(999))));
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
