//! Adds a member of the workspace to Cargo.lock, so that builds with `--locked` still work. It does
//! not run cargo, which would ask its registry whether anything else is new.

/// The beginning of the entry of a package.
const ENTRY: &str = "[[package]]\n";

/// The text of a lock file with a new member, sorted in by name. The member depends on `runner`,
/// and for its tests on `harness`.
pub fn with_member(lock: &str, package: &str, version: &str) -> String {
    let new = format!(
        "name = \"{package}\"\nversion = \"{version}\"\ndependencies = [\n \"harness\",\n \"runner\",\n]\n"
    );
    let (head, entries) = lock.split_once(ENTRY).unwrap_or((lock, ""));
    let mut entries: Vec<&str> =
        entries.split(ENTRY).map(str::trim_end).filter(|it| !it.is_empty()).collect();
    let name = |entry: &str| entry.split('"').nth(1).unwrap_or_default().to_string();
    let place = entries.partition_point(|entry| name(entry).as_str() < package);
    entries.insert(place, new.trim_end());
    format!("{head}{ENTRY}{}\n", entries.join(&format!("\n\n{ENTRY}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "# Generated.\nversion = 4\n\n[[package]]\nname = \"runner\"\nversion = \"0.1.0\"\n\
                        dependencies = [\n \"serde\",\n]\n\n[[package]]\nname = \"serde\"\nversion = \"1.0.0\"\n";

    #[test]
    fn a_member_is_sorted_in_and_all_else_stays() {
        let more = with_member(LOCK, "runtime-x", "0.1.0");
        let entry = "[[package]]\nname = \"runtime-x\"\nversion = \"0.1.0\"\ndependencies = [\n \"harness\",\n \"runner\",\n]\n\n";
        assert_eq!(more.replacen(entry, "", 1), LOCK);
        let names: Vec<&str> = more.lines().filter_map(|line| line.strip_prefix("name = ")).collect();
        assert_eq!(names, ["\"runner\"", "\"runtime-x\"", "\"serde\""]);
    }

    #[test]
    fn a_member_can_be_the_last() {
        let more = with_member(LOCK, "zebra", "0.1.0");
        assert!(more.starts_with(LOCK) && more.ends_with("]\n") && !more.ends_with("\n\n"), "{more}");
    }
}
