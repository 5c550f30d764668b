//! CSV in; the page, its Markdown and its figures out.
//!
//! [`Run::read`] reads the folder of a run that was summarised. What is *told* of it is decided in
//! [`tell`], whatever it is shown on; [`figures`] draws it.

// Tests state exactly what they expect.
#![cfg_attr(test, allow(clippy::float_cmp))]

mod chart;
mod error;
mod figure;
mod figures;
mod look;
mod read;
mod run;
pub mod table;
pub mod tell;

pub use error::Error;
pub use figure::Figure;
pub use run::Run;
