//! What the units of a side, its runs or sittings, differ by, and the correction of p over a family of rows.

use std::collections::HashMap;

use results::Metric;
use results::metric::Better;
use serde::Serialize;

use super::compared::Compared;
use super::pair::Pair;
use super::quantity::Quantity;
use crate::stats::gatekeeping::Test;
use crate::stats::median::{median, sorted};
use crate::stats::{Between, between, gatekeeping, relabelled};

/// What the runs of a side, or the sittings of a run, differ by in a metric.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Variation {
    /// The metric.
    pub metric: Metric,
    /// Standard deviation on the scale of logarithms, so about a share: the median over cells.
    pub deviation: f64,
}

/// Whether a quantity is of several cells, and its metric: those of one kind are pooled.
pub(super) type Kind = (bool, Metric);

/// What is known of each kind.
pub(super) struct Spread {
    /// τ within the sides.
    pub within: HashMap<Kind, f64>,
    /// The same of all units of both sides, as if they were one.
    overall: HashMap<Kind, f64>,
    /// Units on each side.
    pub units: Pair<usize>,
}

impl Spread {
    pub fn of(quantities: &[Quantity], units: Pair<usize>) -> Self {
        let mut within: HashMap<Kind, Vec<f64>> = HashMap::new();
        let mut overall = within.clone();
        for quantity in quantities {
            let kind = quantity.kind();
            let sides = [&quantity.values.a, &quantity.values.b];
            within.entry(kind).or_default().extend(sides.into_iter().filter_map(|side| variance(side)));
            let all: Vec<Vec<f64>> = sides.into_iter().flatten().cloned().collect();
            overall.entry(kind).or_default().extend(variance(&all));
        }
        let pooled = |of: HashMap<Kind, Vec<f64>>| -> HashMap<Kind, f64> {
            let known = of.into_iter().filter(|(_, variances)| !variances.is_empty());
            known.map(|(kind, variances)| (kind, Between::pooled(2, variances).deviation)).collect()
        };
        Self { within: pooled(within), overall: pooled(overall), units }
    }
}

/// The variance between the units of one quantity.
fn variance(units: &[Vec<f64>]) -> Option<f64> {
    let values =
        units.iter().enumerate().flat_map(|(unit, values)| values.iter().map(move |x| (unit, x.ln())));
    between::variance(&values.collect::<Vec<_>>())
}

/// Corrects p over the rows of a family: by relabelling the units, where they are enough for that, and else by Holm.
pub(super) fn adjust(rows: &mut [&mut (Compared, &Quantity)], spread: &Spread) {
    let units = spread.units;
    if relabelled::ways(units.a, units.b).is_none() {
        let tests = rows.iter().map(|(row, _)| Test::of((), row.p_value));
        let adjusted = gatekeeping::adjust_families(tests.collect::<Vec<_>>());
        rows.iter_mut().zip(adjusted).for_each(|((row, _), p_adjusted)| row.p_adjusted = p_adjusted);
        return;
    }
    let mut tested: Vec<_> = rows.iter_mut().filter(|(row, _)| row.p_value.is_some()).collect();
    let relabelled: Vec<_> = tested.iter().map(|(_, quantity)| quantity.relabelled(spread)).collect();
    for ((row, _), (by_itself, among_all)) in
        tested.iter_mut().zip(relabelled::p_values(&relabelled, units.a))
    {
        (row.p_value, row.p_adjusted) = (Some(by_itself), Some(among_all));
    }
}

impl Quantity<'_> {
    pub fn kind(&self) -> Kind {
        (self.cells > 1, self.metric)
    }

    /// What its own units differ by within a side, where it shows more than none.
    pub fn own_variance(&self) -> f64 {
        let sides: Vec<f64> =
            [&self.values.a, &self.values.b].into_iter().filter_map(|side| variance(side)).collect();
        sides.iter().sum::<f64>() / sides.len().max(1) as f64
    }

    /// The median of the logarithms in each unit, turned round where more is better, so that larger is worse; with the
    /// variance that such a median is expected to have.
    fn relabelled(&self, spread: &Spread) -> relabelled::Quantity {
        let sign = if self.metric.better() == Better::More { -1.0 } else { 1.0 };
        let units = self.values.a.iter().chain(&self.values.b);
        let units: Vec<Vec<f64>> = units.map(|unit| sorted(unit.iter().map(|x| sign * x.ln()))).collect();
        let tau = spread.overall.get(&self.kind()).copied().unwrap_or(0.0);
        let (count, n) = (units.len() as f64, units.iter().map(Vec::len).sum::<usize>() as f64);
        let deviations = units.iter().map(|unit| {
            let mean = unit.iter().sum::<f64>() / unit.len() as f64;
            unit.iter().map(|x| (x - mean).powi(2)).sum::<f64>()
        });
        let scatter = deviations.sum::<f64>() / (n - count).max(1.0);
        let variance = tau.powi(2) + scatter * std::f64::consts::FRAC_PI_2 * count / n;
        relabelled::Quantity { values: units.iter().map(|unit| median(unit)).collect(), variance }
    }
}
