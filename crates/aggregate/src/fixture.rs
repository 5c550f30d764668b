//! Made-up runs, for the tests in this crate.

#[path = "../tests/support/mod.rs"]
mod support;

use results::TrialRow;

pub(crate) use support::*;

use crate::trials::{self, Trials};

/// What is read of a run with these trials.
pub(crate) fn trials(samples: &[TrialRow]) -> Trials {
    trials::read(run(samples).path()).unwrap().1
}
