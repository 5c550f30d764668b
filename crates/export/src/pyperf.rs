//! A suite of pyperf: one benchmark a cell and metric, one run a trial that counts.
//!
//! A run of pyperf is a process, and so is a trial; its one value is that of the trial, in seconds, bytes or
//! as a plain number (which pyperf calls `integer`). Benchmarks are called `CELL/METRIC`: by that name
//! `pyperf compare_to` finds them in another run. pyperf cannot hold a value of 0 or below; a cell that has
//! one is left out, and named.
//!
//! Source: pyperf 2.10, `pyperf/_bench.py` (`_json_load`) and `pyperf/_metadata.py`.

use std::collections::BTreeMap;
use std::path::Path;

use results::folder::environment_of;
use results::read::json_if_any;
use results::{Environment, Metric, TrialRow};
use serde::Serialize;
use serde_json::Value;

use crate::cells::{CellTrials, by_cell};
use crate::error::Error;
use crate::exported::{Exported, json};

/// The version of pyperf's format.
const VERSION: &str = "1.0";

#[derive(Serialize)]
struct Suite {
    version: &'static str,
    metadata: Metadata,
    benchmarks: Vec<Benchmark>,
}

#[derive(Serialize)]
struct Benchmark {
    metadata: Metadata,
    runs: Vec<Run>,
}

#[derive(Serialize)]
struct Run {
    metadata: Metadata,
    values: [f64; 1],
}

/// Texts and numbers; pyperf refuses a text that is empty.
type Metadata = BTreeMap<&'static str, Value>;

/// The run in the folder `dir`, for pyperf.
pub(crate) fn export(dir: &Path, metrics: &[Metric]) -> Result<Exported, Error> {
    let samples = aggregate::counting_trials(dir)?;
    let environment: Option<Environment> = json_if_any(&environment_of(dir))?;
    let mut left_out = Vec::new();
    let mut benchmarks = Vec::new();
    for cell in by_cell(&samples) {
        for metric in metrics {
            match benchmark(&cell, *metric) {
                Ok(found) => benchmarks.extend(found),
                Err(why) => left_out.push(why),
            }
        }
    }
    if benchmarks.is_empty() {
        return Err(Error::not_measured(dir, metrics));
    }
    let suite = Suite { version: VERSION, metadata: common(environment.unwrap_or_default()), benchmarks };
    Ok(Exported { text: json(&suite), left_out })
}

/// What all benchmarks have in common.
fn common(environment: Environment) -> Metadata {
    let mut metadata =
        Metadata::from([("kilotask_version", env!("CARGO_PKG_VERSION").into()), ("loops", 1.into())]);
    metadata.extend((environment.cpus > 0).then(|| ("cpu_count", environment.cpus.into())));
    let cpu_model = environment.cpu_model.unwrap_or_default();
    for (name, text) in [("platform", environment.kernel), ("cpu_model_name", cpu_model)] {
        metadata.extend(text_of(&text).map(|text| (name, text)));
    }
    metadata
}

/// The benchmark of a metric of a cell; nothing where no trial has a value, and the reason where pyperf
/// cannot hold one.
fn benchmark(cell: &CellTrials, metric: Metric) -> Result<Option<Benchmark>, String> {
    let values = cell.values(metric);
    let name = format!("{}/{}", cell.identity().cell, metric.name());
    if values.is_empty() {
        return Ok(None);
    }
    if let Some((_, value)) = values.iter().find(|(_, value)| *value <= 0.0) {
        return Err(format!("{name}: a trial has {value}, and pyperf holds only what is above 0"));
    }
    let (unit, size) = unit(metric);
    let runs = values.into_iter().map(|(trial, value)| run(trial, value / size)).collect();
    let TrialRow { runtime, runtime_version, workload, tasks, workers, params, .. } = cell.identity();
    let mut metadata = Metadata::from([
        ("name", name.into()),
        ("unit", unit.into()),
        ("tasks", (*tasks).into()),
        ("workers", (*workers).into()),
    ]);
    let texts = [
        ("runtime", runtime),
        ("runtime_version", runtime_version),
        ("workload", workload),
        ("params", params),
    ];
    metadata.extend(texts.into_iter().filter_map(|(name, text)| Some((name, text_of(text)?))));
    Ok(Some(Benchmark { metadata, runs }))
}

