//! The ending of a run, for a terminal: what [`report::content`] says, and where the files are.

pub mod compare;
pub mod reproduce;

use std::fmt::Write;
use std::path::Path;

use comfy_table::{Cell, CellAlignment, Color, ContentArrangement, Table, presets};
use protocol::Status;
use report::Run;
use report::content::{ceilings, headline, omissions, trust, verdicts, workloads};
use report::table::{Entry, Tone};
use results::{CalibrationRow, LeftOut, folder};

use crate::lab::colours;

/// The files of a run, in the order in which one reads them.
const FILES: [&str; 15] = [
    folder::PAGE,
    folder::MARKDOWN,
    folder::FIGURES,
    folder::VERDICTS,
    folder::SUMMARY,
    folder::RATIOS,
    folder::SCALING,
    folder::FLAGS,
    folder::TRIALS,
    folder::ROUNDS,
    folder::SPANS,
    folder::PLAN,
    folder::ENVIRONMENT,
    folder::ENDING,
    folder::DATAPACKAGE,
];

/// A plain table; coloured only on a terminal that takes colours.
pub fn new_table<T: AsRef<str>>(header: &[T]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(header.iter().map(AsRef::as_ref));
    if !colours() {
        table.force_no_tty();
    }
    table
}

/// A status in green, yellow or red; the word says the same.
pub fn status_cell(text: &str, status: Status) -> Cell {
    cell(&Entry::text(text).toned(status.into()))
}

/// An entry of a table; the word says the same as the colour.
fn cell(entry: &Entry) -> Cell {
    let cell = Cell::new(&entry.text);
    if entry.tone == Tone::Plain { cell } else { cell.fg(colour(entry.tone)) }
}

/// The word says the same.
fn colour(tone: Tone) -> Color {
    match tone {
        Tone::Plain => Color::Reset,
        Tone::Good => Color::Green,
        Tone::Bad => Color::Red,
        Tone::Unsure => Color::Yellow,
    }
}

/// What was left out, one line for each workload and reason.
pub fn left_out(left_out: &[LeftOut]) -> String {
    indented(&omissions::left_out(left_out))
}

fn indented(lines: &[String]) -> String {
    lines.iter().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "  {line}");
        text
    })
}

/// A table for a terminal.
fn render(content: &report::table::Table) -> Table {
    let mut table = new_table(&content.header);
    for row in &content.rows {
        table.add_row(row.iter().map(cell));
    }
    for (column, drawn) in table.column_iter_mut().enumerate() {
        if !content.has_words(column) {
            drawn.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// How often the lab itself is wrong.
pub fn calibration(rows: &[CalibrationRow]) -> String {
    render(&trust::calibration(rows)).to_string()
}

/// What is shown at the end of a run in this folder.
pub fn ending(folder: &Path, run: &Run) -> String {
    let mut text = String::new();
    for headline in headline::headlines(run) {
        let _ = writeln!(text, "{}\n{}", headline.title(), render(&headline.table()));
        let notes = headline.notes().into_iter().chain([headline.answer()]);
        let _ = writeln!(text, "{}\n", notes.collect::<Vec<String>>().join("\n"));
    }
    for workload in workloads::workloads(run) {
        let _ = writeln!(text, "{}\n{}", workload.title(), render(&workload.table()));
        for note in workload.notes() {
            let _ = writeln!(text, "{note}");
        }
        text.push('\n');
    }
    for ceilings in ceilings::ceilings(run) {
        let _ = writeln!(text, "{}\n{}\n", ceilings.title(), render(&ceilings.table()));
    }
    for (heading, notes) in [
        ("Not measured", omissions::not_measured(run)),
        ("Left out", omissions::left_out(&run.plan.left_out)),
    ] {
        if !notes.is_empty() {
            let _ = writeln!(text, "{heading}:\n{}", indented(&notes));
        }
    }
    let _ = writeln!(text, "Files:{}\n", files(folder));
    for judged in verdicts::judged(run) {
        let _ = writeln!(text, "{}", render(&judged.brief()));
        let _ = writeln!(
            text,
            "{}: {}. In sentences: the column `reason` of verdicts.csv\n",
            judged.experiment,
            judged.counted()
        );
    }
    text.trim_end().into()
}

/// Those that are there, a line each.
fn files(folder: &Path) -> String {
    let there = FILES.iter().map(|file| folder.join(file)).filter(|path| path.exists());
    there.fold(String::new(), |mut text, path| {
        let _ = write!(text, "\n  {}", path.display());
        text
    })
}
