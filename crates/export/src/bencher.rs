//! Bencher Metric Format: the median of each metric of each cell, between the ends of its 95 % interval.
//!
//! A benchmark is a cell, a measure is a metric under its own name, whose ending is the unit. The numbers
//! are those of `summary.csv`; where a cell has too few blocks for an interval, it has no bounds.
//!
//! Source: Bencher's reference of the format, and the adapter that reads it (`bencher_adapter`, `json.rs`).

use std::collections::BTreeMap;
use std::path::Path;

use results::folder::{SUMMARY, plan_of};
use results::read::rows;
use results::{Metric, Plan, SummaryRow};
use serde::Serialize;

use crate::error::Error;
use crate::exported::{Exported, json};

#[derive(Serialize)]
struct Measure {
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    lower_value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upper_value: Option<f64>,
}

/// The run in the folder `dir`, for Bencher.
pub(crate) fn export(dir: &Path, metrics: &[Metric]) -> Result<Exported, Error> {
    Plan::read(&plan_of(dir))?;
    let mut benchmarks: BTreeMap<String, BTreeMap<&str, Measure>> = BTreeMap::new();
    for row in rows::<SummaryRow>(&dir.join(SUMMARY))? {
        if metrics.contains(&row.metric) {
            let measure = Measure { value: row.median, lower_value: row.ci_low, upper_value: row.ci_high };
            benchmarks.entry(row.cell).or_default().insert(row.metric.name(), measure);
        }
    }
    if benchmarks.is_empty() {
        return Err(Error::not_measured(dir, metrics));
    }
    Ok(Exported { text: json(&benchmarks), left_out: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Format;
    use crate::fixture::{exported_from, refused, run, timed};
    use serde_json::{Value, json};

    /// The folder of a run, summarised, in this format.
    fn exported(dir: &Path, metrics: &[Metric]) -> Value {
        aggregate::aggregate(dir).unwrap();
        serde_json::from_str(&exported_from(dir, Format::Bencher, metrics).unwrap().text).unwrap()
    }

    #[test]
    fn a_metric_is_its_median_between_the_ends_of_its_interval() {
        let trials: Vec<_> = (1..=7).map(|block| timed("a", block, u64::from(block) * 10)).collect();
        let dir = run(&[&trials[..], &[timed("b", 1, 5)]].concat());
        let value = exported(dir.path(), &[]);
        let summary = rows::<SummaryRow>(&dir.path().join(SUMMARY)).unwrap();
        let a = summary.iter().find(|row| row.cell == "a" && row.metric == Metric::Makespan).unwrap();
        assert!(a.ci_low.is_some_and(|low| low < 40.0) && a.ci_high.is_some_and(|high| high > 40.0));
        let expected = json!({
            "a": {"makespan_ns": {"value": 40.0, "lower_value": a.ci_low, "upper_value": a.ci_high}},
            "b": {"makespan_ns": {"value": 5.0}},
        });
        assert_eq!(value, expected);
    }

    #[test]
    fn several_metrics_are_measures_of_one_benchmark() {
        let dir = run(&[timed("a", 1, 20_000_000)]);
        let value = exported(dir.path(), &[Metric::Makespan, Metric::OverheadPerTask]);
        assert_eq!(value["a"].as_object().unwrap().len(), 2);
    }

    #[test]
    fn a_run_without_its_summary_is_refused_with_how_to_get_it() {
        let error = refused(&[timed("a", 1, 20)], Format::Bencher, &[]);
        assert!(error.contains(SUMMARY) && error.contains("kilotask aggregate"), "{error}");
    }
}
