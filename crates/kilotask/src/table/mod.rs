//! What is shown on a terminal: what [`report::content`] says, in lines of its width.

mod bounded;
pub mod bundle;
pub mod calibrate;
pub mod claims;
pub mod compare;
mod gate;
mod layout;
pub mod merged;
pub mod reproduce;
mod row_compared;
pub mod rows;
pub mod screen;
pub mod whole;

use comfy_table::{Cell, Color, ContentArrangement, Table, presets};
use protocol::Status;
use report::content::omissions;
use report::table::Tone;
use results::LeftOut;

use crate::lab::colours;
use bounded::{Part, fitted};
use layout::{Fit, Layout, known_width};

/// A plain table, as wide as the terminal; coloured only where that takes colours.
pub fn new_table<T: AsRef<str>>(header: &[T]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(header.iter().map(AsRef::as_ref));
    // The table is to ask for no terminal itself: it would take one without colours for none, and be of any width.
    table.force_no_tty();
    if let Some(width) = known_width() {
        table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
    }
    if colours() {
        table.enforce_styling();
    }
    table
}

/// A status in green, yellow or red; the word says the same.
pub fn status_cell(text: &str, status: Status) -> Cell {
    let cell = Cell::new(text);
    match status.into() {
        Tone::Plain => cell,
        Tone::Good => cell.fg(Color::Green),
        Tone::Bad => cell.fg(Color::Red),
        Tone::Unsure => cell.fg(Color::Yellow),
    }
}

/// The most lines about what is left out that are shown before a run.
const MOST_LEFT_OUT: usize = 12;

/// What was left out, one line for each workload and reason; `rest` is what shows all of it.
pub fn left_out(left_out: &[LeftOut], rest: &str) -> String {
    let layout = Layout::of_stdout(Fit::Cut);
    let lines = omissions::left_out(left_out);
    let lines = lines.iter().flat_map(|line| layout.text(line, 2)).collect();
    let part = Part::of(Vec::new(), lines, rest);
    fitted(&[part], MOST_LEFT_OUT).iter().flat_map(|line| [line, "\n"]).collect()
}
