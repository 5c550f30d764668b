//! How precisely the cells of a run are known so far: what a run may stop on.
//!
//! The half-width of the 95 % t interval of the mean of ln(makespan), as a share of the makespan. Not
//! the bootstrap's: from few blocks that is too narrow, and a run would stop on it too early. Stopping
//! on precision does not bias what is measured, as stopping on significance would: in simulation that
//! gave 15 % false positives.

use std::collections::HashMap;

use crate::cells::Cell;
use crate::stats::{FEWEST, student};

/// By name of the cell; a cell with fewer than [`FEWEST`] values is not known at all.
pub(crate) fn half_widths(cells: &[Cell], makespan: usize) -> HashMap<String, f64> {
    let known = cells.iter().filter_map(|cell| {
        let values = cell.sorted_values(makespan);
        let logarithms: Vec<f64> = values.iter().filter(|x| **x > 0.0).map(|x| x.ln()).collect();
        (logarithms.len() >= FEWEST).then(|| {
            let interval = student::paired(&logarithms).interval;
            (cell.identity.cell.clone(), ((interval.high - interval.low) / 2.0).exp_m1())
        })
    });
    known.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells;
    use crate::fixture::{run, timed};

    #[test]
    fn the_half_width_is_that_of_the_t_interval_on_a_log_scale() {
        let samples = [timed("a", 1, 100), timed("a", 2, 110), timed("a", 3, 121), timed("b", 1, 7)];
        let dir = run(&samples);
        let trials = cells::read(&dir.path().join("trials.csv"), 1).unwrap();
        let known = half_widths(&trials.cells, 0);
        // By hand: ln 1.1 = 0.0953 is the step and the standard deviation; t(2) = 4.3027; ÷ √3.
        let expected = (4.302_652_73 * 1.1f64.ln() / 3f64.sqrt()).exp_m1();
        assert!((known["a"] - expected).abs() < 1e-6, "{known:?}");
        assert!(!known.contains_key("b"));
    }
}
