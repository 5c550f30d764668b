//! Tables and texts as lines of a terminal, of a given width. No word and no number is ever broken.

use std::io::stdout;

use report::table::{Entry, Table, Tone};
use terminal_size::terminal_size_of;

use crate::lab::colours;

/// The width where neither `COLUMNS` nor a terminal says one.
pub const WIDTH: usize = 100;

/// No terminal is taken to be narrower.
const NARROWEST: usize = 40;

/// What stands between two columns of a table.
const GAP: usize = 2;

/// A column of words is not made less wide than this.
const LEAST_WORDS: usize = 12;

/// What a column of words does where there is no room for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// Its words are cut: each row is one line.
    Cut,
    /// Its words go on in the next line.
    Wrap,
}

/// How wide lines may be, and whether they have colours.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    pub width: usize,
    pub fit: Fit,
    pub colours: bool,
}

impl Layout {
    /// That of standard output: as wide as `COLUMNS` says, or the terminal.
    pub fn of_stdout(fit: Fit) -> Self {
        let width = known_width().unwrap_or(WIDTH);
        Self { width: width.max(NARROWEST), fit, colours: colours() }
    }

    /// The same, but no wider than this.
    #[must_use]
    pub fn at_most(self, width: usize) -> Self {
        Self { width: self.width.min(width), ..self }
    }

    /// The lines of a table: its header, and its rows. Columns that have no room beside the others stand in a further
    /// part below, after an empty line, with the first column again.
    pub fn table(self, table: &Table) -> Vec<String> {
        let columns: Vec<Column> = (0..table.header.len()).map(|place| Column::of(table, place)).collect();
        let widths = self.widths(&columns);
        let mut lines = Vec::new();
        for part in parts(&widths, self.width) {
            if !lines.is_empty() {
                lines.push(String::new());
            }
            self.part(table, &columns, &widths, &part, &mut lines);
        }
        lines
    }

    /// Whether a table has room as it is, with nothing cut and no column below another.
    pub fn has_room(self, table: &Table) -> bool {
        let widths = (0..table.header.len()).map(|place| Column::of(table, place).width);
        total(&widths.collect::<Vec<_>>()) <= self.width
    }

    /// A text, so many columns to the right; lines that it goes on in two more.
    pub fn text(self, text: &str, indent: usize) -> Vec<String> {
        let text = one_line(text);
        let first = " ".repeat(indent);
        if self.fit == Fit::Cut {
            return vec![cut(&(first + &text), self.width)];
        }
        let lines = wrapped(&text, self.width.saturating_sub(indent + 2)).into_iter().enumerate();
        lines.map(|(place, line)| format!("{first}{}{line}", if place == 0 { "" } else { "  " })).collect()
    }

    /// How wide each column is: as wide as its name and what it holds, as far as there is room; else names and words give
    /// way.
    fn widths(self, columns: &[Column]) -> Vec<usize> {
        let mut widths: Vec<usize> = columns.iter().map(|column| column.width.max(column.name)).collect();
        let least: Vec<usize> = columns.iter().map(|column| column.least(self.fit)).collect();
        while total(&widths) > self.width {
            // The widest of those that can still give way.
            let can = (0..widths.len()).filter(|place| widths[*place] > least[*place]);
            let Some(widest) = can.max_by_key(|place| widths[*place]) else { break };
            widths[widest] -= 1;
        }
        if total(&widths) > self.width {
            // In parts one below another words have room again.
            for (width, column) in widths.iter_mut().zip(columns).filter(|(_, column)| column.has_words) {
                *width = column.width.min(self.width / 2).max(*width);
            }
        }
        widths
    }

    fn part(
        self,
        table: &Table,
        columns: &[Column],
        widths: &[usize],
        places: &[usize],
        lines: &mut Vec<String>,
    ) {
        let header = places.iter().map(|place| (wrapped(&table.header[*place], widths[*place]), Tone::Plain));
        lines.extend(self.row(columns, widths, places, &header.collect::<Vec<_>>(), true));
        for row in &table.rows {
            let entries =
                places.iter().map(|place| self.entry(&row[*place], *place, columns, widths[*place]));
            lines.extend(self.row(columns, widths, places, &entries.collect::<Vec<_>>(), false));
        }
    }

