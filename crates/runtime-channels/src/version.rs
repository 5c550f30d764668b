//! The version of a package where Cargo.lock has several.

/// The version of a dependency in Cargo.lock, as `runner::locked_version!` gives it; but where other crates have
/// another version of it, the one that this crate is built with.
macro_rules! version {
    ($package:literal) => {
        $crate::version::ours(
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock")),
            concat!("\"", $package, " "),
            runner::locked_version!($package),
        )
    };
}
pub(crate) use version;

/// What follows `entry` among the dependencies of this crate in the text of a Cargo.lock; `only` where the package has
/// one version, as the lock file then names none.
pub(crate) const fn ours(lock: &'static str, entry: &str, only: &'static str) -> &'static str {
    let here = find(lock, 0, concat!("name = \"", env!("CARGO_PKG_NAME"), "\"\n"));
    let found = find(lock, here, entry);
    if found >= find(lock, here, "\n\n") {
        return only;
    }
    let start = found + entry.len();
    let end = find(lock, start, "\"");
    lock.split_at(end).0.split_at(start).1
}

/// Where `word` next stands in a text, from a place on; its end where it does not.
const fn find(text: &str, from: usize, word: &str) -> usize {
    let (text, word) = (text.as_bytes(), word.as_bytes());
    let mut at = from;
    while at + word.len() <= text.len() {
        let mut same = 0;
        while same < word.len() && text[at + same] == word[same] {
            same += 1;
        }
        if same == word.len() {
            return at;
        }
        at += 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::ours;

    const LOCK: &str = "name = \"other\"\ndependencies = [\n \"flume 0.10.14\",\n]\n\nname = \"runtime-channels\"\n\
                        dependencies = [\n \"flume 0.12.0\",\n \"kanal\",\n]\n\nname = \"z\"\n \"kanal 9\"";

    #[test]
    fn the_version_that_this_crate_depends_on_is_found_among_several() {
        assert_eq!(ours(LOCK, "\"flume ", "none"), "0.12.0");
    }

    #[test]
    fn a_package_with_one_version_has_that() {
        assert_eq!(ours(LOCK, "\"kanal ", "0.1.1"), "0.1.1");
    }
}
