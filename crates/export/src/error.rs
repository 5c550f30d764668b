//! What can go wrong, and what to do about it.

use std::path::{Path, PathBuf};

use crate::format::Format;

/// Why a run could not be exported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The run cannot be read.
    #[error(transparent)]
    Run(#[from] results::Error),
    /// A file of the run says something that cannot be used.
    #[error("{}: {problem}; {remedy}", path.display())]
    Content {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it, with its line where that is known.
        problem: String,
        /// What to do.
        remedy: &'static str,
    },
    /// The run holds nothing of what is asked for.
    #[error("{}: {what}; {remedy}", folder.display())]
    Nothing {
        /// The folder of the run.
        folder: PathBuf,
        /// What it does not hold.
        what: String,
        /// What to do.
        remedy: &'static str,
    },
    /// The format has no metrics.
    #[error(
        "the format {:?} holds the latencies of single tasks and no metrics; leave --metric out",
        Format::Hdr.name()
    )]
    NoMetrics,
    /// The format has one metric.
    #[error("the format {:?} holds one time a trial, not {asked} metrics; ask for one of them", format.name())]
    OneMetric {
        /// The format.
        format: Format,
        /// How many were asked for.
        asked: usize,
    },
    /// The format knows only times.
    #[error(
        "the format {:?} holds only times, and {metric} is in {unit}; ask for a metric in ns, or for \
         --format {}",
        format.name(),
        Format::Pyperf.name()
    )]
    OnlyTimes {
        /// The format.
        format: Format,
        /// The metric that is none.
        metric: &'static str,
        /// Its unit.
        unit: &'static str,
    },
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
