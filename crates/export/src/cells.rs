//! The trials of a run by cell, and what of them other tools want to know.

use std::collections::BTreeMap;

use aggregate::stats::median::median;
use aggregate::stats::student::mean;
use results::{Metric, TrialRow};
use serde::Serialize;

/// A cell and its trials, in the order in which they ran; there is at least one.
pub struct CellTrials<'a>(Vec<&'a TrialRow>);

/// The cells, in the order of their first trials.
pub fn by_cell<'a>(samples: &'a [TrialRow]) -> Vec<CellTrials<'a>> {
    let name = |sample: &&'a TrialRow| (&sample.experiment, &sample.cell);
    results::grouping::grouped_by(samples, name).into_iter().map(CellTrials).collect()
}

impl<'a> CellTrials<'a> {
    /// What all its trials have in common.
    pub fn identity(&self) -> &'a TrialRow {
        self.0[0]
    }

    /// The trials that have a value of the metric, each with it.
    pub fn values(&self, metric: Metric) -> Vec<(&'a TrialRow, f64)> {
        let of_the_pass = self.0.iter().filter(|trial| trial.pass == metric.pass());
        of_the_pass.filter_map(|trial| Some((*trial, metric.value(trial)?))).collect()
    }

    /// What it runs: the runtime, the workload, its size, and every parameter.
    pub fn parameters(&self) -> BTreeMap<&'a str, String> {
        let TrialRow { runtime, workload, tasks, workers, params, .. } = self.identity();
        let mut parameters = BTreeMap::from([
            ("runtime", runtime.clone()),
            ("workload", workload.clone()),
            ("tasks", tasks.to_string()),
            ("workers", workers.to_string()),
        ]);
        let pairs = params.split(';').filter_map(|param| param.split_once('='));
        parameters.extend(pairs.map(|(name, value)| (name, value.to_string())));
        parameters
    }
}

/// Numbers in short, in their own unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Statistics {
    pub count: usize,
    pub mean: f64,
    /// Standard deviation, divisor n − 1; none of a single number.
    pub stddev: Option<f64>,
    pub median: f64,
    pub min: f64,
    pub max: f64,
}

impl Statistics {
    /// Of these numbers; nothing where there are none.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let mean = mean(values);
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let stddev = (values.len() > 1).then(|| (squares / (values.len() - 1) as f64).sqrt());
        Some(Self { count: values.len(), mean, stddev, median: median(&sorted), min, max })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::timed;
    use results::Pass;

    #[test]
    fn trials_stand_by_cell_in_the_order_in_which_they_ran() {
        let samples = [timed("b", 1, 5), timed("a", 1, 7), timed("b", 2, 6)];
        let cells = by_cell(&samples);
        let blocks = |cell: &CellTrials| cell.0.iter().map(|trial| trial.block).collect::<Vec<_>>();
        assert_eq!(cells.iter().map(blocks).collect::<Vec<_>>(), [vec![1, 2], vec![1]]);
        assert_eq!(cells[0].identity().cell, "b");
    }

    #[test]
    fn a_metric_has_values_of_its_own_pass_only() {
        let counted = TrialRow { pass: Pass::Counted, allocations: Some(50), ..timed("a", 0, 9) };
        let samples = [timed("a", 1, 5), counted];
        let cell = &by_cell(&samples)[0];
        let values = |metric| {
            let found = cell.values(metric);
            found.into_iter().map(|(_, value)| value).collect::<Vec<_>>()
        };
        assert_eq!(values(Metric::Makespan), [5.0]);
        assert_eq!(values(Metric::AllocationsPerTask), [5.0]);
        assert_eq!(values(Metric::RssPeak), [0.0; 0]);
    }

    #[test]
    fn parameters_are_the_size_and_whatever_was_asked_beside() {
        let samples = [timed("a", 1, 5)];
        let parameters = by_cell(&samples)[0].parameters();
        let expected = [
            ("duration_ns", "1000000"),
            ("runtime", "a"),
            ("tasks", "10"),
            ("workers", "2"),
            ("workload", "sleep"),
        ];
        assert_eq!(parameters, expected.map(|(name, value)| (name, value.to_string())).into());
    }

    #[test]
    fn statistics_are_those_of_the_textbook() {
        let Statistics { count, mean, stddev, median, min, max } =
            Statistics::of(&[4.0, 2.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]).unwrap();
        assert_eq!((count, mean, median, min, max), (8, 5.0, 4.5, 2.0, 9.0));
        assert!((stddev.unwrap() - (32.0_f64 / 7.0).sqrt()).abs() < 1e-12);
        assert_eq!(Statistics::of(&[3.0]).unwrap().stddev, None);
        assert_eq!(Statistics::of(&[]), None);
    }
}
