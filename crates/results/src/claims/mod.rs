//! Claims: sentences that somebody published, made testable.
//!
//! The harness reads claims from experiments and writes them into `plan.json`, with their hash, before
//! the first trial; `aggregate` judges them. Both read them here.

pub mod claim;
pub mod expectation;
pub(crate) mod unit;

pub(crate) use claim::hash_in;
pub use claim::{CellRef, Claim, NEVER, Quantity, Source, hash, hex, sha256};
pub use expectation::Expectation;
