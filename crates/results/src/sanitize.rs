//! Makes text from strangers fit for a table, a terminal and a CSV cell: what would be obeyed is shown.

use std::borrow::Cow;

/// The longest reason that is kept, characters.
pub const MAX_REASON: usize = 400;

/// The longest name, version or model that is kept, characters.
pub const MAX_NAME: usize = 120;

/// The longest question, claim or source that is kept, characters.
pub const MAX_TEXT: usize = 2000;

/// With what a cell begins that a spreadsheet takes for a formula.
const FORMULA: [char; 4] = ['=', '+', '-', '@'];

/// Whether a terminal would obey a character rather than show it: it moves the cursor, changes the direction of what
/// follows (bidi), or takes no room.
pub fn is_obeyed(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The text as one line of at most so many characters. What ends a line becomes a blank; of everything else that a
/// terminal would obey its code is shown: `\u{1b}`.
pub fn one_line(text: &str, most: usize) -> String {
    text.chars().flat_map(|letter| shown(letter, matches!(letter, '\n' | '\r' | '\t'))).take(most).collect()
}

/// The same of a text that a stranger wrote and that will stand in a cell of a CSV file: no spreadsheet takes it for a
/// formula.
pub fn of_stranger(text: &str, most: usize) -> String {
    let line = one_line(text, most);
    if line.starts_with(FORMULA) { one_line(&format!("'{line}"), most) } else { line }
}

/// The text as it is written to a terminal. Its lines stay lines, and where `colours` are wanted their codes stay, too.
pub fn on_terminal(text: &str, colours: bool) -> Cow<'_, str> {
    let is_fine = |letter: char| matches!(letter, '\n' | '\t') || !is_obeyed(letter);
    if text.chars().all(is_fine) {
        return text.into();
    }
    let mut safe = String::with_capacity(text.len());
    for (place, letter) in text.char_indices() {
        if is_fine(letter) || (colours && is_colour(&text[place..])) {
            safe.push(letter);
        } else {
            safe.extend(shown(letter, false));
        }
    }
    safe.into()
}

/// Whether a text begins with the code of a colour: `ESC [ 31 m`.
fn is_colour(text: &str) -> bool {
    let Some(code) = text.strip_prefix("\x1b[") else { return false };
    code.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == ';').starts_with('m')
}

fn shown(letter: char, is_blank: bool) -> impl Iterator<Item = char> {
    let is_shown = is_obeyed(letter) && !is_blank;
    let plain = (!is_shown).then_some(if is_blank { ' ' } else { letter });
    let code = is_shown.then(|| letter.escape_unicode());
    plain.into_iter().chain(code.into_iter().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_fits_one_cell_of_a_table() {
        assert_eq!(one_line("a\nb\x1b[31mc", MAX_REASON), "a b\\u{1b}[31mc");
        assert_eq!(one_line(&"x".repeat(10_000), MAX_REASON).len(), MAX_REASON);
        assert_eq!(one_line(&"\x1b".repeat(10_000), MAX_REASON).len(), MAX_REASON);
    }

    #[test]
    fn what_a_terminal_would_obey_is_shown_and_letters_of_any_script_stay() {
        for hostile in
            ["\u{9b}2J", "\x07", "\u{202e}gpj.exe", "\u{2066}", "\u{feff}", "\u{200b}", "\0", "\u{7f}"]
        {
            for safe in [one_line(hostile, 99), on_terminal(hostile, true).into_owned()] {
                assert!(!safe.chars().any(is_obeyed) && safe.contains("\\u{"), "{safe:?}");
            }
        }
        for text in ["größer", "שלום", "日本語", "👩\u{200d}💻", "a 'b' \"c\" \\"] {
            assert_eq!((one_line(text, 99), on_terminal(text, false)), (text.into(), text.into()));
        }
    }

    #[test]
    fn lines_and_our_own_colours_pass_to_a_terminal_that_takes_them() {
        let text = "a\n\x1b[31mb\x1b[0m\tc";
        assert_eq!(on_terminal(text, true), text);
        assert_eq!(on_terminal(text, false), "a\n\\u{1b}[31mb\\u{1b}[0m\tc");
        let hostile = "\x1b[2J\x1b]0;title\x07\x1b[31";
        assert!(!on_terminal(hostile, true).contains('\x1b'));
    }

    #[test]
    fn no_spreadsheet_takes_a_strangers_text_for_a_formula() {
        for text in ["=1+1", "+1", "-1", "@x", "\t=1"] {
            assert!(!of_stranger(text, 99).starts_with(FORMULA), "{text:?}");
        }
        assert_eq!((of_stranger("1.0", 99), of_stranger("=1", 99)), ("1.0".into(), "'=1".into()));
    }
}
