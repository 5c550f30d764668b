//! `kilotask bundle`: a run as one file for others.

use std::path::PathBuf;

use anyhow::Result;
use harness::scratch::Scratch;
use report::format::{counted, list};
use results::human;

use crate::exit::ExitStatus;
use crate::lab::{say, tell_presence};

/// Pack a run into one file that others can check
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  kilotask bundle results/latest\n  \
kilotask bundle results/latest --out mine.kilotask.tar.gz\n  \
kilotask bundle dealt/parts/shard-0/n0.0           # a part, to be merged elsewhere\n  \
kilotask bundle dealt/merged                       # several machines\n\n\
In it are the plan, the environment, trials, rounds and spans as they were written, and summaries, ratios and verdicts, \
worked out anew from these rows; manifest.json has the size and SHA-256 of each. The folder of the run stays as it is. The \
same run gives the same bytes. A run that is not complete can be bundled, too.\n\n\
The environment names the machine, its processor and its kernel, and runners outside the checkout have their whole path in \
it: read environment.json and plan.json before you publish a bundle. Any tar unpacks it. docs/sharing.md has the format.")]
pub struct Arguments {
    /// The folder of a run, of a part, or of several machines
    #[arg(value_name = "RUN")]
    run: PathBuf,

    /// A file, or a folder for a file with the usual name [default: NAME.kilotask.tar.gz, in the current folder]
    #[arg(long, value_name = "FILE_OR_DIR")]
    out: Option<PathBuf>,
}

pub fn run(arguments: &Arguments) -> Result<ExitStatus> {
    let run = &arguments.run;
    let usual = bundle::file_name(run);
    let out = match &arguments.out {
        Some(folder) if folder.is_dir() => folder.join(usual),
        Some(file) => file.clone(),
        None => usual.into(),
    };
    let packed = bundle::pack(run, &out, Scratch::default().root()?)?;
    tell_presence(run, &packed.presence);
    if !packed.outdated.is_empty() {
        tell!(
            "{}: this kilotask makes something else of its rows than stands in {}. The bundle has what it makes; kilotask \
             aggregate {} writes the same here",
            run.display(),
            list(packed.outdated),
            run.display()
        );
    }
    let file = out.display();
    say(&format!(
        "{file}: {} of {} in {}\nSHA-256 {}\nOthers check it with: kilotask check {file}",
        counted(packed.files as u64, "file"),
        human::bytes(packed.unpacked_bytes as f64),
        human::bytes(packed.bytes as f64),
        packed.sha256
    ))?;
    Ok(ExitStatus::Good)
}
