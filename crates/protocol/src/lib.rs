//! What harness and runner say to each other.
//!
//! Both sides of a pipe must agree on these, each built on those above it:
//!
//! - [`workload`]: what each workload is called, which parameters it takes, what its rounds consist
//!   of;
//! - [`wire`]: one JSON object a line between the harness and a runner ([`Job`] in, [`Event`] out);
//! - [`proof`]: the arithmetic by which a round proves that it did the work;
//! - [`span`]: the binary file in which a runner leaves the start and finish of each task.
//!
//! Beside these, what both look at in the same way: [`control_group`]. What none of that proves is
//! [`Workload::could_be_made_up`].
//!
//! No other crate of ours stands below this one.

mod built;
pub mod control_group;
mod named;
mod own_word;
pub mod proof;
pub mod quantiles;
pub mod span;
pub mod status;
pub mod wire;
pub mod workload;

pub use built::build;
pub use proof::{Expected, ProofInputs};
pub use quantiles::Quantiles;
pub use span::Span;
pub use status::Status;
pub use wire::{
    Description, Done, Event, Go, Job, PROTOCOL, Probe, Refusal, RoundReport, RuntimeInfo, Usage,
};
pub use workload::{Params, Workload};
