//! What is said of a row of a comparison wherever it is named.

use aggregate::Compared;
use results::{Estimate, estimate};

/// The name of a cell, or of a group with the number of its cells.
pub(super) fn name(row: &Compared) -> String {
    if row.cells > 1 { format!("{} ({} cells)", row.cell, row.cells) } else { row.cell.clone() }
}

/// How many times as much it is, with its interval.
pub(super) fn ratio(row: &Compared) -> Option<Estimate> {
    Some(estimate(row.ratio?, row.ci_low, row.ci_high, "ratio"))
}

/// p, in no more digits than one looks at.
pub(super) fn p_value(p: f64) -> String {
    if p < 0.001 { "< 0.001".into() } else { format!("{p:.3}") }
}
