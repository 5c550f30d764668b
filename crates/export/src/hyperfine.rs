//! The JSON of `hyperfine --export-json`: one result a cell, one time a timed trial that counts, seconds.
//!
//! hyperfine measures commands and we measure cells: `command` is the cell's name, which is what results of
//! two runs have in common. The time is the chosen metric, else the makespan; user and system
//! time are those of all rounds, and where a trial does not have them they are `null`, never 0. A trial that counts
//! has ended by itself and well, so that every exit code is 0.
//!
//! Two layouts: that of hyperfine 1, which is what other tools read that read hyperfine (its own scripts up
//! to 1.21, Bencher's adapter), and schema version 2 of hyperfine 2.0, which its scripts of today need.
//!
//! Source: hyperfine 1.20.0 and 2.0.0, `src/export/json.rs` and `src/benchmark/benchmark_result.rs`.

use std::collections::BTreeMap;
use std::path::Path;

use results::{Metric, TrialRow};
use serde::Serialize;

use crate::cells::{CellTrials, Statistics, by_cell};
use crate::error::Error;
use crate::exported::{Exported, json};
use crate::format::Format;

/// Nanoseconds of a second.
const NS: f64 = 1e9;

/// The run in the folder `dir`, in one of the two layouts.
pub(crate) fn export(dir: &Path, format: Format, metrics: &[Metric]) -> Result<Exported, Error> {
    let &[metric] = metrics else { return Err(Error::OneMetric { format, asked: metrics.len() }) };
    if metric.unit() != "ns" {
        return Err(Error::OnlyTimes { format, metric: metric.name(), unit: metric.unit() });
    }
    let samples = aggregate::counting_trials(dir)?;
    let results: Vec<Timed> =
        by_cell(&samples).into_iter().filter_map(|cell| Timed::of(cell, metric)).collect();
    if results.is_empty() {
        return Err(Error::not_measured(dir, metrics));
    }
    let text =
        if format == Format::Hyperfine2 { json(&version_2(&results)) } else { json(&version_1(&results)) };
    Ok(Exported { text, left_out: Vec::new() })
}

/// A cell and its times.
struct Timed<'a> {
    cell: CellTrials<'a>,
    trials: Vec<&'a TrialRow>,
    times: Vec<f64>,
    statistics: Statistics,
}

impl<'a> Timed<'a> {
    fn of(cell: CellTrials<'a>, metric: Metric) -> Option<Self> {
        let (trials, times): (Vec<_>, Vec<_>) =
            cell.values(metric).into_iter().map(|(trial, ns)| (trial, ns / NS)).unzip();
        let statistics = Statistics::of(&times)?;
        Some(Self { cell, trials, times, statistics })
    }

    /// Of each trial; nothing where one does not have it.
    fn of_all(&self, value: impl Fn(&TrialRow) -> Option<f64>) -> Option<Vec<f64>> {
        self.trials.iter().map(|trial| value(trial)).collect()
    }
}

fn user(trial: &TrialRow) -> Option<f64> {
    trial.cpu_user_ns.map(|ns| ns as f64 / NS)
}

fn system(trial: &TrialRow) -> Option<f64> {
    trial.cpu_system_ns.map(|ns| ns as f64 / NS)
}

#[derive(Serialize)]
struct Result1<'a> {
    command: &'a str,
    mean: f64,
    stddev: Option<f64>,
    median: f64,
    user: Option<f64>,
    system: Option<f64>,
    min: f64,
    max: f64,
    times: &'a [f64],
    #[serde(skip_serializing_if = "Option::is_none")]
    memory_usage_byte: Option<Vec<u64>>,
    exit_codes: Vec<i32>,
    parameters: BTreeMap<&'a str, String>,
}

fn version_1<'a>(results: &'a [Timed<'a>]) -> impl Serialize {
    let mean = |values: Vec<f64>| Statistics::of(&values).map(|statistics| statistics.mean);
    let result = |timed: &'a Timed<'a>| {
        let Statistics { mean: mean_time, stddev, median, min, max, .. } = timed.statistics;
        Result1 {
            command: &timed.cell.identity().cell,
            mean: mean_time,
            stddev,
            median,
            user: timed.of_all(user).and_then(mean),
            system: timed.of_all(system).and_then(mean),
            min,
            max,
            times: &timed.times,
            memory_usage_byte: timed.trials.iter().map(|trial| trial.rss_peak_bytes).collect(),
            exit_codes: vec![0; timed.times.len()],
            parameters: timed.cell.parameters(),
        }
    };
    BTreeMap::from([("results", results.iter().map(result).collect::<Vec<_>>())])
}

