//! Runs things: discovers runners, plans, runs and verifies trials, keeps the journal.
//!
//! The harness knows no runtime by name. What it knows of one is the runner's own description, and
//! what it claims is believed only after [`verify`].

pub mod build;
pub mod callgrind;
pub mod cell;
pub mod circumstances;
pub mod conformance;
pub mod control_group;
pub mod counters;
pub mod cpu_time;
pub mod discover;
mod earlier;
pub mod environment;
pub mod experiment;
pub mod fault;
mod file_system;
#[cfg(test)]
mod fixture;
pub mod hardware;
pub mod journal;
pub mod laboratory;
mod listener;
pub mod machine;
mod machine_noise;
pub mod memory;
mod moment;
pub mod order_effect;
pub mod pace;
mod patience;
pub mod peers;
mod pipe;
pub mod plan;
pub mod preflight;
pub mod process;
pub mod reproduce;
pub mod resumption;
pub mod run;
pub mod schedule;
pub mod scratch;
pub mod sitting;
pub mod standstill;
mod suggest;
pub mod trace;
pub mod trial;
pub mod turns;
pub mod verify;

pub use results::names;
pub use suggest::did_you_mean;
