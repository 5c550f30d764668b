//! What `kilotask table` shows: what there is, tables in full, and what is not there.

use report::Run;
use report::content::omissions;
use report::content::sheets::{Sheet, catalogue};

use super::layout::{Fit, Layout};

/// What can be shown, a line per workload.
pub fn list(run: &Run) -> Vec<String> {
    Layout::of_stdout(Fit::Wrap).table(&catalogue(run))
}

/// A table with its title and its notes.
pub fn sheet(sheet: &Sheet) -> Vec<String> {
    let layout = Layout::of_stdout(Fit::Wrap);
    let mut lines = layout.text(&sheet.title, 0);
    lines.extend(layout.table(&sheet.table));
    lines.extend(sheet.notes.iter().flat_map(|note| layout.text(note, 0)));
    lines
}

/// What was not measured and what was left out, with the reasons.
pub fn left_out(run: &Run) -> Vec<String> {
    let layout = Layout::of_stdout(Fit::Wrap);
    let parts = [
        ("Not measured", omissions::not_measured(run)),
        ("Left out", omissions::left_out(&run.plan.left_out)),
    ];
    let mut lines = Vec::new();
    for (heading, reasons) in parts.iter().filter(|(_, reasons)| !reasons.is_empty()) {
        lines.push(format!("{heading}:"));
        lines.extend(reasons.iter().flat_map(|reason| layout.text(reason, 2)));
    }
    if lines.is_empty() {
        lines.push("Nothing was left out, and every trial gave a value.".into());
    }
    lines
}