#[derive(Serialize)]
struct Version2<'a> {
    schema_version: u32,
    metadata: Metadata<'a>,
    primary_metric: &'static str,
    results: Vec<Result2<'a>>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    /// Who wrote it, where hyperfine has its own version: readers need the key, and it was not hyperfine.
    hyperfine_version: &'static str,
    start_time: &'a str,
    platform: BTreeMap<&'static str, &'static str>,
}

#[derive(Serialize)]
struct Result2<'a> {
    command: &'a str,
    measurements: Vec<Measurement>,
    parameters: BTreeMap<&'a str, BTreeMap<&'static str, String>>,
    summary: BTreeMap<&'static str, Summary>,
}

#[derive(Serialize)]
struct Measurement {
    #[serde(flatten)]
    quantities: BTreeMap<&'static str, Measured>,
    exit_code: i32,
}

#[derive(Serialize)]
struct Measured {
    value: f64,
    unit: &'static str,
}

#[derive(Serialize)]
struct Summary {
    unit: &'static str,
    #[serde(flatten)]
    statistics: Statistics,
}

/// What schema version 2 calls the time that was measured.
const WALL_CLOCK: &str = "time_wall_clock";

/// What it holds beside the time, each with its unit.
type Beside = (&'static str, &'static str, fn(&TrialRow) -> Option<f64>);
const BESIDE: [Beside; 4] = [
    ("time_cpu", "second", |trial| Some(user(trial)? + system(trial)?)),
    ("time_user", "second", user),
    ("time_system", "second", system),
    ("memory_peak_resident", "byte", |trial| trial.rss_peak_bytes.map(|bytes| bytes as f64)),
];

