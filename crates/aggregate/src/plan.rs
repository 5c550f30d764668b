//! `plan.json`, as far as it matters here.

use std::path::Path;

use results::{Claim, SCHEMA};
use serde::Deserialize;

use crate::error::{Error, Problem};
use crate::files::read_bounded;

/// What to do about a plan that makes no sense.
const MEND: &str = "take the plan.json that the run wrote; it is not meant to be edited";

/// Which version of the files this is, and of which kilotask.
#[derive(Deserialize)]
struct Version {
    schema: u32,
    #[serde(default)]
    kilotask: String,
}

impl Version {
    fn check(&self) -> Result<(), Problem> {
        if self.schema == SCHEMA {
            return Ok(());
        }
        let problem = format!("this run has schema version {}, this kilotask reads {SCHEMA}", self.schema);
        let mend = format!(
            "run its experiments again into a new folder (plan.json names them, with preset and seed), or \
             read it with the kilotask that made it, {}",
            self.kilotask
        );
        Err(Problem::new(1, problem, mend))
    }
}

/// The fields of `plan.json` that the statistics depend on; the others are ignored.
#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct Plan {
    /// Seed of the whole run.
    pub seed: u64,
    /// How many blocks, from block 0, are burn-in.
    pub burn_in_blocks: u32,
    /// What was claimed.
    #[serde(default)]
    pub claims: Vec<Claim>,
    /// Hash of the claims, taken before the first trial.
    #[serde(default)]
    pub claims_sha256: String,
    /// What was not run, and why.
    #[serde(default)]
    pub left_out: Vec<LeftOut>,
}

/// A cell that was not run.
#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct LeftOut {
    /// The experiment that asked for it.
    pub experiment: String,
    /// Its name, where another run has it; empty where it never had one.
    #[serde(default)]
    pub cell: String,
    /// Why.
    pub reason: String,
}

impl Plan {
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = read_bounded(path).map_err(|error| Error::Read { path: path.into(), error })?;
        let unreadable = |error: serde_json::Error| {
            Problem::new(error.line() as u64, format!("reading the plan: {error}"), MEND).at(path)
        };
        // First of all: a plan of another version may have anything else in it, or not.
        let version: Version = serde_json::from_slice(&text).map_err(unreadable)?;
        version.check().map_err(|problem| problem.at(path))?;
        let plan: Self = serde_json::from_slice(&text).map_err(unreadable)?;
        plan.check_claims().map_err(|problem| problem.at(path))?;
        Ok(plan)
    }

    /// Claims count only as they stood before the first trial.
    fn check_claims(&self) -> Result<(), Problem> {
        if self.claims.is_empty() || results::hash(&self.claims) == self.claims_sha256 {
            return Ok(());
        }
        let problem = "its claims are not those whose hash was taken before the first trial";
        Err(Problem::new(1, problem, MEND))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Plan, Error> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("plan.json");
        std::fs::write(&path, text).unwrap();
        Plan::read(&path)
    }

    #[test]
    fn fields_that_nobody_here_needs_are_ignored() {
        let text = r#"{"schema":3,"preset":"quick","seed":18446744073709551615,"burn_in_blocks":1}"#;
        let plan = read(text).unwrap();
        assert_eq!((plan.seed, plan.burn_in_blocks), (u64::MAX, 1));
    }

    #[test]
    fn a_plan_without_a_seed_is_refused_with_file_and_line() {
        let error = read("{\"schema\":3,\n\"burn_in_blocks\":1}").unwrap_err().to_string();
        assert!(error.contains("plan.json:2: reading the plan: missing field `seed`"), "{error}");
    }

    #[test]
    fn a_plan_of_another_version_is_refused_with_the_way_forward() {
        let error = read(r#"{"schema":1,"kilotask":"0.0.9"}"#).unwrap_err().to_string();
        assert!(error.contains("plan.json:1: this run has schema version 1"), "{error}");
        assert!(error.contains("run its experiments again into a new folder"), "{error}");
        assert!(error.ends_with("the kilotask that made it, 0.0.9"), "{error}");
    }

    #[test]
    fn claims_that_were_changed_after_the_run_began_are_refused() {
        let claim = r#"{"experiment":"x","id":"c","says":"","source":{"title":"","author":"","date":""},
            "metric":"makespan_ns","quantity":{"value":{"of":{"cell":"","runtime":"","group":"","tasks":1}}},
            "expect":{"text":">= 1","low":1.0}}"#;
        let plan = |hash: &str| {
            format!(
                r#"{{"schema":3,"seed":1,"burn_in_blocks":1,"claims":[{claim}],"claims_sha256":"{hash}"}}"#
            )
        };
        let claims: Vec<Claim> = serde_json::from_str(&format!("[{claim}]")).unwrap();
        assert!(read(&plan(&results::hash(&claims))).is_ok());
        let error = read(&plan("0000")).unwrap_err().to_string();
        assert!(error.contains("not those whose hash was taken before the first trial"), "{error}");
    }

    #[test]
    fn a_folder_without_a_plan_is_refused_with_the_mend() {
        let error = Plan::read(Path::new("nowhere/plan.json")).unwrap_err().to_string();
        assert!(error.starts_with("reading nowhere/plan.json: "), "{error}");
        assert!(error.contains("kilotask run"), "{error}");
    }
}
