//! How often the lab itself is wrong.

use std::path::Path;

use report::content::trust;
use report::table::Table;
use results::{CalibrationRow, folder};

use super::bounded::{MOST_LINES, Part, fitted};
use super::layout::{Fit, Layout, WIDTH};
use crate::lab::program;

/// The figures of a calibration in this folder, those first that are not as they should be; without `all` on one screen.
pub fn ending(folder: &Path, rows: &[CalibrationRow], all: bool) -> String {
    let layout = Layout::of_stdout(Fit::Cut);
    let layout = if all { layout } else { layout.at_most(WIDTH) };
    let (wrong, right): (Vec<CalibrationRow>, Vec<CalibrationRow>) =
        rows.iter().cloned().partition(|row| row.holds == Some(false));
    let count = wrong.len();
    let table: Table = trust::calibration(&[wrong, right].concat());
    let mut lines = layout.table(&table);
    let figures = lines.split_off(lines.len() - table.rows.len());
    let known = rows.iter().filter(|row| row.holds.is_some()).count();
    let again = format!("{} calibrate --out {} --resume --all", program(), folder.display());
    let parts = [
        Part::of(lines, figures, again),
        Part::gap(),
        Part::whole([
            format!("{} of {known} figures with an expected value are compatible with it", known - count),
            format!("Page: {}", folder.join(folder::PAGE).display()),
        ]),
    ];
    fitted(&parts, if all { usize::MAX } else { MOST_LINES }).join("\n")
}