    /// The lines of an entry, and its tone.
    fn entry(self, entry: &Entry, place: usize, columns: &[Column], width: usize) -> (Vec<String>, Tone) {
        let text = one_line(&entry.text);
        let lines = match self.fit {
            _ if !columns[place].has_words => vec![text],
            // The ends of names tell them apart.
            Fit::Cut if place == 0 => vec![cut_middle(&text, width)],
            Fit::Cut => vec![cut(&text, width)],
            Fit::Wrap => wrapped(&text, width),
        };
        (lines, entry.tone)
    }

    /// The lines of a row. What has fewer lines than others stands at the top, in a header at the bottom.
    fn row(
        self,
        columns: &[Column],
        widths: &[usize],
        places: &[usize],
        entries: &[(Vec<String>, Tone)],
        is_header: bool,
    ) -> Vec<String> {
        let height = entries.iter().map(|(lines, _)| lines.len()).max().unwrap_or(0);
        let line = |number: usize| {
            let mut text = String::new();
            for (at, (lines, tone)) in entries.iter().enumerate() {
                let above = if is_header { height - lines.len() } else { 0 };
                let part = number.checked_sub(above).and_then(|number| lines.get(number));
                let part = part.map_or("", String::as_str);
                let padding = " ".repeat(widths[places[at]].saturating_sub(length(part)));
                let part = self.painted(part, *tone);
                let gap = if at == 0 { "" } else { "  " };
                let (before, after) =
                    if columns[places[at]].has_words { ("", &*padding) } else { (&*padding, "") };
                text.extend([gap, before, &part, after]);
            }
            text.trim_end().to_string()
        };
        (0..height).map(line).collect()
    }

    fn painted(self, text: &str, tone: Tone) -> String {
        let code = match tone {
            Tone::Good => 32,
            Tone::Bad => 31,
            Tone::Unsure => 33,
            Tone::Plain => return text.into(),
        };
        if self.colours && !text.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.into() }
    }
}

/// The width that `COLUMNS` says, or else the terminal, where standard output is one.
pub(super) fn known_width() -> Option<usize> {
    let asked = std::env::var("COLUMNS").ok().and_then(|text| text.trim().parse().ok());
    let of_terminal = || Some(usize::from(terminal_size_of(stdout())?.0.0));
    asked.or_else(of_terminal).filter(|width| *width > 0)
}

/// What is known of a column before it is drawn.
struct Column {
    has_words: bool,
    /// The length of its name.
    name: usize,
    /// That of its widest entry, or of the longest word of its name.
    width: usize,
    longest_word: usize,
}

impl Column {
    fn of(table: &Table, place: usize) -> Self {
        let entries = || table.rows.iter().map(|row| row[place].text.as_str());
        let longest_word = |text: &str| text.split_whitespace().map(length).max().unwrap_or(0);
        let in_name = longest_word(&table.header[place]);
        let width = entries().map(|text| length(&one_line(text))).max().unwrap_or(0).max(in_name);
        let longest_word = entries().map(longest_word).max().unwrap_or(0).max(in_name);
        Self { has_words: table.has_words(place), name: length(&table.header[place]), width, longest_word }
    }

    /// Less wide it cannot be.
    fn least(&self, fit: Fit) -> usize {
        match fit {
            _ if !self.has_words => self.width,
            Fit::Cut => self.width.min(LEAST_WORDS),
            Fit::Wrap => self.width.min(LEAST_WORDS).max(self.longest_word),
        }
    }
}

/// The width of columns beside one another.
fn total(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
}

/// Which columns stand in which part: the first in each, and as many others as there is room for.
fn parts(widths: &[usize], room: usize) -> Vec<Vec<usize>> {
    let Some(first) = widths.first() else { return Vec::new() };
    let (mut parts, mut part, mut used) = (Vec::new(), vec![0], *first);
    for (place, width) in widths.iter().enumerate().skip(1) {
        if part.len() > 1 && used + GAP + width > room {
            parts.push(std::mem::replace(&mut part, vec![0]));
            used = *first;
        }
        used += GAP + width;
        part.push(place);
    }
    parts.push(part);
    parts
}

/// How many columns of a terminal it takes: a letter takes one.
pub fn length(text: &str) -> usize {
    text.chars().count()
}

/// The text with what a terminal would obey shown: it may be a stranger's.
fn one_line(text: &str) -> String {
    results::sanitize::one_line(text, usize::MAX)
}

