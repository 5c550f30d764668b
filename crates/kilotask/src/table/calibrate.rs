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
    let layout = if all { Layout { width: usize::MAX, ..layout } } else { layout.at_most(WIDTH) };
    lines(folder, rows, all, layout).join("\n")
}

fn lines(folder: &Path, rows: &[CalibrationRow], all: bool, layout: Layout) -> Vec<String> {
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
    fitted(&parts, if all { usize::MAX } else { MOST_LINES })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: usize, holds: Option<bool>) -> CalibrationRow {
        CalibrationRow {
            figure: format!(
                "coverage of the median's interval of a program with a rather long name {number}"
            ),
            n: 60,
            value: 0.95,
            ci_low: Some(0.86),
            ci_high: Some(0.98),
            unit: "share".into(),
            nominal: Some(0.95),
            holds,
        }
    }

    #[test]
    fn many_figures_fit_one_screen_and_those_that_are_wrong_come_first() {
        let mut rows: Vec<CalibrationRow> = (0..90).map(|number| row(number, Some(true))).collect();
        rows[70].holds = Some(false);
        let layout = Layout { width: 100, fit: Fit::Cut, colours: false };
        let few = lines(Path::new("run"), &rows, false, layout);
        assert!(few.len() <= MOST_LINES && few.iter().all(|line| line.chars().count() <= 100), "{few:?}");
        assert!(few[1].contains("name 70") && few[1].ends_with("no"), "{few:?}");
        assert!(few.iter().any(|line| line.ends_with("calibrate --out run --resume --all")), "{few:?}");
        assert!(few.contains(&"89 of 90 figures with an expected value are compatible with it".to_string()));
        assert!(lines(Path::new("run"), &rows, true, layout).len() > 90);
    }
}
