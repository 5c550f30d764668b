//! What the order of trials changes: the errors of the same number of trials, with the same load coming
//! and going beside them, when two runtimes are interleaved in blocks and when one runs after the other.
//!
//! Both runtimes are one program, so that the truth is 1 and |ln ratio| is the error of a repetition. The
//! estimate is the same for both orders: the median of ln(aᵢ/bᵢ) over the trials of the same number. The figures
//! are medians over repetitions, of the error and of how many times larger it is in one order than in the other
//! in the same repetition, as both orders met the same load.

use std::collections::BTreeMap;

use results::{CalibrationRow, Order, OrderRow};

use super::figure::row;
use super::known_truth::SAME;
use crate::stats::median::{median, sorted};
use crate::stats::{FEWEST_FOR_MEDIAN, Ordered};

/// The errors of both orders, and how many times larger one is than the other. None from fewer repetitions
/// than an interval is worth.
pub(super) fn rows(samples: &[OrderRow]) -> Vec<CalibrationRow> {
    let (blocks, turns) = (errors(samples, Order::Blocks), errors(samples, Order::InTurn));
    let both = blocks.into_iter().filter_map(|(repetition, error)| Some((error, *turns.get(&repetition)?)));
    let both: Vec<(f64, f64)> = both.collect();
    let figure = |name: &str, unit: &str, of: fn(&(f64, f64)) -> f64| {
        let all = Ordered::new(both.iter().map(of));
        let value = all.median().filter(|median| median.is_finite())?;
        Some(row(name, unit, all.count() as u64, value, all.interval(), None))
    };
    if both.len() < FEWEST_FOR_MEDIAN {
        return Vec::new();
    }
    let figures = [
        figure("error under a load that comes and goes, in blocks", "share", |errors| errors.0),
        figure("error under the same load, one after the other", "share", |errors| errors.1),
        figure("one after the other errs more than blocks, times", "ratio", |errors| errors.1 / errors.0),
    ];
    figures.into_iter().flatten().collect()
}

/// |ln ratio| of each repetition of an order; the same estimate for both: the median over trials of the
/// same number.
fn errors(samples: &[OrderRow], order: Order) -> BTreeMap<u32, f64> {
    let mut repetitions: BTreeMap<u32, BTreeMap<u32, [Option<f64>; 2]>> = BTreeMap::new();
    for sample in samples.iter().filter(|sample| sample.order == order) {
        let Some(which) = SAME.iter().position(|name| *name == sample.runtime) else { continue };
        let pairs = repetitions.entry(sample.repetition).or_default();
        pairs.entry(sample.trial).or_default()[which] = sample.makespan_ns.map(|ns| ns as f64);
    }
    let error = |pairs: BTreeMap<u32, [Option<f64>; 2]>| {
        let both = pairs.into_values().filter_map(|[a, b]| Some((a? / b?).ln()));
        let values = sorted(both.filter(|d| d.is_finite()));
        (!values.is_empty()).then(|| median(&values).abs())
    };
    repetitions.into_iter().filter_map(|(repetition, pairs)| Some((repetition, error(pairs)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_errors_of_both_orders_are_told_and_how_many_times_one_is_the_other() {
        let sample = |repetition, order, runtime: &str, trial, makespan_ns| OrderRow {
            repetition,
            order,
            runtime: runtime.into(),
            trial,
            makespan_ns: Some(makespan_ns),
        };
        // In blocks off by 1 %, in turn by 10 %, up and down.
        let samples = (0..20u32).flat_map(|repetition| {
            [(Order::Blocks, 1010), (Order::InTurn, 1100)].into_iter().flat_map(move |(order, slow)| {
                let (a, b) = if repetition % 2 == 0 { (slow, 1000) } else { (1000, slow) };
                (0..3).flat_map(move |trial| {
                    [
                        sample(repetition, order, "same-a", trial, a),
                        sample(repetition, order, "same-b", trial, b),
                    ]
                })
            })
        });
        let rows = rows(&samples.collect::<Vec<_>>());
        assert!((rows[0].value - 1.01f64.ln()).abs() < 1e-9, "{rows:?}");
        assert!((rows[2].value - 1.1f64.ln() / 1.01f64.ln()).abs() < 1e-9, "{rows:?}");
    }

    #[test]
    fn fewer_repetitions_than_an_interval_is_worth_have_no_row() {
        assert!(rows(&[]).is_empty());
    }
}
