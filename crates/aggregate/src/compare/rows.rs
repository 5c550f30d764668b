//! Each metric of each cell that two runs have in common.

use std::collections::HashMap;

use protocol::Workload;
use rayon::prelude::*;
use results::Metric;
use results::metric::Better;
use serde::Serialize;

use crate::measured_cell::MeasuredCell;
use crate::stats::gatekeeping::Test;
use crate::stats::median::median;
use crate::stats::{FEWEST, Interval, SIGNIFICANCE, gatekeeping, pooled, two_medians, welch};

/// A metric of a cell in both runs; numbers are in the metric's unit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    /// Name of the experiment.
    pub experiment: String,
    /// Name of the cell.
    pub cell: String,
    /// Label of its runtime.
    pub runtime: String,
    /// The metric's name.
    pub metric: Metric,
    /// Its unit.
    pub unit: String,
    /// Trials of the first run that gave a value.
    pub n_a: u64,
    /// Trials of the second run that gave a value.
    pub n_b: u64,
    /// Their median in the first run.
    pub a: f64,
    /// Their median in the second run.
    pub b: f64,
    /// Ratio of the medians, B/A; none where a value is not above zero, as nothing is so many times that.
    pub ratio: Option<f64>,
    /// Lower end of its interval; none from fewer than
    /// [`FEWEST_FOR_MEDIAN`](crate::stats::FEWEST_FOR_MEDIAN) trials on either side.
    pub ci_low: Option<f64>,
    /// Upper end of its interval.
    pub ci_high: Option<f64>,
    /// p of Welch's t test of the logarithms, or that of pooled variances, if it is larger; none from fewer than
    /// [`FEWEST`] trials on either side.
    pub p_value: Option<f64>,
    /// p after Holm's correction over all rows of the comparison.
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

    fn is_significant(&self) -> bool {
        self.p_adjusted.is_some_and(|p| p <= SIGNIFICANCE)
    }

    /// How far from 1 the ratio is at least, as a logarithm; 0 where that is in doubt.
    fn least_change(&self) -> f64 {
        let (Some(low), Some(high)) = (self.ci_low, self.ci_high) else { return 0.0 };
        if low <= 1.0 && high >= 1.0 { 0.0 } else { low.ln().abs().min(high.ln().abs()) }
    }

    /// How far from 1 it is, as a logarithm.
    fn change(&self) -> f64 {
        self.ratio.map_or(0.0, |ratio| ratio.ln().abs())
    }
}

/// The rows of all cells that both have: those that changed first, by the least change that is certain; then
/// the others, by their ratio.
pub(super) fn compare(a: &[MeasuredCell], b: &[MeasuredCell], metrics: &[Metric]) -> Vec<Compared> {
    let name = |cell: &MeasuredCell| (cell.identity.experiment.clone(), cell.identity.cell.clone());
    let of_b: HashMap<_, &MeasuredCell> = b.iter().map(|cell| (name(cell), cell)).collect();
    let both = a.iter().filter_map(|a| Some((a, *of_b.get(&name(a))?)));
    let jobs: Vec<(&MeasuredCell, &MeasuredCell, Metric)> = both
        .flat_map(|(a, b)| metrics.iter().map(move |metric| (a, b, *metric)))
        .filter(|(a, _, metric)| !is_covered(a, *metric, metrics))
        .collect();
    let mut rows: Vec<Compared> =
        jobs.into_par_iter().filter_map(|(a, b, metric)| row(a, b, metric)).collect();
    let adjusted = gatekeeping::adjust_families(rows.iter().map(|row| Test::of((), row.p_value)));
    for (row, p_adjusted) in rows.iter_mut().zip(adjusted) {
        row.p_adjusted = p_adjusted;
        row.changed = row.is_significant() && row.least_change() > 0.0;
    }
    // A stable sort: rows that are alike stay in the order of cells and metrics.
    rows.sort_by(|x, y| {
        (y.changed.cmp(&x.changed))
            .then(y.least_change().total_cmp(&x.least_change()))
            .then(y.change().total_cmp(&x.change()))
    });
    rows
}

