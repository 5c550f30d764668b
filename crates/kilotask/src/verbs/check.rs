//! `kilotask check`: bundles of others, checked before anybody believes them.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use bundle::{Checked, Label, Opened};
use harness::scratch::Scratch;
use results::disk::make_folder;
use serde_json::{Value, json};

use crate::exit::ExitStatus;
use crate::lab::say;
use crate::table::bundle::shown;

/// Check bundles of others: their hashes, their rows, and what follows from these
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  kilotask check theirs.kilotask.tar.gz\n  \
kilotask check *.kilotask.tar.gz --json | jq -r '.[] | [.bundle, .label] | @tsv'\n  \
kilotask check theirs.kilotask.tar.gz --unpack theirs && kilotask report theirs/theirs\n\n\
A bundle is refused unless every file has the hash of its manifest, and the plan, each row and its rounds are as every \
reader of a run wants them. Then all that follows from the rows is worked out again. `verified here`: the same bytes came \
out. `as submitted`: others did, and where, and whether another version of kilotask made them.\n\n\
A bundle has no signature: whoever makes up rows that fit together is found out by nobody here.\n\n\
Exit status: 0 all bundles are verified here; 1 wrong usage, or a file cannot be read or is no bundle; 2 a bundle is \
refused, or is as submitted.")]
pub struct Arguments {
    /// Files that kilotask bundle has written
    #[arg(required = true, value_name = "BUNDLE")]
    bundles: Vec<PathBuf>,

    /// Put the run of each bundle that is not refused into a folder of its own in this one, with what this kilotask makes of
    /// its rows
    #[arg(long, value_name = "DIR")]
    unpack: Option<PathBuf>,

    /// Print an array with an object for each bundle
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments) -> Result<ExitStatus> {
    let mut scratch = Scratch::default();
    if let Some(folder) = &arguments.unpack {
        make_folder(folder).map_err(|error| bundle::Error::Write { path: folder.clone(), error })?;
    }
    // Within one file system, what was unpacked can be moved.
    let within = match &arguments.unpack {
        Some(folder) => folder,
        None => scratch.root()?,
    };
    let (mut entries, mut unreadable, mut all_verified) = (Vec::new(), 0, true);
    for file in &arguments.bundles {
        let result = check(file, within, arguments.unpack.is_some());
        if let Err(error) = &result
            && !error.is_refusal()
        {
            tell!("{error}");
            unreadable += 1;
            continue;
        }
        all_verified &= result.as_ref().is_ok_and(|checked| checked.label == Label::Verified);
        if arguments.json {
            entries.push(entry(file, &result)?);
        } else {
            say(&shown(file, &result))?;
        }
    }
    if arguments.json {
        say(&serde_json::to_string_pretty(&entries)?)?;
    }
    if unreadable > 0 {
        bail!("{unreadable} of {} bundles could not be checked", arguments.bundles.len());
    }
    Ok(ExitStatus::failed_if(!all_verified))
}

fn check(file: &Path, within: &Path, is_kept: bool) -> Result<Checked, bundle::Error> {
    let opened = Opened::open(file, within)?;
    let checked = opened.check()?;
    if is_kept {
        let place = opened.keep(within)?;
        tell!("{}: its run is in {}", file.display(), place.display());
    }
    Ok(checked)
}

/// A bundle in the output of --json.
fn entry(file: &Path, result: &Result<Checked, bundle::Error>) -> Result<Value> {
    let mut entry = match result {
        Ok(checked) => serde_json::to_value(checked)?,
        Err(_) => json!({"label": "refused"}),
    };
    entry["bundle"] = file.to_string_lossy().into();
    entry["reason"] = match result {
        Ok(checked) => checked.label.reason().into(),
        Err(error) => error.to_string().into(),
    };
    Ok(entry)
}
