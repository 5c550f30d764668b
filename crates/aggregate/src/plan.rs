//! `plan.json`, as far as it matters here.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde::Deserialize;

use crate::error::{Error, Problem};

/// No plan is as large as this; what is, is not a plan.
const MAX_PLAN_BYTES: u64 = 64 << 20;

/// The fields of `plan.json` that the statistics depend on; the others are ignored.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Plan {
    /// Seed of the whole run.
    pub seed: u64,
    /// How many blocks, from block 0, are burn-in.
    pub burn_in_blocks: u32,
}

impl Plan {
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = read_bounded(path).map_err(|source| Error::Read { path: path.into(), source })?;
        serde_json::from_slice(&text).map_err(|error| {
            let mend = "take the plan.json that the run wrote; it is not meant to be edited";
            Problem::new(error.line() as u64, format!("reading the plan: {error}"), mend).at(path)
        })
    }
}

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    File::open(path)?.take(MAX_PLAN_BYTES + 1).read_to_end(&mut text)?;
    if text.len() as u64 > MAX_PLAN_BYTES {
        return Err(io::Error::other("it is larger than 64 MiB, which no plan is"));
    }
    Ok(text)
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
        let plan = read(r#"{"preset":"quick","seed":18446744073709551615,"burn_in_blocks":1}"#).unwrap();
        assert_eq!(plan, Plan { seed: u64::MAX, burn_in_blocks: 1 });
    }

    #[test]
    fn a_plan_without_a_seed_is_refused_with_file_and_line() {
        let error = read("{\n\"burn_in_blocks\":1}").unwrap_err().to_string();
        assert!(error.contains("plan.json:2: reading the plan: missing field `seed`"), "{error}");
    }

    #[test]
    fn a_folder_without_a_plan_is_refused_with_the_mend() {
        let error = Plan::read(Path::new("nowhere/plan.json")).unwrap_err().to_string();
        assert!(error.starts_with("reading nowhere/plan.json: "), "{error}");
        assert!(error.contains("kilotask run"), "{error}");
    }
}