/// Where the makespan is compared, the time an operation takes says the same once more, and one row more
/// costs every row some of its power; but in `echo`, where a load has its own time.
fn is_covered(cell: &MeasuredCell, metric: Metric, metrics: &[Metric]) -> bool {
    metric == Metric::Operation
        && cell.identity.workload != Workload::Echo.name()
        && metrics.contains(&Metric::Makespan)
}

/// The row of a metric; none where either run has no value of it.
fn row(a: &MeasuredCell, b: &MeasuredCell, metric: Metric) -> Option<Compared> {
    let (of_a, of_b) = (a.sorted_values(metric), b.sorted_values(metric));
    if of_a.is_empty() || of_b.is_empty() {
        return None;
    }
    let identity = &b.identity;
    let (median_a, median_b) = (median(&of_a), median(&of_b));
    let (ratio, interval, p_value) = compare_values(&of_a, &of_b);
    Some(Compared {
        experiment: identity.experiment.clone(),
        cell: identity.cell.clone(),
        runtime: identity.runtime.clone(),
        metric,
        unit: metric.unit().into(),
        n_a: of_a.len() as u64,
        n_b: of_b.len() as u64,
        a: median_a,
        b: median_b,
        ratio,
        ci_low: interval.map(|interval| interval.low),
        ci_high: interval.map(|interval| interval.high),
        p_value,
        p_adjusted: None,
        changed: false,
    })
}

/// Ratio of the medians, its interval and p, of values in ascending order.
fn compare_values(a: &[f64], b: &[f64]) -> (Option<f64>, Option<Interval>, Option<f64>) {
    // Were values left out that have no logarithm, the result would have chosen its trials.
    if a[0] <= 0.0 || b[0] <= 0.0 {
        return (None, None, None);
    }
    let logarithms = |values: &[f64]| values.iter().map(|x| x.ln()).collect::<Vec<f64>>();
    let (a, b) = (logarithms(a), logarithms(b));
    let interval = two_medians::interval(&a, &b).map(Interval::exp);
    let enough = a.len() >= FEWEST && b.len() >= FEWEST;
    (Some((median(&b) - median(&a)).exp()), interval, enough.then(|| p_value(&a, &b)))
}

/// The larger of two: Welch's, that a noisier run is not taken for a slower one, and that of pooled variances,
/// that a few values which happen to lie close together are not taken for sure. Of samples of one size they are
/// nearly the same.
fn p_value(a: &[f64], b: &[f64]) -> f64 {
    let welch = welch::p_value(a, b);
    pooled::p_value(a, b).map_or(welch, |pooled| pooled.max(welch))
}

#[cfg(test)]
mod tests {
    use results::TrialRow;

    use super::*;
    use crate::fixture::{timed, trials};

    fn cells(samples: &[TrialRow]) -> Vec<MeasuredCell> {
        trials(samples).cells
    }

    fn compared(a: &[TrialRow], b: &[TrialRow]) -> Vec<Compared> {
        compare(&cells(a), &cells(b), &[Metric::Makespan])
    }

    /// So many blocks about a makespan, each a little longer than the one before.
    fn blocks(runtime: &str, blocks: u32, makespan_ns: u64) -> Vec<TrialRow> {
        (1..=blocks).map(|block| timed(runtime, block, makespan_ns + u64::from(block))).collect()
    }

    #[test]
    fn the_ratio_is_that_of_the_second_run_over_the_first() {
        let rows = compared(&blocks("a", 7, 1000), &blocks("a", 9, 2000));
        let row = &rows[0];
        assert_eq!((row.n_a, row.n_b, row.a, row.b), (7, 9, 1004.0, 2005.0));
        assert!((row.ratio.unwrap() - 2005.0 / 1004.0).abs() < 1e-9);
        assert!(row.ci_low.unwrap() < row.ratio.unwrap() && row.ratio.unwrap() < row.ci_high.unwrap());
        assert!(row.changed && row.p_adjusted.unwrap() < 0.05, "{row:?}");
    }

    #[test]
    fn a_run_compared_with_itself_has_not_changed() {
        let run = blocks("a", 7, 1000);
        let rows = compared(&run, &run);
        assert_eq!((rows[0].ratio, rows[0].p_value, rows[0].changed), (Some(1.0), Some(1.0), false));
    }

