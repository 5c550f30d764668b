//! `kilotask peer`: the peer of a runtime, in a process of its own. A hidden verb, for the harness.

use std::io;

use anyhow::{Context, Result};

use crate::exit::ExitStatus;

pub fn run() -> Result<ExitStatus> {
    peer::process::serve(io::stdin(), io::stdout()).context("serving the harness")?;
    Ok(ExitStatus::Good)
}
