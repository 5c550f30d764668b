//! Runs things: discovers runners, plans, runs and verifies trials, keeps the journal.
//!
//! The harness knows no runtime by name. What it knows of one is the runner's own description, and
//! what it claims is believed only after [`verify`].

pub mod build;
pub mod cell;
pub mod conformance;
pub mod discover;
mod earlier;
pub mod environment;
pub mod experiment;
pub mod fault;
#[cfg(test)]
mod fixture;
pub mod journal;
pub mod laboratory;
mod machine_noise;
pub mod memory;
pub mod names;
pub mod order_effect;
pub mod pace;
pub mod peers;
mod pipe;
pub mod plan;
pub mod process;
pub mod reproduce;
pub mod run;
pub mod schedule;
pub mod sitting;
mod suggest;
pub mod trace;
pub mod trial;
pub mod verify;

pub use suggest::did_you_mean;
