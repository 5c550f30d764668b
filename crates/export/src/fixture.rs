//! Made-up runs, and what is exported of them.

use std::path::Path;

use results::{Metric, TrialRow};
use serde_json::Value;

pub use crate::export as exported_from;
use crate::{Exported, Format};
pub use results::fixture::{reference, run, timed};

/// A run of these trials in another format.
pub fn exported(trials: &[TrialRow], format: Format, metrics: &[Metric]) -> Exported {
    exported_from(run(trials).path(), format, metrics).unwrap()
}

/// The same as JSON.
pub fn json_of(trials: &[TrialRow], format: Format, metrics: &[Metric]) -> Value {
    serde_json::from_str(&exported(trials, format, metrics).text).unwrap()
}

/// Why a run cannot be exported.
pub fn refused(trials: &[TrialRow], format: Format, metrics: &[Metric]) -> String {
    exported_from(run(trials).path(), format, metrics).unwrap_err().to_string()
}

/// Writes the spans of a cell.
pub fn write_spans(dir: &Path, cell: &str, spans: &[(u64, u64)]) {
    std::fs::create_dir_all(dir.join("spans")).unwrap();
    let mut text = String::from("start_ns,finish_ns\n");
    text.extend(spans.iter().map(|(start, finish)| format!("{start},{finish}\n")));
    std::fs::write(dir.join("spans").join(format!("{cell}.csv")), text).unwrap();
}
