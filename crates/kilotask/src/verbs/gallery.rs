//! `kilotask gallery`: a page of bundles, a row each.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use bundle::{Checked, Facts, Label, MachineFacts, Opened};
use harness::scratch::Scratch;
use report::format::counted;
use report::gallery::{Exhibit, gallery};
use results::disk;

use crate::exit::ExitStatus;
use crate::lab::say;

/// Check bundles, and write a page with a row for each
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  kilotask gallery --out gallery.html *.kilotask.tar.gz\n  \
kilotask gallery --out public/index.html bundles/*\n\n\
Each bundle is checked as `kilotask check` does, which takes some seconds for a large run. Its row names the machine, the \
date, the experiments, how many trials are ok, the verdicts, whether they are verified here or as submitted, and the SHA-256 \
of the bundle. The page is one file without script, and the same for the same bundles in any order; one that is named twice has one row.\n\n\
Exit status: 0 the page has all bundles; 1 wrong usage or I/O; 2 a bundle was refused and left out.")]
pub struct Arguments {
    /// The page to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// Files that kilotask bundle has written
    #[arg(required = true, value_name = "BUNDLE")]
    bundles: Vec<PathBuf>,
}

pub fn run(arguments: &Arguments) -> Result<ExitStatus> {
    let mut scratch = Scratch::default();
    let (mut exhibits, mut refused) = (Vec::new(), 0);
    for file in &arguments.bundles {
        match Opened::open(file, scratch.root()?).and_then(|opened| opened.check()) {
            Ok(checked) => exhibits.push(exhibit(checked)),
            Err(error) if error.is_refusal() => {
                tell!("left out: {error}");
                refused += 1;
            }
            Err(error) => return Err(error.into()),
        }
    }
    // A bundle that was named twice is one.
    exhibits.sort();
    exhibits.dedup();
    ensure!(!exhibits.is_empty(), "no bundle is left for {}: all were refused", arguments.out.display());
    let page = gallery(&exhibits)?;
    let out = &arguments.out;
    disk::replace(out, page.as_bytes()).map_err(|error| bundle::Error::Write { path: out.clone(), error })?;
    say(&format!("{}: {}", out.display(), counted(exhibits.len() as u64, "run")))?;
    Ok(ExitStatus::failed_if(refused > 0))
}

/// A bundle as a row of the page.
fn exhibit(checked: Checked) -> Exhibit {
    let Checked { label, sha256, presence, facts, .. } = checked;
    let Facts { machines, date, preset, experiments, rows, rows_ok, rows_failed, verdicts } = facts;
    let number = machines.len();
    let machine = machines.into_iter().next();
    let MachineFacts { name, cpu_model, cpus, kernel, virtualisation } = match machine {
        Some(machine) if number == 1 => machine,
        // Each has its own; their number says enough.
        _ => MachineFacts { name: counted(number as u64, "machine"), ..MachineFacts::default() },
    };
    Exhibit {
        machine: name,
        cpu_model: cpu_model.unwrap_or_default(),
        cpus,
        kernel,
        virtualisation: virtualisation.unwrap_or_default(),
        date,
        preset,
        experiments,
        rows,
        rows_ok,
        rows_failed,
        missing: presence.sentence().unwrap_or_default(),
        verdicts: verdicts.into_iter().map(|count| (count.claims, count.verdict.replace('-', " "))).collect(),
        is_verified: label == Label::Verified,
        reason: label.reason().unwrap_or_default().into(),
        sha256,
    }
}
