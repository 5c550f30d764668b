//! `kilotask build`: builds the runners of other languages.

use anyhow::Result;
use harness::build::{Outcome, build};

use crate::Verdict;
use crate::lab::{Lab, say};

/// Build the runners of other languages that have something to build
#[derive(clap::Args)]
#[command(after_help = "Example:\n  kilotask build\n\n\
Runs the `build` of each runners/*/runner.toml in its folder. A runner whose tools are not here is left out, \
and says how to get them.")]
pub struct Arguments {}

/// Builds them.
pub fn run(_: &Arguments) -> Result<Verdict> {
    let root = Lab::root()?;
    let mut verdict = Verdict::Good;
    for built in build(&root)? {
        let folder = built.folder.strip_prefix(&root).unwrap_or(&built.folder).display();
        match built.outcome {
            Outcome::Done => say(&format!("{folder}: built"))?,
            Outcome::Unavailable(reason) => say(&format!("{folder}: not built: {reason}"))?,
            Outcome::Failed(reason) => {
                say(&format!("{folder}: failed: {reason}"))?;
                verdict = Verdict::Failed;
            }
        }
    }
    Ok(verdict)
}
