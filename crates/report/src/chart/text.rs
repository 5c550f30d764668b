//! Text in a drawing: its characters, its width, and its place.

use svg::node::element::Text;

use super::path::tenth;

/// The part of a text that is at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// A text. Its size follows from its class: `small` is 11 units, `big` 13, others 12; `strong` is
/// bold.
pub fn text((x, y): (f64, f64), anchor: Anchor, class: &str, words: &str) -> Text {
    let text = Text::new(clean(words)).set("x", tenth(x)).set("y", tenth(y));
    let text = match anchor {
        Anchor::Start => text,
        Anchor::Middle => text.set("text-anchor", "middle"),
        Anchor::End => text.set("text-anchor", "end"),
    };
    if class.is_empty() { text } else { text.set("class", class) }
}

/// A text that starts at its place, as most do.
pub fn label(at: (f64, f64), class: &str, words: &str) -> Text {
    text(at, Anchor::Start, class, words)
}

/// The text without characters that XML does not allow, not even escaped. The `svg` crate escapes
/// markup, but not control characters.
pub fn clean(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\n' | '\r' | '\t' => ' ',
            '\u{fffe}' | '\u{ffff}' => char::REPLACEMENT_CHARACTER,
            other if other.is_control() => char::REPLACEMENT_CHARACTER,
            other => other,
        })
        .collect()
}

/// The text as part of the name of a file: ASCII letters, digits and hyphens.
pub fn slug(text: &str) -> String {
    text.chars().map(|character| if character.is_ascii_alphanumeric() { character } else { '-' }).collect()
}

/// About the width of a text in a common sans serif of this size, rather too wide than too narrow.
pub fn width(text: &str, size: f64) -> f64 {
    size * text.chars().map(em).sum::<f64>()
}

/// The width of a character in units of the font's size.
fn em(character: char) -> f64 {
    match character {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 0.3,
        'f' | 't' | 'r' | ' ' | '-' | '/' | '(' | ')' | '[' | ']' => 0.4,
        'm' | 'w' | 'M' | 'W' | '%' | '@' | '…' => 0.92,
        'A'..='Z' => 0.7,
        '\u{0}'..='\u{2e7f}' => 0.59,
        // Scripts whose characters are as wide as they are high.
        _ => 1.0,
    }
}

/// As much of the text as there is room for; a text that was cut ends in an ellipsis.
pub fn fit(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.into();
    }
    let mut left = room - width("…", size);
    let fitting = text.chars().take_while(|character| {
        left -= size * em(*character);
        left >= 0.0
    });
    format!("{}…", fitting.collect::<String>().trim_end())
}

/// The text in at most so many lines, broken between words; the rest is cut.
pub fn wrap(text: &str, size: f64, room: f64, lines: usize) -> Vec<String> {
    let mut wrapped: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let goes_on = wrapped
            .last()
            .is_some_and(|line| wrapped.len() == lines || width(&format!("{line} {word}"), size) <= room);
        match wrapped.last_mut() {
            Some(line) if goes_on => {
                line.push(' ');
                line.push_str(word);
            }
            _ => wrapped.push(word.into()),
        }
    }
    wrapped.iter().map(|line| fit(line, size, room)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_replaced() {
        assert_eq!(clean("a\u{0}b\u{1b}[1m\nc"), "a\u{fffd}b\u{fffd}[1m c");
        assert_eq!(clean("Zürich, 東京"), "Zürich, 東京");
    }

    #[test]
    fn a_slug_has_plain_letters_only() {
        assert_eq!(slug("thousand-tasks"), "thousand-tasks");
        assert_eq!(slug("../<x> é"), "----x---");
    }

    #[test]
    fn what_has_no_room_ends_in_an_ellipsis() {
        assert_eq!(fit("tokio", 12.0, 100.0), "tokio");
        let cut = fit("glommio-early-membarrier", 12.0, 60.0);
        assert!(cut.starts_with("glom") && cut.ends_with('…'), "{cut}");
        assert!(width(&cut, 12.0) <= 60.0);
        assert_eq!(fit("tokio", 12.0, 0.0), "…");
    }

    #[test]
    fn lines_break_between_words_and_the_last_one_is_cut() {
        let text = "one two three four five six seven eight";
        let lines = wrap(text, 10.0, 80.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| width(line, 10.0) <= 80.0), "{lines:?}");
        assert!(lines[1].ends_with('…'), "{lines:?}");
        assert_eq!(wrap("one two", 10.0, 500.0, 2), ["one two"]);
        assert_eq!(wrap("", 10.0, 500.0, 2), [""; 0]);
    }
}
