//! `kilotask build`: builds what cargo alone does not: runners in other languages, versions of a
//! crate, and runtimes in Rust in another way.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail};
use harness::build::{Built, Outcome, build, build_version};
use harness::experiment::Experiment;
use harness::names::Versioned;

use crate::exit::ExitStatus;
use crate::lab::{Lab, say};

/// Build the runners in other languages, or other versions or builds of a Rust runtime
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  kilotask build\n  kilotask build tokio@1.41.1\n  \
kilotask build tokio --profile tuned\n  kilotask build experiments/tokio-versions.toml\n\n\
Without an argument it runs the `build` command of each runners/*/runner.toml. A runner whose tools are missing is \
skipped, and the output says how to install them. A version of a runtime is built in isolation, under \
target/versions; it is then a separate runtime, for experiments that name it. So is another build of a Rust runtime: \
tokio@tuned uses the profile tuned of Cargo.toml (fat link-time optimisation, one codegen unit), and tokio@NAME a \
build that its Cargo.toml declares under metadata.kilotask.builds. For an experiment, everything that it names is \
built.")]
pub struct Arguments {
    /// Versions or builds of runtimes, or experiments that name some [default: the runners in
    /// other languages]
    #[arg(value_name = "RUNTIME@VERSION|RUNTIME@BUILD|EXPERIMENT")]
    what: Vec<String>,

    /// Build these runtimes with another profile; the result is RUNTIME@PROFILE
    #[arg(long, value_name = "PROFILE", requires = "what", value_parser = [TUNED])]
    profile: Option<String>,
}

pub fn run(arguments: &Arguments) -> Result<ExitStatus> {
    let root = Lab::root()?;
    let mut failed = false;
    if arguments.what.is_empty() {
        for built in build(&root)? {
            failed |= show(&root, &built)?;
        }
    }
    for version in wanted(&arguments.what, arguments.profile.as_deref())? {
        failed |= show(&root, &build_version(&root, &version)?)?;
    }
    Ok(ExitStatus::failed_if(failed))
}

/// The profile of the workspace's manifest for rows of their own.
const TUNED: &str = "tuned";

/// The versions and builds that are named, each once.
fn wanted(what: &[String], profile: Option<&str>) -> Result<BTreeSet<Versioned>> {
    let Some(profile) = profile else { return versions(what) };
    let with_profile = |runtime: &String| {
        Versioned::parse(&format!("{runtime}@{profile}")).with_context(|| {
            format!(
                "--profile {profile} needs a runtime, and {runtime:?} is none; write kilotask build tokio \
                 --profile {profile}"
            )
        })
    };
    what.iter().map(with_profile).collect()
}

/// The versions and builds that are named without a profile.
fn versions(what: &[String]) -> Result<BTreeSet<Versioned>> {
    let mut versions = BTreeSet::new();
    for one in what {
        match Versioned::parse(one) {
            Some(version) => {
                versions.insert(version);
            }
            None if Path::new(one).exists() => versions.extend(Experiment::versions(Path::new(one))?),
            None => bail!(
                "{one:?} is not an experiment file, a version like tokio@1.41.1 or a build like \
                 tokio@tuned; make build builds the runtimes of the lock file"
            ),
        }
    }
    Ok(versions)
}

/// Shows how one build ended, and gives whether it failed.
fn show(root: &Path, built: &Built) -> Result<bool> {
    let folder = built.folder.strip_prefix(root).unwrap_or(&built.folder).display();
    match &built.outcome {
        Outcome::Done => say(&format!("{folder}: built"))?,
        Outcome::Unavailable(reason) => say(&format!("{folder}: not built: {reason}"))?,
        Outcome::Failed(reason) => say(&format!("{folder}: failed: {reason}"))?,
    }
    Ok(matches!(built.outcome, Outcome::Failed(_)))
}
