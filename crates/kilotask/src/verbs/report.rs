//! `kilotask report`: writes the report of a run.

use std::path::PathBuf;

use anyhow::Result;
use results::folder;

use crate::exit::ExitStatus;
use crate::lab::say;

/// Write the web page, the Markdown and the figures of a run
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  kilotask report results/latest\n\nReads the tables that `kilotask aggregate` \
wrote, and writes report.html, REPORT.md and figures/ beside them."
)]
pub struct Arguments {
    /// The folder of a run that has been summarised
    folder: PathBuf,
}

pub fn run(arguments: &Arguments) -> Result<ExitStatus> {
    let folder = &arguments.folder;
    report::write(folder)?;
    let files = [folder::PAGE, folder::MARKDOWN, folder::FIGURES].map(|file| folder.join(file));
    say(&files.map(|file| file.display().to_string()).join("\n"))?;
    Ok(ExitStatus::Good)
}
