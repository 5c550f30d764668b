//! Made-up runs, for the tests in this crate.

#[path = "../tests/support/mod.rs"]
mod support;

pub(crate) use results::fixture::{run, run_of, sample, timed};
pub(crate) use support::*;

use results::TrialRow;

use crate::trials::{self, Trials};

/// What is read of a run with these trials.
pub(crate) fn trials(samples: &[TrialRow]) -> Trials {
    trials::read(run(samples).path()).unwrap().1
}
