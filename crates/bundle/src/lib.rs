//! A run as one file that is handed to others, and what its receiver checks before believing it.
//!
//! A bundle is a tar archive, compressed with gzip: first `manifest.json` with the size and SHA-256 of each file, then these
//! files, sorted by name. They are those that the run wrote (plan, environment, rows, spans) and those that follow from its
//! rows, worked out anew by [`pack()`]. Nothing else is in it: no times, no owners, no links. The same run gives the same
//! bytes.
//!
//! [`Opened::open`] takes one from a stranger: only names that a run has, only as much as the manifest says, and the manifest
//! only as much as is sensible. [`Opened::check`] then reads the rows as every reader of a run does, works out again what
//! follows from them, and compares.
//!
//! A bundle has no signature. What is *verified here* follows from the rows that are in it; whether a machine really gave
//! these rows, nobody can see in a file.

mod archive;
mod check;
mod compare;
mod copy;
mod derive;
mod error;
mod facts;
mod manifest;
mod names;
mod open;
mod pack;
mod rest;
#[cfg(test)]
mod tests;

pub use check::{Checked, Label};
pub use error::Error;
pub use facts::{Facts, MachineFacts};
pub use open::Opened;
pub use pack::{Packed, file_name, pack};
