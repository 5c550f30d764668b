//! A row of a comparison.

use results::Metric;
use results::metric::Better;
use serde::Serialize;

use crate::stats::SIGNIFICANCE;

/// A metric of a cell, or of a group as a whole, on both sides; numbers are in the metric's unit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    /// Name of the experiment.
    pub experiment: String,
    /// Name of the cell, or of the group.
    pub cell: String,
    /// Label of its runtime; empty of a group.
    pub runtime: String,
    /// How many cells it is of: of several, the geometric mean in each block.
    pub cells: u64,
    /// The metric's name.
    pub metric: Metric,
    /// Its unit.
    pub unit: String,
    /// Blocks of the first side that gave a value, or failed.
    pub n_a: u64,
    /// Blocks of the second side that gave a value, or failed.
    pub n_b: u64,
    /// Their median on the first side.
    pub a: f64,
    /// Their median on the second side.
    pub b: f64,
    /// Ratio of the medians, B/A; none where a value is not above zero, as nothing is so many times that.
    pub ratio: Option<f64>,
    /// Lower end of its interval; none from fewer than
    /// [`FEWEST_FOR_MEDIAN`](crate::stats::FEWEST_FOR_MEDIAN) blocks on either side.
    pub ci_low: Option<f64>,
    /// Upper end of its interval.
    pub ci_high: Option<f64>,
    /// Whether it is of the first family: the main metric of a cell, a group, or a metric that was named.
    pub is_first: bool,
    /// p by itself; none where it cannot be tested, as where a trial failed.
    pub p_value: Option<f64>,
    /// p after correction over its family; none of another metric of a cell whose main one did not change.
    pub p_adjusted: Option<f64>,
    /// Whether it changed: the adjusted p is at most 0.05, and the whole interval lies on one side of 1.
    pub changed: bool,
}

impl Compared {
    /// Whether it is worse beyond doubt by more than a factor, `limit` ≥ 1: the whole interval lies beyond
    /// that, above it for a cost, below 1 ÷ `limit` for a gain; and the adjusted p is at most 0.05. A metric
    /// that is neither is never worse.
    pub fn is_worse_than(&self, limit: f64) -> bool {
        let better = self.metric.better();
        let beyond = match better {
            Better::Less => self.ci_low.is_some_and(|low| low > limit),
            Better::More => self.ci_high.is_some_and(|high| high < 1.0 / limit),
            Better::Neither => false,
        };
        beyond && self.is_significant()
    }

    /// Its experiment, and its own.
    pub(super) fn name(&self) -> (String, String) {
        (self.experiment.clone(), self.cell.clone())
    }

    pub(super) fn is_significant(&self) -> bool {
        self.p_adjusted.is_some_and(|p| p <= SIGNIFICANCE)
    }

    /// How far from 1 the ratio is at least, as a logarithm; 0 where that is in doubt.
    pub(super) fn least_change(&self) -> f64 {
        let (Some(low), Some(high)) = (self.ci_low, self.ci_high) else { return 0.0 };
        if low <= 1.0 && high >= 1.0 { 0.0 } else { low.ln().abs().min(high.ln().abs()) }
    }

    /// How far from 1 it is, as a logarithm.
    pub(super) fn change(&self) -> f64 {
        self.ratio.map_or(0.0, |ratio| ratio.ln().abs())
    }
}
