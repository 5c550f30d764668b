//! What is said of a run, whatever shows it: a terminal, the page, or Markdown.

pub(crate) mod board;
pub(crate) mod cards;
pub(crate) mod causes;
pub mod ceilings;
pub(crate) mod claims;
pub(crate) mod glossary;
pub mod headline;
pub mod note;
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
use cards::Card;
use claims::Chapter;
use headline::Headline;
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
    /// The questions that people come with, and the answers.
    pub cards: Vec<Card<'a>>,
    /// The groups of the thousand tasks.
    pub headlines: Vec<Headline<'a>>,
    /// The claims with their verdicts.
    pub chapters: Vec<Chapter<'a>>,
}

impl<'a> Basis<'a> {
    pub fn of(run: &'a Run) -> Self {
        let (columns, pairs) = (overview::columns(run), Pairs::of(run));
        Self {
            run,
            cards: cards::cards(run, &columns, &pairs),
            columns,
            pairs,
            tables: workloads::workloads(run),
            headlines: headline::headlines(run),
            chapters: claims::chapters(run),
        }
    }
}
