//! `kilotask aggregate`: from samples to summaries and verdicts.

use std::path::PathBuf;

use anyhow::Result;

use crate::exit::ExitStatus;
use crate::lab::{say, tell_presence};
use crate::sitting::summarise;
use crate::table;

/// Summarise a run anew from its trials, and judge its claims
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  kilotask aggregate results/latest\n\nEnds on one screen; `kilotask table` shows the rest."
)]
pub struct Arguments {
    /// The folder of a run
    folder: PathBuf,
}

pub fn run(arguments: &Arguments) -> Result<ExitStatus> {
    let run = summarise(&arguments.folder)?;
    tell_presence(&arguments.folder, &run.presence);
    say(&table::screen::ending(&arguments.folder, &run))?;
    Ok(ExitStatus::Good)
}
