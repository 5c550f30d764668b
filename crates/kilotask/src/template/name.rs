//! The names that a new runtime may have.

/// The longest name, characters.
const MOST: usize = 40;

/// Words that cargo or Rust reserves.
const RESERVED: &str = "\
    abstract alloc as async await become box break build const continue core crate deps do dyn \
    else enum examples extern false final fn for gen if impl in incremental let loop macro \
    match mod move mut override priv proc-macro pub ref return self static std struct super \
    test trait true try type typeof unsafe unsized use virtual where while yield";

/// Checks that a name is plain: it becomes the name of a folder, of a package, of a program and of
/// a row.
///
/// # Errors
/// With what is wrong, and a name that is plain.
pub fn check(name: &str) -> Result<(), String> {
    if is_reserved(name) {
        return Err(format!(
            "{name:?} is reserved for Rust, for cargo or for a counted build; try {:?}",
            format!("{name}-rt")
        ));
    }
    let plain = plain(name);
    if plain == name && !name.is_empty() {
        return Ok(());
    }
    let rule = format!(
        "a name is made of a-z, 0-9 and single hyphens, begins with a letter and has at most {MOST} characters"
    );
    let instead = if plain.is_empty() || is_reserved(&plain) { "my-runtime" } else { &plain };
    Err(format!("{name:?} is not a plain name: {rule}; try {instead:?}"))
}

/// Whether a name is taken already; with `-counted` at its end it is the program of a counted
/// build.
fn is_reserved(name: &str) -> bool {
    RESERVED.split_whitespace().any(|word| word == name) || name.ends_with("-counted")
}

/// The name with everything removed that is not plain.
fn plain(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit());
    let joined = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
    let from_letter = joined.trim_start_matches(|c: char| !c.is_ascii_lowercase());
    from_letter.chars().take(MOST).collect::<String>().trim_end_matches('-').into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_pass() {
        for name in ["smol", "tokio-uring", "x2", "async-std"] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn others_are_refused_with_a_name_that_is_plain() {
        for (name, instead) in [
            ("My Runtime", "my-runtime"),
            ("../etc", "etc"),
            ("tokio_uring", "tokio-uring"),
            ("-x--y-", "x-y"),
            ("9p", "p"),
            ("", "my-runtime"),
            ("übung", "bung"),
            ("async", "async-rt"),
            ("proc-macro", "proc-macro-rt"),
            ("foo-counted", "foo-counted-rt"),
            ("Foo-Counted", "my-runtime"),
        ] {
            let error = check(name).unwrap_err();
            assert!(error.ends_with(&format!("try {instead:?}")), "{error}");
            assert_eq!(check(instead), Ok(()), "{name}");
        }
        assert!(check(&"x".repeat(MOST + 1)).is_err());
    }
}
