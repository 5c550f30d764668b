//! `kilotask report`: writes the report of a run.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use results::{folder, merged};

use crate::exit::ExitStatus;
use crate::lab::{say, tell_presence};

/// Write the web page, the Markdown and the figures of a run
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  kilotask report results/latest\n\nReads the tables that `kilotask aggregate` \
wrote, and writes report.html, REPORT.md and figures/ beside them."
)]
pub struct Arguments {
    /// The folder of a run that has been summarised
    folder: PathBuf,

    /// Write the numbers of this run into a README, between its markers, and nothing else
    #[arg(long, value_name = "README", hide = true)]
    readme: Option<PathBuf>,
}

pub fn run(arguments: &Arguments) -> Result<ExitStatus> {
    let folder = &arguments.folder;
    if let Some(readme) = &arguments.readme {
        write_readme(folder, readme)?;
        return Ok(ExitStatus::Good);
    }
    if folder::is_merged(folder) {
        return write_merged(folder);
    }
    let run = report::Run::read(folder)?;
    tell_presence(folder, &run.presence);
    report::write_of(&run, folder)?;
    let files = [folder::PAGE, folder::MARKDOWN, folder::FIGURES].map(|file| folder.join(file));
    say(&files.map(|file| file.display().to_string()).join("\n"))?;
    Ok(ExitStatus::Good)
}

/// The page of each machine, and then the one that leads to them.
fn write_merged(folder: &Path) -> Result<ExitStatus> {
    for machine in merged::machines(folder)? {
        let of_machine =
            folder::of_machine(folder, &machine.machine).context("a machine has the name of a folder")?;
        report::write(&of_machine)?;
    }
    report::write_merged(folder)?;
    say(&folder.join(folder::PAGE).display().to_string())?;
    Ok(ExitStatus::Good)
}

/// Rewrites the blocks of a README. Its links lead from the folder of the README to the page in Markdown.
fn write_readme(folder: &Path, readme: &Path) -> Result<()> {
    let run = report::Run::read(folder)?;
    let text = fs::read_to_string(readme).with_context(|| format!("reading {}", readme.display()))?;
    let beside = readme.parent().and_then(|parent| folder.strip_prefix(parent).ok()).unwrap_or(folder);
    let page = beside.join(folder::MARKDOWN);
    let written = report::readme::with_blocks(&text, &run, &page.display().to_string());
    let written = written.map_err(|problem| anyhow!("{}: {problem}", readme.display()))?;
    fs::write(readme, written).with_context(|| format!("writing {}", readme.display()))
}
