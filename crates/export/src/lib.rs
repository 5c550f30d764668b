//! CSV in, other tools' formats out; and what every column of every file means.
//!
//! [`export`] reads the folder of a run and gives it in the format of another tool:
//!
//! - [`hyperfine`]: the JSON of `hyperfine --export-json`, of its versions 1 and 2;
//! - [`pyperf`]: a suite of benchmarks for `pyperf compare_to`, `stats` and `show`;
//! - [`bencher`]: Bencher Metric Format, for continuous benchmarking;
//! - [`hdr`]: an `HdrHistogram` interval log of the latencies in `spans/`.
//!
//! [`datapackage`] writes what each column means beside the CSV files, as a Frictionless data package.
//!
//! The crate is pure: it starts nothing, and the same folder gives the same bytes.

// Tests state exactly what they expect.
#![cfg_attr(test, allow(clippy::float_cmp))]

pub mod bencher;
mod cells;
pub mod datapackage;
mod error;
#[cfg(test)]
mod fixture;
pub mod hdr;
pub mod hyperfine;
pub mod pyperf;

use std::path::Path;

use results::Metric;

pub use error::Error;

/// The metric that is exported where nobody asks for another.
const BY_DEFAULT: Metric = Metric::Makespan;

/// A format of another tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The JSON of hyperfine 1, which most tools read that read hyperfine.
    Hyperfine,
    /// The JSON of hyperfine 2 (schema version 2).
    Hyperfine2,
    /// The JSON of pyperf.
    Pyperf,
    /// Bencher Metric Format, JSON.
    Bencher,
    /// An interval log of `HdrHistogram`.
    Hdr,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Hyperfine, Self::Hyperfine2, Self::Pyperf, Self::Bencher, Self::Hdr];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hyperfine => "hyperfine",
            Self::Hyperfine2 => "hyperfine-2",
            Self::Pyperf => "pyperf",
            Self::Bencher => "bencher",
            Self::Hdr => "hdr",
        }
    }

    /// What a file of this format is called in a folder.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Hyperfine => "hyperfine.json",
            Self::Hyperfine2 => "hyperfine-2.json",
            Self::Pyperf => "pyperf.json",
            Self::Bencher => "bencher.json",
            Self::Hdr => "spans.hlog",
        }
    }
}

/// A run in another format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// The whole file, which ends in a newline.
    pub text: String,
    /// What could not be exported, and why; a sentence each.
    pub left_out: Vec<String>,
}

/// The run in the folder `dir`, in another format. `metrics` are those that are asked for; none is the
/// makespan, where the format has metrics.
///
/// # Errors
///
/// A folder that holds no run, metrics that the format cannot hold, and a run in which nothing of what is
/// asked for was measured; see [`Error`].
pub fn export(dir: &Path, format: Format, metrics: &[Metric]) -> Result<Exported, Error> {
    if format == Format::Hdr {
        return if metrics.is_empty() { hdr::export(dir) } else { Err(Error::NoMetrics) };
    }
    let by_default = [BY_DEFAULT];
    let metrics = if metrics.is_empty() { &by_default[..] } else { metrics };
    match format {
        Format::Bencher => bencher::export(dir, metrics),
        Format::Pyperf => pyperf::export(dir, metrics),
        _ => hyperfine::export(dir, format, metrics),
    }
}

/// A value as a JSON file.
fn json(value: &impl serde::Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("names and finite numbers serialise to JSON");
    text.push('\n');
    text
}
