//! `kilotask aggregate`: from samples to summaries and verdicts.

use std::path::{Path, PathBuf};

use anyhow::Result;
use report::Run;

use crate::exit::ExitStatus;
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
pub fn run(arguments: &Arguments) -> Result<ExitStatus> {
    let run = summarise(&arguments.folder)?;
    say(&table::ending(&arguments.folder, &run))?;
    Ok(ExitStatus::Good)
}

/// Writes all that follows from the trials of a run but its report; gives the run.
pub fn summarise(folder: &Path) -> Result<Run> {
    aggregate::aggregate(folder)?;
    export::datapackage::write(folder)?;
    Ok(Run::read(folder)?)
}
