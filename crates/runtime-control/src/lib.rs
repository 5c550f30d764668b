//! Runtimes whose truth is known, with which the lab and every runtime are compared.
//!
//! - [`Floor`] does each workload in the cheapest way known, with no runtime at all.
//! - [`Same`] is one program under two names, a [`Slower`] has a known percentage more to do, and [`TwoModes`] has it
//!   in every second trial: with them the lab measures its own errors.
//! - [`Sequential`] runs one task after another, the way a program without concurrency would.

mod blocks;
mod floor;
mod known;
mod sequential;

pub use floor::Floor;
pub use known::{Same, Slower, TwoModes};
pub use sequential::Sequential;
