//! `kilotask aggregate`: from samples to summaries and verdicts.

use std::path::PathBuf;

use anyhow::Result;

use crate::Verdict;
use crate::lab::say;
use crate::table;

/// Summarise a run again from its trials, and judge its claims
#[derive(clap::Args)]
#[command(after_help = "Example:\n  kilotask aggregate results/latest")]
pub struct Arguments {
    /// The folder of a run
    folder: PathBuf,
}

/// Aggregates the run and prints its table.
pub fn run(arguments: &Arguments) -> Result<Verdict> {
    let aggregation = aggregate::aggregate(&arguments.folder)?;
    export::datapackage::write(&arguments.folder)?;
    say(&table::ending(&arguments.folder, &aggregation)?)?;
    Ok(Verdict::Good)
}
