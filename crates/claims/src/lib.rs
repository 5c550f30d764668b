//! What is asked of the numbers: the metrics that a trial gives, and claims about them.
//!
//! A [`Claim`] is a sentence that somebody published, made testable: a metric, the runtimes and cells
//! that are compared, and what is expected. The harness reads claims from experiments and writes them
//! into `plan.json`, with their hash, before the first trial; `aggregate` judges them. This crate is
//! what both must agree on, and it knows neither.
//!
//! - [`metrics`]: each metric with its unit, its pass, and how a trial gives its value;
//! - [`claim`]: the claim, its source, and the quantity it is about;
//! - [`expect`]: what is expected of that quantity, read from a short text;
//! - [`human`]: numbers for people.

// Tests state exactly what they expect.
#![cfg_attr(test, allow(clippy::float_cmp))]

pub mod claim;
pub mod expect;
pub mod human;
pub mod metrics;
mod unit;

pub use claim::{CellRef, Claim, Quantity, Source, hash, sha256};
pub use expect::Expectation;
pub use metrics::{METRICS, Metric};
pub use unit::show;
