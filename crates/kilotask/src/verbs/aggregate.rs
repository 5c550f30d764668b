//! `kilotask aggregate`: from samples to summaries and verdicts.

use std::path::PathBuf;

use anyhow::Result;
use results::folder::is_merged;

use crate::exit::ExitStatus;
use crate::lab::{say, tell_presence};
use crate::sitting::{summarise, summarise_merged};
use crate::table;

/// Summarise a run anew from its trials, and judge its claims; of several machines, each and all together
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  kilotask aggregate results/latest\n\nEnds on one screen; `kilotask table` shows the rest."
)]
pub struct Arguments {
    /// The folder of a run
    folder: PathBuf,
}

pub fn run(arguments: &Arguments) -> Result<ExitStatus> {
    if is_merged(&arguments.folder) {
        let merged = summarise_merged(&arguments.folder)?;
        say(&table::merged::ending(&arguments.folder, &merged))?;
        return Ok(ExitStatus::Good);
    }
    let run = summarise(&arguments.folder)?;
    tell_presence(&arguments.folder, &run.presence);
    say(&table::screen::ending(&arguments.folder, &run))?;
    Ok(ExitStatus::Good)
}