/// A text, unless it is empty.
fn text_of(text: &str) -> Option<Value> {
    (!text.trim().is_empty()).then(|| text.into())
}

/// A trial; its date as pyperf writes dates, in UTC.
fn run(trial: &TrialRow, value: f64) -> Run {
    let date = text_of(&trial.started_at.trim_end_matches('Z').replace('T', " "));
    let mut metadata: Metadata = date.map(|date| ("date", date)).into_iter().collect();
    metadata.extend(trial.process_lifetime_ns.map(|ns| ("duration", (ns as f64 / 1e9).into())));
    Run { metadata, values: [value] }
}

/// pyperf's unit of a metric, and how much of ours one of it is.
fn unit(metric: Metric) -> (&'static str, f64) {
    match metric.unit() {
        "ns" => ("second", 1e9),
        "bytes" => ("byte", 1.0),
        _ => ("integer", 1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Format;
    use crate::fixture::{exported, exported_from, json_of, run, timed};
    use results::Pass;
    use serde_json::json;

    #[test]
    fn a_trial_is_a_run_with_one_value_in_pyperfs_units() {
        let trial = TrialRow { process_lifetime_ns: Some(2_000_000_000), ..timed("a", 1, 1_500_000_000) };
        let dir = run(&[timed("a", 0, 9), trial, timed("a", 2, 2_000_000_000)]);
        let environment = r#"{"kernel": "Linux 6", "cpu_model": "", "cpus": 2}"#;
        std::fs::write(environment_of(dir.path()), environment).unwrap();
        let export = exported_from(dir.path(), Format::Pyperf, &[]).unwrap();
        let suite: Value = serde_json::from_str(&export.text).unwrap();
        let expected = json!({
            "version": "1.0",
            "metadata": {
                "kilotask_version": env!("CARGO_PKG_VERSION"), "loops": 1,
                "cpu_count": 2, "platform": "Linux 6",
            },
            "benchmarks": [{
                "metadata": {
                    "name": "a/makespan_ns", "unit": "second", "runtime": "a", "runtime_version": "1.0",
                    "workload": "sleep", "tasks": 10, "workers": 2, "params": "duration_ns=1000000",
                },
                "runs": [
                    {"metadata": {"date": "2026-01-01 00:00:01.250000", "duration": 2.0}, "values": [1.5]},
                    {"metadata": {"date": "2026-01-01 00:00:02.250000"}, "values": [2.0]},
                ],
            }],
        });
        assert_eq!(suite, expected);
        assert!(export.left_out.is_empty());
    }

    #[test]
    fn bytes_and_counts_have_units_of_their_own() {
        let counted = TrialRow { pass: Pass::Counted, allocations: Some(25), ..timed("a", 0, 9) };
        let trials = [counted, TrialRow { rss_peak_bytes: Some(4096), ..timed("a", 1, 9) }];
        let suite = json_of(&trials, Format::Pyperf, &[Metric::RssPeak, Metric::AllocationsPerTask]);
        let found = |at: usize| {
            let benchmark = &suite["benchmarks"][at];
            (benchmark["metadata"]["unit"].clone(), benchmark["runs"][0]["values"].clone())
        };
        assert_eq!(found(0), (json!("byte"), json!([4096.0])));
        assert_eq!(found(1), (json!("integer"), json!([2.5])));
    }

    #[test]
    fn what_pyperf_cannot_hold_is_left_out_and_named() {
        let idle = TrialRow { switches_involuntary: Some(0), ..timed("idle", 1, 9) };
        let busy = TrialRow { switches_involuntary: Some(3), ..timed("busy", 1, 9) };
        let export = exported(&[idle, busy], Format::Pyperf, &[Metric::SwitchesInvoluntary]);
        assert_eq!(
            export.left_out,
            ["idle/switches_involuntary: a trial has 0, and pyperf holds only what is above 0"]
        );
        assert!(export.text.contains("busy/switches_involuntary"));
    }
}
