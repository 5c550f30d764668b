//! How often the lab itself is wrong, a line a figure.

use aggregate::CalibrationRow;
use claims::show;
use comfy_table::{Cell, Color};

use super::{NOTHING, align_figures, new_table};

/// The table of all figures.
pub fn table(rows: &[CalibrationRow]) -> String {
    let mut table =
        new_table(&["of the lab itself", "found", "95 % interval", "ought to be", "n", "compatible"]);
    for row in rows {
        let shown = |value: f64| shown(value, &row.unit);
        let interval = match (row.ci_low, row.ci_high) {
            (Some(low), Some(high)) => format!("{} to {}", shown(low), shown(high)),
            _ => NOTHING.into(),
        };
        table.add_row([
            Cell::new(&row.figure),
            Cell::new(shown(row.value)),
            Cell::new(interval),
            Cell::new(row.nominal.map_or_else(|| NOTHING.into(), shown)),
            Cell::new(row.n),
            compatible(row.holds),
        ]);
    }
    align_figures(&mut table);
    table.to_string()
}

/// Shares in per cent; ratios to the tenth of one, which is what the lab is to see.
fn shown(value: f64, unit: &str) -> String {
    match unit {
        "share" => format!("{:.1} %", 100.0 * value),
        "ratio" => format!("{value:.4}"),
        _ => show(value, unit),
    }
}

fn compatible(holds: Option<bool>) -> Cell {
    match holds {
        Some(true) => Cell::new("yes").fg(Color::Green),
        Some(false) => Cell::new("no").fg(Color::Red),
        None => Cell::new(NOTHING),
    }
}
