//! What is said of a run, whatever shows it: a terminal, the page, or Markdown.

pub(crate) mod board;
pub(crate) mod cards;
pub(crate) mod causes;
pub mod ceilings;
pub(crate) mod claims;
pub(crate) mod glossary;
pub mod headline;
pub mod omissions;
pub(crate) mod overview;
pub(crate) mod pairs;
pub mod pick;
pub(crate) mod ranking;
pub(crate) mod readme;
pub mod score;
pub mod screen;
pub(crate) mod settings;
pub mod sheets;
pub(crate) mod standings;
pub mod tally;
pub(crate) mod threshold;
pub mod trust;
pub mod verdicts;
pub(crate) mod versus;
pub mod workloads;

use crate::run::Run;
use overview::Column;
use pairs::Pairs;
use workloads::WorkloadTable;

/// A run, with what many parts of the page look up.
#[derive(Debug)]
pub(crate) struct Basis<'a> {
    pub run: &'a Run,
    /// The workloads, each in its overview group.
    pub columns: Vec<Column<'a>>,
    /// The ratios of any two runtimes in these groups.
    pub pairs: Pairs<'a>,
    /// All groups of the other workloads, by experiment.
    pub tables: Vec<WorkloadTable<'a>>,
}

impl<'a> Basis<'a> {
    pub fn of(run: &'a Run) -> Self {
        Self {
            run,
            columns: overview::columns(run),
            pairs: Pairs::of(run),
            tables: workloads::workloads(run),
        }
    }
}
