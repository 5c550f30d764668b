//! A table, whatever it is shown on: a terminal, a page, or Markdown.

use protocol::Status;

/// A table of texts.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// The columns' names. The first column has names, the others figures, unless [`words`](Self::words)
    /// has them.
    pub header: Vec<String>,
    /// Columns of words, from 0, beside the first.
    pub words: Vec<usize>,
    /// The lines.
    pub rows: Vec<Vec<Entry>>,
}

/// What stands in a place of a table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entry {
    /// For people.
    pub text: String,
    /// What it is sorted by, where that is a number.
    pub sort: Option<f64>,
    /// Whether it is good news.
    pub tone: Tone,
    /// More to say, where there is room.
    pub hint: String,
    /// Where more can be read, on the web.
    pub link: Option<String>,
}

/// Whether something is good news; shown by a colour beside the word that says the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Tone {
    #[default]
    Plain,
    Good,
    Bad,
    Unsure,
}

impl From<Status> for Tone {
    /// Whether a trial's status is good news.
    fn from(status: Status) -> Self {
        match status {
            Status::Ok => Self::Good,
            status if status.is_failure() => Self::Bad,
            _ => Self::Unsure,
        }
    }
}

/// The text where nothing was measured.
pub const NOTHING: &str = "–";

impl Entry {
    /// Words.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A number, shown as `show` does; nothing where there is none.
    pub fn number(value: Option<f64>, show: impl Fn(f64) -> String) -> Self {
        value.map_or_else(Self::nothing, |value| Self::sorted(value, show(value)))
    }

    /// Words, sorted by a number.
    pub fn sorted(sort: f64, text: impl Into<String>) -> Self {
        Self { sort: Some(sort), ..Self::text(text) }
    }

    /// What stands where nothing was measured.
    pub fn nothing() -> Self {
        Self::text(NOTHING)
    }

    /// The same, in a tone.
    #[must_use]
    pub fn toned(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }

    /// The same, with more to say.
    #[must_use]
    pub fn hinted(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }

    /// The same, with an address to read on, if it is one of the web: what stands in a file of a
    /// stranger could be anything, and would be run as soon as somebody follows it.
    #[must_use]
    pub fn linked(self, address: Option<&str>) -> Self {
        let link =
            address.filter(|address| address.starts_with("https://") || address.starts_with("http://"));
        Self { link: link.map(Into::into), ..self }
    }
}

impl Table {
    /// A table without lines.
    pub fn new<T: Into<String>>(header: impl IntoIterator<Item = T>) -> Self {
        Self { header: header.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// The same, with these columns, from 0, of words.
    #[must_use]
    pub fn with_words(self, words: impl Into<Vec<usize>>) -> Self {
        Self { words: words.into(), ..self }
    }

    /// Adds a line.
    pub fn push(&mut self, row: Vec<Entry>) {
        debug_assert_eq!(row.len(), self.header.len());
        self.rows.push(row);
    }

    /// Whether a column, from 0, has words, and so stands to the left.
    pub fn has_words(&self, column: usize) -> bool {
        column == 0 || self.words.contains(&column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_are_followed() {
        let link = |address| Entry::text("x").linked(Some(address)).link;
        assert_eq!(link("https://example.org"), Some("https://example.org".into()));
        assert_eq!(link("javascript:alert(1)"), None);
        assert_eq!(link("file:///etc/passwd"), None);
    }

    #[test]
    fn what_was_not_measured_is_no_number() {
        let entry = Entry::number(None, |value| value.to_string());
        assert_eq!((entry.text.as_str(), entry.sort), (NOTHING, None));
    }
}
