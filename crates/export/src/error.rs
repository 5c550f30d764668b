//! What can go wrong, and what to do about it.

use std::path::{Path, PathBuf};

use crate::format::Format;

/// Why a run could not be exported.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // The text of each says what it is.
#[non_exhaustive]
pub enum Error {
    #[error(transparent)]
    Run(#[from] results::Error),
    #[error("{}: {problem}; {remedy}", path.display())]
    Content { path: PathBuf, problem: String, remedy: &'static str },
    #[error("{}: {what}; {remedy}", folder.display())]
    Nothing { folder: PathBuf, what: String, remedy: &'static str },
    #[error(
        "the format {:?} holds the latencies of single tasks and no metrics; leave --metric out",
        Format::Hdr.name()
    )]
    NoMetrics,
    #[error("the format {:?} holds one time a trial, not {asked} metrics; ask for one of them", format.name())]
    OneMetric { format: Format, asked: usize },
    #[error(
        "the format {:?} holds only times, and {metric} is in {unit}; ask for a metric in ns, or for \
         --format {}",
        format.name(),
        Format::Pyperf.name()
    )]
    OnlyTimes { format: Format, metric: &'static str, unit: &'static str },
}

impl Error {
    /// No trial of the run gave any of these metrics.
    pub(crate) fn not_measured(folder: &Path, metrics: &[results::Metric]) -> Self {
        let names: Vec<&str> = metrics.iter().map(|metric| metric.name()).collect();
        Self::Nothing {
            folder: folder.into(),
            what: format!("no trial that counts has {}", names.join(", ")),
            remedy: "ask for another --metric; summary.csv shows which were measured",
        }
    }
}
