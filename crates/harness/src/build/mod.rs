//! Builds the runners of other languages by the `build` command of their manifests, and versions of
//! a crate as isolated builds.
//!
//! A `build` command runs on every build of the lab, in the runner's folder and with our own
//! output. Whether anything is out of date is for the command to know, as `make` and `go build` do.

mod isolated_build;
mod outcome;

use std::path::Path;

pub use isolated_build::build_version;
pub use outcome::{Built, Outcome};

use crate::discover::{DiscoverError, ForeignRunner};
use outcome::succeed;

/// Builds every runner of a checkout that has something to build, one after the other.
pub fn build(root: &Path) -> Result<Vec<Built>, DiscoverError> {
    Ok(ForeignRunner::all(root)?.iter().filter_map(build_one).collect())
}

fn build_one(runner: &ForeignRunner) -> Option<Built> {
    let mut command = runner.build()?;
    let outcome = match runner.missing_tool() {
        Some(reason) => Outcome::Unavailable(reason),
        None => succeed(&mut command).map_or_else(Outcome::Failed, |()| Outcome::Done),
    };
    Some(Built { folder: runner.folder.clone(), outcome })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::checkout;

    fn outcomes(manifests: &[(&str, &str)]) -> (tempfile::TempDir, Vec<Outcome>) {
        let root = checkout(manifests);
        let outcomes = build(root.path()).unwrap().into_iter().map(|built| built.outcome).collect();
        (root, outcomes)
    }

    #[test]
    fn a_build_runs_in_the_runners_own_folder() {
        let (root, outcomes) = outcomes(&[
            ("runners/x/runner.toml", "command = [\"./x\"]\nbuild = [\"touch\", \"x\"]"),
            ("runners/y/runner.toml", "command = [\"sh\"]"),
        ]);
        assert_eq!(outcomes, [Outcome::Done], "there is nothing to build in y");
        assert!(root.path().join("runners/x/x").is_file());
    }

    #[test]
    fn a_build_that_fails_says_what_was_run_and_one_whose_tool_is_missing_is_not_tried() {
        let fails = "command = [\"./x\"]\nbuild = [\"false\"]";
        let (_root, failed) = outcomes(&[("runners/x/runner.toml", fails)]);
        assert!(matches!(&failed[..], [Outcome::Failed(reason)] if reason.contains("false")));
        let lacks = format!("{fails}\nrequires = [\"no-such-tool\"]");
        let (_root, missing) = outcomes(&[("runners/x/runner.toml", &lacks)]);
        assert!(matches!(&missing[..], [Outcome::Unavailable(reason)] if reason.contains("no-such-tool")));
    }
}
