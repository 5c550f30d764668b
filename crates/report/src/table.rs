//! A table for a terminal, a page, or Markdown.

use protocol::Status;
use results::{Estimate, SummaryRow};

use crate::format::median;

/// A table of texts.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// The names of the columns. The first column has words; so have those of
    /// [`words`](Self::words); the others have numbers.
    pub header: Vec<String>,
    /// Further columns of words, counted from 0.
    pub words: Vec<usize>,
    /// The lines.
    pub rows: Vec<Vec<Entry>>,
}

/// An entry of a table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entry {
    /// What is shown.
    pub text: String,
    /// The number that it is sorted by, if any.
    pub sort: Option<f64>,
    /// Whether it is good news.
    pub tone: Tone,
    /// What a page shows when a pointer is on it.
    pub hint: String,
    /// An address on the web.
    pub link: Option<String>,
    /// The runtime that its line is about, which a page shows or hides.
    pub runtime: Option<String>,
}

/// Whether something is good news. It is shown as a colour; the text says the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Tone {
    #[default]
    Plain,
    Good,
    Bad,
    Unsure,
}

impl Tone {
    /// Its class in the style sheets.
    pub fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Unsure => "unsure",
        }
    }
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

/// What is shown where nothing was measured.
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

    /// A median, without its interval; nothing where there is none.
    pub fn median(row: Option<&SummaryRow>) -> Self {
        row.map_or_else(Self::nothing, |row| Self::sorted(row.median, median(row).value))
    }

    /// The interval of an estimate; nothing where it has none.
    pub fn interval(of: &Estimate) -> Self {
        of.interval().map_or_else(Self::nothing, Self::text)
    }

    /// Words, sorted by a number.
    pub fn sorted(sort: f64, text: impl Into<String>) -> Self {
        Self { sort: Some(sort), ..Self::text(text) }
    }

    /// The entry where nothing was measured.
    pub fn nothing() -> Self {
        Self::text(NOTHING)
    }

    /// The same, in a tone.
    #[must_use]
    pub fn toned(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }

    /// The same, as the first entry of the line of a runtime.
    #[must_use]
    pub fn of(self, runtime: impl Into<String>) -> Self {
        Self { runtime: Some(runtime.into()), ..self }
    }

    /// The same, with a hint.
    #[must_use]
    pub fn hinted(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }

    /// The same, with a link, if the address is one of the web. Others are dropped: an address from
    /// a stranger's file could be a script, which would run when somebody follows it.
    #[must_use]
    pub fn linked(self, address: Option<&str>) -> Self {
        Self { link: address.filter(|address| is_of_the_web(address)).map(Into::into), ..self }
    }
}

/// Whether an address is one of the web, and no script.
pub(crate) fn is_of_the_web(address: &str) -> bool {
    address.starts_with("https://") || address.starts_with("http://")
}

impl Table {
    /// A table without lines.
    pub fn new<T: Into<String>>(header: impl IntoIterator<Item = T>) -> Self {
        Self { header: header.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// The same, with these columns of words, counted from 0.
    #[must_use]
    pub fn with_words(self, words: impl Into<Vec<usize>>) -> Self {
        Self { words: words.into(), ..self }
    }

    /// Adds a line.
    pub fn push(&mut self, row: Vec<Entry>) {
        debug_assert_eq!(row.len(), self.header.len());
        self.rows.push(row);
    }

    /// Whether a column, counted from 0, has words, and so is aligned to the left.
    pub fn has_words(&self, column: usize) -> bool {
        column == 0 || self.words.contains(&column)
    }

    /// The same without columns in which no line has anything: what a run did not measure at all. No column but the first
    /// has words.
    #[must_use]
    pub fn without_empty_columns(mut self) -> Self {
        debug_assert!(self.words.is_empty());
        for column in (1..self.header.len()).rev() {
            if !self.rows.is_empty() && self.rows.iter().all(|row| row[column].text == NOTHING) {
                self.header.remove(column);
                for row in &mut self.rows {
                    row.remove(column);
                }
            }
        }
        self
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
