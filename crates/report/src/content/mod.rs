//! What is said of a run, whatever shows it: a terminal, the page, or Markdown.

pub(crate) mod answers;
pub(crate) mod causes;
pub mod ceilings;
pub mod headline;
pub mod omissions;
pub mod pick;
pub(crate) mod ranking;
pub(crate) mod scaling;
pub mod score;
pub mod screen;
pub(crate) mod settings;
pub mod sheets;
pub mod tally;
pub mod trust;
pub mod verdicts;
pub mod workloads;
