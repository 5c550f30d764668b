//! The ending of a run: tables for people, and where the files are.

pub mod calibration;
mod ceilings;
mod headline;
mod notes;
mod verdicts;
mod workloads;

use std::fmt::Write;
use std::path::Path;

use aggregate::Aggregation;
use anyhow::Result;
use comfy_table::{Cell, CellAlignment, Color, ContentArrangement, Table, presets};
use export::datapackage::DATAPACKAGE;
use harness::journal::{read_plan, read_trials};
use protocol::Status;

use crate::lab::colours;

/// What stands in a table where nothing was measured.
const NOTHING: &str = "–";

/// The files of a run, in the order in which one reads them.
const FILES: [&str; 12] = [
    "verdicts.csv",
    "summary.csv",
    "ratios.csv",
    "scaling.csv",
    "flags.csv",
    "trials.csv",
    "rounds.csv",
    "spans/",
    "plan.json",
    "environment.json",
    "ending.json",
    DATAPACKAGE,
];

/// A plain table, coloured only where colours are welcome.
pub fn new_table<T: AsRef<str>>(header: &[T]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(header.iter().map(AsRef::as_ref));
    if !colours() {
        table.force_no_tty();
    }
    table
}

/// A state, in green, yellow or red; the word says the same.
pub fn status_cell(text: &str, status: Status) -> Cell {
    let colour = match status {
        Status::Ok => Color::Green,
        status if status.is_failure() => Color::Red,
        _ => Color::Yellow,
    };
    Cell::new(text).fg(colour)
}

/// Figures stand to the right; the first column has names.
fn align_figures(table: &mut Table) {
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}

/// The ending of a run.
pub fn ending(folder: &Path, aggregation: &Aggregation) -> Result<String> {
    let (plan, trials) = (read_plan(folder)?, read_trials(folder)?);
    let mut text = headline::tables(aggregation);
    text += &workloads::tables(aggregation);
    text += &ceilings::tables(&plan, &trials);
    let not_measured = notes::not_measured(&plan, &trials);
    let left_out = notes::left_out(&plan.left_out);
    for (heading, notes) in [("Not measured", not_measured), ("Left out", left_out)] {
        if !notes.is_empty() {
            let _ = writeln!(text, "{heading}:\n{notes}");
        }
    }
    let _ = write!(text, "Files:");
    for file in FILES.iter().map(|file| folder.join(file)).filter(|path| path.exists()) {
        let _ = write!(text, "\n  {}", file.display());
    }
    let _ = write!(text, "\n\n{}", verdicts::tables(&aggregation.verdicts));
    Ok(text.trim_end().into())
}
