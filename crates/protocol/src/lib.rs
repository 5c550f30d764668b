//! The words between harness and runner, and their codec.
//!
//! Three things live here because both sides of a pipe or a file must agree on them:
//!
//! - [`wire`]: one JSON object a line between the harness and a runner ([`Job`] in, [`Event`] out);
//! - [`workload`]: what each workload is called, which parameters it takes, what its rounds consist of;
//! - [`proof`]: the arithmetic by which a round proves that it did the work;
//! - [`sample`]: the rows of `trials.csv` and `rounds.csv`, and of the spans file ([`span`]).
//!
//! No other crate of ours stands below this one.

pub mod proof;
pub mod quantiles;
pub mod sample;
pub mod span;
pub mod wire;
pub mod workload;

pub use proof::{Expected, Ground};
pub use quantiles::Quantiles;
pub use sample::{Order, OrderSample, Pass, RoundSample, SCHEMA, Sample, Status};
pub use span::Span;
pub use wire::{
    Description, Done, Event, Job, PROTOCOL, Params, Probe, Refusal, RoundReport, RuntimeInfo, Usage,
};
pub use workload::Workload;