/// As much of a text as there is room for, on one line.
pub fn cut(text: &str, width: usize) -> String {
    let text = one_line(text);
    if length(&text) <= width {
        return text;
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// The beginning and the end of a text, as far as there is room.
fn cut_middle(text: &str, width: usize) -> String {
    let all = length(text);
    if all <= width {
        return text.into();
    }
    let end = width.saturating_sub(1) / 2;
    let begin = width.saturating_sub(1) - end;
    let (begin, end): (String, String) =
        (text.chars().take(begin).collect(), text.chars().skip(all - end).collect());
    format!("{begin}…{end}")
}

/// A text in lines that are no longer, except where a single word is.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always a line");
        if line.is_empty() {
            line.push_str(word);
        } else if length(line) + 1 + length(word) <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.into());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(width: usize, fit: Fit) -> Layout {
        Layout { width, fit, colours: false }
    }

    fn table() -> Table {
        let mut table = Table::new(["runtime", "cold", "system calls", "why"]).with_words([3]);
        for (name, cold, calls, why) in
            [("tokio", "3.35 ms", "0.22", "it is fast"), ("threads", "92 ms", "21", "")]
        {
            table.push([name, cold, calls, why].map(Entry::text).into());
        }
        table
    }

    #[test]
    fn numbers_stand_to_the_right_and_long_names_of_columns_take_two_lines() {
        let wide = layout(80, Fit::Cut).table(&table());
        assert_eq!(
            wide[..2],
            ["runtime     cold  system calls  why", "tokio    3.35 ms          0.22  it is fast"]
        );
        let expected = [
            "                  system",
            "runtime     cold   calls  why",
            "tokio    3.35 ms    0.22  it is fast",
            "threads    92 ms      21",
        ];
        assert_eq!(layout(36, Fit::Cut).table(&table()), expected);
    }

    #[test]
    fn where_there_is_little_room_words_give_way_and_numbers_never() {
        let mut table = table();
        table.rows[0][3] = Entry::text("it waits for many at once");
        let cut = layout(38, Fit::Cut).table(&table);
        assert_eq!(cut[2], "tokio    3.35 ms    0.22  it waits fo…");
        let wrapped = layout(38, Fit::Wrap).table(&table);
        assert_eq!(
            wrapped[2..4],
            ["tokio    3.35 ms    0.22  it waits for", "                          many at once"]
        );
    }

    #[test]
    fn columns_without_room_stand_in_a_part_below_with_the_names_again() {
        let lines = layout(20, Fit::Cut).table(&table());
        assert!(lines.iter().all(|line| length(line) <= 21), "{lines:?}");
        assert_eq!(lines.iter().filter(|line| line.starts_with("tokio")).count(), 3, "{lines:?}");
        assert!(lines.iter().any(|line| line == "tokio    3.35 ms"), "{lines:?}");
    }

    #[test]
    fn a_word_is_never_broken_and_a_cut_is_seen() {
        assert_eq!(wrapped("a tremendously long word", 8), ["a", "tremendously", "long", "word"]);
        assert_eq!(cut("a long text", 7), "a long…");
        assert_eq!(cut_middle("mixed-20-1ms_tokio", 12), "mixed-…tokio");
        assert_eq!(layout(14, Fit::Wrap).text("one two three four", 2), ["  one two", "    three four"]);
        assert_eq!(layout(14, Fit::Cut).text("one two three four", 2), ["  one two thr…"]);
    }

    #[test]
    fn what_could_move_the_cursor_is_not_printed() {
        let mut table = Table::new(["x"]);
        table.push(vec![Entry::text("a\x1b[2Jb\nc")]);
        assert_eq!(layout(80, Fit::Wrap).table(&table)[1], "a\\u{1b}[2Jb c");
    }

    #[test]
    fn colours_take_no_room() {
        let mut table = table();
        table.rows[0][3].tone = Tone::Good;
        let plain = layout(80, Fit::Cut).table(&table);
        let coloured = Layout { colours: true, ..layout(80, Fit::Cut) }.table(&table);
        assert_eq!(coloured[1].replace("\x1b[32m", "").replace("\x1b[0m", ""), plain[1]);
        assert_ne!(coloured[1], plain[1]);
    }
}
