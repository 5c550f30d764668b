//! What is said of a run, whatever shows it: a terminal, the page, or Markdown.

pub mod answers;
pub mod causes;
pub mod ceilings;
pub mod headline;
pub mod omissions;
pub mod scaling;
pub mod settings;
pub mod trust;
pub mod verdicts;
pub mod workloads;
