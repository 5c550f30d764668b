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
mod exported;
#[cfg(test)]
mod fixture;
mod format;
pub mod hdr;
pub mod hyperfine;
pub mod pyperf;

use std::path::Path;

use results::Metric;

pub use error::Error;
pub use exported::Exported;
pub use format::Format;

/// The metric that is exported where nobody asks for another.
const BY_DEFAULT: Metric = Metric::Makespan;

/// The run in the folder `dir`, in another format. `metrics` are those that are asked for; none is the
/// makespan, where the format has metrics.
///
/// # Errors
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
