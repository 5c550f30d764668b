//! Runtimes of known truth, against which the lab and every contestant are held.
//!
//! - [`Floor`] does each workload in the cheapest way known, with no runtime at all.
//! - [`Sequential`] runs one task after another, the way a program without concurrency would.

mod blocks;
mod floor;
mod sequential;

pub use floor::Floor;
pub use sequential::Sequential;
