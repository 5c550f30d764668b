//! Suggests the nearest right word, for errors about a wrong one.

/// Below this similarity (Jaro–Winkler, 0 to 1) a suggestion would be a guess.
const ALIKE: f64 = 0.75;

/// The end of an error message about an unknown word: `; did you mean "sleep"?`, or, when nothing
/// is near, all words that are known.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let nearest = known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((likeness, candidate)) if likeness >= ALIKE => format!("; did you mean {candidate:?}?"),
        Some(_) => format!("; there are: {}", known.join(", ")),
        None => "; there are none".into(),
    }
}

/// A deserialiser's message about an unknown field, with the nearest field added. Other messages
/// pass unchanged.
pub fn with_nearest_field(message: &str) -> String {
    let words: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    match words.split_first() {
        Some((field, fields)) if message.starts_with("unknown field") => {
            format!("unknown key {field:?}{}", did_you_mean(field, fields.iter().copied()))
        }
        _ => message.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word() {
        assert_eq!(did_you_mean("slep", ["spawn", "sleep", "hold"]), "; did you mean \"sleep\"?");
        assert_eq!(did_you_mean("zzz", ["spawn", "hold"]), "; there are: spawn, hold");
        assert_eq!(did_you_mean("x", []), "; there are none");
    }

    #[test]
    fn an_unknown_field_is_put_in_plain_words() {
        let message = "unknown field `taks`, expected one of `name`, `tasks`";
        assert_eq!(with_nearest_field(message), "unknown key \"taks\"; did you mean \"tasks\"?");
        assert_eq!(with_nearest_field("missing field `name`"), "missing field `name`");
    }
}
