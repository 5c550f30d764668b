//! The folder of a run: its files, their rows and columns, its plan, its claims and its metrics.
//!
//! The harness writes such folders; `aggregate`, `report` and `export` read them. What they must agree
//! on stands here, once, and this crate knows none of them.
//!
//! - [`rows`]: a struct for each kind of CSV row;
//! - [`metric`]: each metric with its unit, its pass, and how a trial gives its value;
//! - [`claims`]: what was claimed, and what is expected of which quantity;
//! - [`human`]: numbers for people.

// Tests state exactly what they expect.
#![cfg_attr(test, allow(clippy::float_cmp))]

pub mod claims;
pub mod human;
pub mod metric;
pub mod rows;

pub use claims::{CellRef, Claim, Expectation, Quantity, Source, hash, sha256, show};
pub use metric::{METRICS, Metric};
pub use rows::{Order, OrderRow, Pass, RoundRow, SCHEMA, TrialRow};
