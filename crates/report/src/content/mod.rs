//! What is said of a run, whatever shows it: a terminal, the page, or Markdown.

pub(crate) mod answers;
pub(crate) mod causes;
pub mod ceilings;
pub mod headline;
pub mod omissions;
pub(crate) mod ranking;
pub(crate) mod scaling;
pub(crate) mod settings;
pub mod trust;
pub mod verdicts;
pub mod workloads;
