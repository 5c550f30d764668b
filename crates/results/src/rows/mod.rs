//! The rows of the CSV files: a struct for each kind, and each column declared once.

mod across;
mod calibration;
mod flag;
mod machine;
mod order;
mod ratio;
mod round;
mod scaling;
mod span;
mod summary;
pub(crate) mod trial;
mod verdict;

pub use across::{AcrossRow, AcrossVerdict, AcrossVerdictRow, CrossoverRow};
pub use calibration::CalibrationRow;
pub use flag::FlagRow;
pub use machine::MachineRow;
pub use order::{Order, OrderRow};
pub use ratio::{Against, RatioRow};
pub use round::RoundRow;
pub use scaling::{Fitted, ScalingRow};
pub use span::SpanRow;
pub use summary::SummaryRow;
pub use trial::{Pass, TrialRow};
pub use verdict::{Verdict, VerdictRow};

use crate::table::{Row, Table};

/// All tables, in the order of `results/README.md`.
pub static TABLES: [&Table; 14] = [
    TrialRow::TABLE,
    RoundRow::TABLE,
    SpanRow::TABLE,
    SummaryRow::TABLE,
    RatioRow::TABLE,
    ScalingRow::TABLE,
    FlagRow::TABLE,
    VerdictRow::TABLE,
    OrderRow::TABLE,
    CalibrationRow::TABLE,
    MachineRow::TABLE,
    AcrossRow::TABLE,
    CrossoverRow::TABLE,
    AcrossVerdictRow::TABLE,
];

/// The table of a file: by its name, its path, or its name without the ending. Whatever lies in a folder
/// `spans` has the spans of a cell.
pub fn find(file: &str) -> Option<&'static Table> {
    let mut parts = file.rsplit(['/', '\\']).filter(|part| !part.is_empty());
    let (last, folder) = (parts.next()?, parts.next());
    let name = if folder == Some("spans") { "spans" } else { last.strip_suffix(".csv").unwrap_or(last) };
    TABLES.into_iter().find(|table| table.name() == name)
}
