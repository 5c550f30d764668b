//! How precisely the cells of a run are known so far: what a run may stop on.
//!
//! The half-width of the 95 % t interval of the mean of ln(makespan), as a share of the makespan. Stopping
//! on precision leaves the intervals of ratios as they were, as stopping on significance would not: see
//! `tests/error_rates.rs`. A cell is not known before its median can have an interval: a run that
//! stopped there would have none to show.

use std::collections::HashMap;
use std::path::Path;

use results::{Error, Metric};

use crate::stats::{FEWEST_FOR_MEDIAN, student};
use crate::trials;

/// How precisely each cell's makespan is known so far, by the cell's name: see [`half_width`].
pub fn half_widths(dir: &Path) -> Result<HashMap<String, f64>, Error> {
    let (_, trials) = trials::read(dir)?;
    let known = trials.cells.iter().filter_map(|cell| {
        Some((cell.identity.cell.clone(), half_width(&cell.sorted_values(Metric::Makespan))?))
    });
    Ok(known.collect())
}

/// The half-width of the 95 % interval of these values, as a share of them; those that are not above zero
/// are left out. So are trials that failed, as they have no makespan: this decides how long a run goes on, and nothing
/// that is published; medians, intervals and verdicts count failures. None from fewer than [`FEWEST_FOR_MEDIAN`].
pub fn half_width(values: &[f64]) -> Option<f64> {
    let logarithms: Vec<f64> = values.iter().filter(|x| **x > 0.0).map(|x| x.ln()).collect();
    (logarithms.len() >= FEWEST_FOR_MEDIAN).then(|| {
        let interval = student::paired(&logarithms).interval;
        ((interval.high - interval.low) / 2.0).exp_m1()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{run, timed};

    #[test]
    fn the_half_width_is_that_of_the_t_interval_on_a_log_scale() {
        let makespans = [100, 110, 121, 100, 110, 121];
        let mut samples: Vec<_> = (1..).zip(makespans).map(|(block, ns)| timed("a", block, ns)).collect();
        samples.extend((1..=5).map(|block| timed("b", block, 7)));
        let known = half_widths(run(&samples).path()).unwrap();
        // By hand: ln 1.1 is the step, s² = 4·step²/5; t(5) = 2.570582; ÷ √6.
        let expected = (2.570_581_836 * 1.1f64.ln() * 0.8f64.sqrt() / 6f64.sqrt()).exp_m1();
        assert!((known["a"] - expected).abs() < 1e-6, "{known:?}");
        assert!(!known.contains_key("b"));
    }
}
