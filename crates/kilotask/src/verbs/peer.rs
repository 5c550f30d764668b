//! `kilotask peer`: what stands opposite a runtime, in a process of its own. Not for people.

use std::io;

use anyhow::{Context, Result};

use crate::Verdict;

/// Serves one assignment of the harness.
pub fn run() -> Result<Verdict> {
    peer::process::serve(io::stdin(), io::stdout()).context("serving the harness")?;
    Ok(Verdict::Good)
}