    #[test]
    fn cells_of_only_one_run_and_metrics_that_were_not_measured_have_no_row() {
        let rows = compared(&blocks("a", 7, 1000), &blocks("b", 7, 1000));
        assert_eq!(rows, []);
        let unmeasured = [TrialRow { makespan_ns: None, ..timed("a", 1, 0) }];
        assert_eq!(compared(&blocks("a", 7, 1000), &unmeasured), []);
    }

    #[test]
    fn from_fewer_than_six_blocks_nothing_is_certain() {
        let rows = compared(&blocks("a", 5, 1000), &blocks("a", 20, 9000));
        assert_eq!((rows[0].ci_low, rows[0].changed), (None, false));
        assert!(rows[0].p_value.is_some());
        assert_eq!(compared(&blocks("a", 2, 1000), &blocks("a", 20, 9000))[0].p_value, None);
    }

    #[test]
    fn what_is_not_above_zero_has_no_ratio() {
        let mut b = blocks("a", 7, 1000);
        b[3].makespan_ns = Some(0);
        let row = &compared(&blocks("a", 7, 1000), &b)[0];
        assert_eq!((row.ratio, row.ci_low, row.p_value, row.changed), (None, None, None, false));
    }

    #[test]
    fn the_surest_change_comes_first_in_either_direction() {
        let three = |faster: u64, slower: u64| {
            [blocks("same", 7, 1000), blocks("faster", 7, faster), blocks("slower", 7, slower)].concat()
        };
        let rows = compared(&three(4000, 1000), &three(1000, 2000));
        let names: Vec<&str> = rows.iter().map(|row| row.cell.as_str()).collect();
        assert_eq!(names, ["faster", "slower", "same"]);
        assert_eq!(rows.iter().filter(|row| row.changed).count(), 2);
    }

    #[test]
    fn p_is_adjusted_over_all_rows() {
        let many = |makespan_ns| ["a", "b", "c"].map(|name| blocks(name, 7, makespan_ns)).concat();
        let rows = compared(&many(1000), &many(1003));
        assert!(rows.iter().all(|row| row.p_adjusted.unwrap() > row.p_value.unwrap()), "{rows:?}");
    }

    #[test]
    fn the_time_an_operation_takes_is_not_compared_beside_the_makespan_that_it_is_a_part_of() {
        let run = |workload: &str| -> Vec<MeasuredCell> {
            let operations =
                |sample: TrialRow| TrialRow { operations: Some(10), workload: workload.into(), ..sample };
            cells(&blocks("a", 7, 1000).into_iter().map(operations).collect::<Vec<TrialRow>>())
        };
        let rows =
            |workload: &str, metrics: &[Metric]| compare(&run(workload), &run(workload), metrics).len();
        assert_eq!(rows("yield", &[Metric::Makespan, Metric::Operation]), 1);
        assert_eq!(rows("echo", &[Metric::Makespan, Metric::Operation]), 2);
        assert_eq!(rows("yield", &[Metric::Operation]), 1);
    }

    fn certain(metric: Metric, ci_low: f64, ci_high: f64) -> Compared {
        let row = compared(&blocks("a", 7, 1000), &blocks("a", 7, 2000)).remove(0);
        Compared { metric, ci_low: Some(ci_low), ci_high: Some(ci_high), ..row }
    }

    #[test]
    fn a_row_is_worse_where_its_whole_interval_lies_beyond_the_limit_on_the_bad_side() {
        for (metric, low, high, is_worse) in [
            (Metric::Makespan, 1.06, 1.2, true),
            (Metric::Makespan, 1.04, 1.2, false),
            (Metric::Makespan, 0.5, 0.6, false),
            (Metric::OperationsPerSecond, 0.8, 0.95, true),
            (Metric::OperationsPerSecond, 0.8, 0.96, false),
            (Metric::OperationsPerSecond, 1.5, 2.0, false),
            // Neither a cost nor a gain.
            (Metric::PeakInFlight, 2.0, 3.0, false),
            (Metric::PeakInFlight, 0.2, 0.3, false),
        ] {
            let row = certain(metric, low, high);
            assert_eq!(row.is_worse_than(1.05), is_worse, "{metric} {low} to {high}");
            assert!(!Compared { p_adjusted: Some(0.06), ..row }.is_worse_than(1.05));
        }
    }
}
