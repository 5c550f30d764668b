//! Makes text from strangers fit for a table, a terminal and a CSV cell.

/// The longest reason that is kept, characters.
pub const MAX_REASON: usize = 400;

/// The longest name, version or model that is kept, characters.
pub const MAX_NAME: usize = 120;

/// The text as one line of at most so many characters. Control characters, which could move a
/// terminal's cursor or end a row, become spaces.
pub fn one_line(text: &str, most: usize) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_fits_one_cell_of_a_table() {
        assert_eq!(one_line("a\nb\x1b[31mc", MAX_REASON), "a b [31mc");
        assert_eq!(one_line(&"x".repeat(10_000), MAX_REASON).len(), MAX_REASON);
    }
}
