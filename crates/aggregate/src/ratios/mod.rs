//! `ratios.csv`: how the runtimes of a group compare, block by block.
//!
//! Within a block, d = ln(A/B) of the timed trials of the two runtimes; whatever slows a whole block down
//! cancels. The ratio is exp(median d), with its interval ([`median_interval`], of `BCa`); the geometric mean
//! exp(mean d) with its t interval is the second opinion, and p is that of the paired t test of mean d = 0.

mod pairs;
#[cfg(test)]
mod tests;

use rayon::prelude::*;
use results::{Problem, RatioRow};

use crate::measured_cell::MeasuredCell;
use crate::stats::median::{median, sorted};
use crate::stats::{Bootstrap, FEWEST, Interval, holm, median_interval, student};
use pairs::Pair;
pub use pairs::{COMPARED, FLOOR};

/// The rows of all groups, in the order of their first cells; within a group by metric, `against`,
/// and runtime.
pub(crate) fn compare(cells: &[MeasuredCell], bootstrap: &Bootstrap) -> Result<Vec<RatioRow>, Problem> {
    let pairs = pairs::of(cells)?;
    let mut rows: Vec<RatioRow> = pairs.into_par_iter().filter_map(|pair| row(pair, bootstrap)).collect();
    let family = |row: &RatioRow| (row.experiment.clone(), row.metric, row.against);
    let adjusted = holm::adjust_families(rows.iter().map(|row| (family(row), row.p_value)));
    rows.iter_mut().zip(adjusted).for_each(|(row, p_adjusted)| row.p_adjusted = p_adjusted);
    Ok(rows)
}

/// d = ln(A/B) of each block in which both have a value above zero.
fn log_ratios(pair: Pair) -> Vec<f64> {
    let mut differences = Vec::new();
    let mut baselines = pair.baseline.values_by_block(pair.metric).peekable();
    for (block, a) in pair.runtime.values_by_block(pair.metric) {
        while baselines.next_if(|(other, _)| *other < block).is_some() {}
        match baselines.peek() {
            Some((other, b)) if *other == block && a > 0.0 && *b > 0.0 => differences.push((a / b).ln()),
            _ => {}
        }
    }
    differences
}

/// The row of a pair; none when no block has both.
fn row(pair: Pair, bootstrap: &Bootstrap) -> Option<RatioRow> {
    let d = sorted(log_ratios(pair));
    if d.is_empty() {
        return None;
    }
    let interval = median_interval::of_bca(&d, bootstrap).map(Interval::exp);
    let test = (d.len() >= FEWEST).then(|| student::paired(&d));
    let geomean: Option<Interval> = test.map(|test| test.interval.exp());
    let identity = &pair.runtime.identity;
    Some(RatioRow {
        experiment: identity.experiment.clone(),
        group: identity.group.clone(),
        workload: identity.workload.clone(),
        tasks: identity.tasks,
        metric: pair.metric,
        runtime: identity.runtime.clone(),
        baseline: pair.baseline.identity.runtime.clone(),
        against: pair.against,
        n: d.len() as u64,
        ratio: median(&d).exp(),
        ci_low: interval.map(|interval| interval.low),
        ci_high: interval.map(|interval| interval.high),
        geomean: student::mean(&d).exp(),
        geomean_low: geomean.map(|interval| interval.low),
        geomean_high: geomean.map(|interval| interval.high),
        p_value: test.map(|test| test.p_value),
        p_adjusted: None,
    })
}
