//! `kilotask background-load`: a load that comes and goes, in a process of its own. A hidden verb,
//! for `calibrate`.

use std::io;

use anyhow::{Context, Result};
use harness::environment::cpus;

use crate::exit::ExitStatus;

/// The seed of its phases.
#[derive(clap::Args)]
pub struct Arguments {
    seed: u64,
}

/// Computes until standard input ends.
pub fn run(arguments: &Arguments) -> Result<ExitStatus> {
    peer::background_load::run(io::stdin(), cpus() as usize, arguments.seed)
        .context("reading standard input")?;
    Ok(ExitStatus::Good)
}
