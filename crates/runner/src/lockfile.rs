//! The version of a package in a lock file, found at compile time.

/// The version of `package` in the text of a `Cargo.lock`.
///
/// # Panics
/// When the lock file has no such package: a compile error where it is called in a constant.
pub const fn locked_version(lock: &'static str, package: &str) -> &'static str {
    const NAME: &[u8] = b"name = \"";
    const VERSION: &[u8] = b"\"\nversion = \"";
    let (text, package) = (lock.as_bytes(), package.as_bytes());
    let mut at = 0;
    while at < text.len() {
        let name = at + NAME.len();
        let version = name + package.len();
        if stands_at(text, at, NAME) && stands_at(text, name, package) && stands_at(text, version, VERSION) {
            let start = version + VERSION.len();
            let mut end = start;
            while text[end] != b'"' {
                end += 1;
            }
            return lock.split_at(end).0.split_at(start).1;
        }
        at += 1;
    }
    panic!("no such package in Cargo.lock")
}

const fn stands_at(text: &[u8], at: usize, word: &[u8]) -> bool {
    if at + word.len() > text.len() {
        return false;
    }
    let mut i = 0;
    while i < word.len() {
        if text[at + i] != word[i] {
            return false;
        }
        i += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "[[package]]\nname = \"tokio-util\"\nversion = \"0.7.0\"\n\n[[package]]\nname = \"tokio\"\nversion = \"1.54.1\"\n";

    #[test]
    fn the_version_of_the_very_package_is_found() {
        assert_eq!(locked_version(LOCK, "tokio"), "1.54.1");
        assert_eq!(locked_version(LOCK, "tokio-util"), "0.7.0");
    }

    #[test]
    #[should_panic(expected = "no such package")]
    fn a_package_that_is_not_locked_has_no_version() {
        locked_version(LOCK, "smol");
    }
}