fn version_2<'a>(results: &'a [Timed<'a>]) -> Version2<'a> {
    let started = results.iter().flat_map(|timed| &timed.trials).map(|trial| trial.started_at.as_str()).min();
    Version2 {
        schema_version: 2,
        metadata: Metadata {
            hyperfine_version: concat!("kilotask ", env!("CARGO_PKG_VERSION")),
            start_time: started.unwrap_or_default(),
            platform: BTreeMap::from([("os", "Linux")]),
        },
        primary_metric: WALL_CLOCK,
        results: results.iter().map(result_2).collect(),
    }
}

fn result_2<'a>(timed: &'a Timed<'a>) -> Result2<'a> {
    let mut columns: BTreeMap<&'static str, (&'static str, Vec<f64>)> = BESIDE
        .into_iter()
        .filter_map(|(name, unit, value)| Some((name, (unit, timed.of_all(value)?))))
        .collect();
    columns.insert(WALL_CLOCK, ("second", timed.times.clone()));
    let measurement = |trial: usize| Measurement {
        quantities: columns
            .iter()
            .map(|(name, (unit, values))| (*name, Measured { value: values[trial], unit }))
            .collect(),
        exit_code: 0,
    };
    let summary = |(name, (unit, values)): (&&'static str, &(&'static str, Vec<f64>))| {
        Some((*name, Summary { unit, statistics: Statistics::of(values)? }))
    };
    let parameters = timed.cell.parameters().into_iter();
    Result2 {
        command: &timed.cell.identity().cell,
        measurements: (0..timed.times.len()).map(measurement).collect(),
        parameters: parameters.map(|(name, value)| (name, BTreeMap::from([("value", value)]))).collect(),
        summary: columns.iter().filter_map(summary).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{exported_from, json_of, reference, refused, timed};
    use serde::Deserialize;
    use serde_json::{Value, json};

    /// Two trials of `a` that count, one of the burn-in, and one of `b`.
    fn trials() -> [TrialRow; 4] {
        let measured = |trial: TrialRow, user, resident| TrialRow {
            cpu_user_ns: Some(user),
            cpu_system_ns: Some(1_000_000),
            rss_peak_bytes: Some(resident),
            ..trial
        };
        [
            measured(timed("a", 0, 9_000_000_000), 9, 9),
            measured(timed("a", 1, 1_000_000_000), 2_000_000, 4096),
            timed("b", 1, 500_000_000),
            measured(timed("a", 2, 2_000_000_000), 4_000_000, 8192),
        ]
    }

    fn exported(format: Format) -> Value {
        json_of(&trials(), format, &[])
    }

    #[test]
    fn a_cell_is_a_result_of_hyperfine_1_in_seconds_without_the_burn_in() {
        let a = json!({
            "command": "a", "mean": 1.5, "stddev": 0.5_f64.sqrt(), "median": 1.5, "min": 1.0, "max": 2.0,
            "user": 0.003, "system": 0.001, "times": [1.0, 2.0], "exit_codes": [0, 0],
            "memory_usage_byte": [4096, 8192],
            "parameters": {
                "duration_ns": "1000000", "runtime": "a", "tasks": "10", "workers": "2", "workload": "sleep",
            },
        });
        assert_eq!(exported(Format::Hyperfine)["results"][0], a);
    }

    #[test]
    fn what_no_trial_tells_is_null_and_never_0() {
        let b = &exported(Format::Hyperfine)["results"][1];
        assert_eq!((&b["user"], &b["system"], &b["stddev"]), (&Value::Null, &Value::Null, &Value::Null));
        assert!(b.get("memory_usage_byte").is_none());
        let b = &exported(Format::Hyperfine2)["results"][1];
        assert_eq!(
            b["measurements"][0].as_object().unwrap().keys().collect::<Vec<_>>(),
            ["exit_code", "time_wall_clock"]
        );
        assert_eq!(b["summary"]["time_wall_clock"]["stddev"], Value::Null);
    }

    #[test]
    fn a_cell_is_a_result_of_hyperfine_2_with_a_measurement_a_trial() {
        let export = exported(Format::Hyperfine2);
        assert_eq!(
            (&export["schema_version"], &export["primary_metric"]),
            (&json!(2), &json!("time_wall_clock"))
        );
        let a = &export["results"][0];
        assert_eq!(a["measurements"][1]["time_wall_clock"], json!({"value": 2.0, "unit": "second"}));
        assert_eq!(a["measurements"][1]["time_cpu"], json!({"value": 0.005, "unit": "second"}));
        assert_eq!(a["measurements"][1]["memory_peak_resident"], json!({"value": 8192.0, "unit": "byte"}));
        assert_eq!(a["summary"]["time_wall_clock"]["mean"], 1.5);
        assert_eq!(a["summary"]["time_user"]["count"], 2);
        assert_eq!(a["parameters"]["tasks"], json!({"value": "10"}));
    }

    /// A result as Bencher's adapter for hyperfine reads it, whose keys must all be there. It wants the CPU
    /// times as numbers, too, but some runtimes (Java, Erlang) do not give them.
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Strict {
        command: String,
        mean: f64,
        stddev: Option<f64>,
        median: f64,
        user: Option<f64>,
        system: Option<f64>,
        min: f64,
        max: f64,
        times: Vec<f64>,
        memory_usage_byte: Vec<u64>,
        exit_codes: Vec<Option<i32>>,
        parameters: BTreeMap<String, String>,
    }

    #[test]
    fn the_reference_is_what_a_strict_reader_of_hyperfine_1_takes() {
        let text = exported_from(&reference(), Format::Hyperfine, &[]).unwrap().text;
        let results: BTreeMap<String, Vec<Strict>> = serde_json::from_str(&text).unwrap();
        assert!(results["results"].len() > 100);
        for result in &results["results"] {
            let Strict { command, mean, stddev, median, min, max, .. } = result;
            assert!(!command.is_empty() && stddev.is_none_or(|stddev| stddev >= 0.0), "{command}");
            assert!(min <= mean && mean <= max && min <= median && median <= max, "{command}");
            let cpu = result.user.zip(result.system);
            let is_positive = cpu.is_none_or(|(user, system)| user >= 0.0 && system >= 0.0);
            assert!(is_positive && *min > 0.0, "{command}");
            let runtime = &result.parameters["runtime"];
            let is_silent = ["java-", "erlang-"].iter().any(|name| runtime.starts_with(name));
            assert!(cpu.is_some() || is_silent, "{command}");
            let n = result.times.len();
            assert_eq!((n, n), (result.exit_codes.len(), result.memory_usage_byte.len()), "{command}");
            assert!(result.parameters.contains_key("tasks"), "{command}");
        }
    }

    #[test]
    fn another_time_can_be_asked_for_and_nothing_else() {
        let trials = [TrialRow { startup_ns: Some(250_000_000), ..timed("a", 1, 500_000_000) }];
        let total = json_of(&trials, Format::Hyperfine, &[Metric::Total]);
        assert_eq!(total["results"][0]["median"], 0.75);
        for (metrics, why) in [
            (
                &[Metric::RssPeak][..],
                "only times, and rss_peak_bytes is in bytes; ask for a metric in ns, or for --format pyperf",
            ),
            (&[Metric::Total, Metric::ProcessLifetime], "not 2 metrics; ask for one of them"),
            (&[Metric::LaterMakespan], "no trial that counts has later_makespan_ns; ask for another"),
        ] {
            let error = refused(&trials, Format::Hyperfine, metrics);
            assert!(error.contains(why), "{error}");
        }
    }
}
