//! Why a run's folder cannot be used, and what to do about it.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use results::SCHEMA;
use serde_json::Value;

use super::PLAN;
use crate::sanitize::{MAX_NAME, MAX_REASON, one_line};

/// Why a run's folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum JournalError {
    #[error("{0} already holds a run; choose another --out, or go on with it by --resume")]
    Taken(PathBuf),
    #[error("{0} is not empty, and not a run; empty it, or choose another --out")]
    NotEmpty(PathBuf),
    #[error("{0} holds no run to go on with: it has no plan.json; begin one without --resume")]
    NoRun(PathBuf),
    #[error("{0} is being written by another kilotask; wait until it has ended, or choose another --out")]
    Locked(PathBuf),
    #[error("{path} has schema version {found}, this kilotask writes {SCHEMA}; {forward}")]
    Schema { path: PathBuf, found: u32, forward: String },
    #[error("{path}: {why}; every trial that has ended is kept: {mend}, then {then}")]
    Full { path: PathBuf, why: &'static str, mend: &'static str, then: String },
    #[error("{path}: {error}")]
    Io { path: PathBuf, error: io::Error },
    #[error("{path}: {problem}")]
    Corrupt { path: PathBuf, problem: String },
}

impl JournalError {
    /// The same, where there is no plan yet to go on with.
    pub(super) fn before_the_plan(self) -> Self {
        match self {
            Self::Full { path, why, mend, .. } => {
                Self::Full { path, why, mend, then: "give the same command again".into() }
            }
            other => other,
        }
    }

    /// A folder of another version; `plan` is what its `plan.json` holds.
    pub(super) fn schema(path: &Path, found: u32, plan: &Value) -> Self {
        Self::Schema { path: path.into(), found, forward: way_forward(plan) }
    }
}

/// Says what could not be done to which file.
pub(super) fn at(path: &Path) -> impl Fn(io::Error) -> JournalError {
    let path = path.to_path_buf();
    move |error| match no_room(error.kind()) {
        Some((why, mend)) => JournalError::Full { path: path.clone(), why, mend, then: go_on(&path) },
        None => JournalError::Io { path: path.clone(), error },
    }
}

/// What keeps a file from growing, and what to do about it, if that is what happened.
fn no_room(kind: ErrorKind) -> Option<(&'static str, &'static str)> {
    match kind {
        ErrorKind::StorageFull => Some(("the disk is full", "free some space")),
        ErrorKind::QuotaExceeded => Some(("your share of the disk is used up", "free some space")),
        ErrorKind::FileTooLarge => {
            Some(("the file would be larger than files may be here", "raise that limit (ulimit -f)"))
        }
        _ => None,
    }
}

fn go_on(path: &Path) -> String {
    let run = path.ancestors().skip(1).find(|folder| folder.join(PLAN).exists());
    let folder = run.or(path.parent()).unwrap_or(path);
    format!("go on with: kilotask run --out {} --resume", folder.display())
}

/// What to do with a run that this version cannot go on with.
fn way_forward(plan: &Value) -> String {
    let text = |value: &Value| value.as_str().map(|text| one_line(text, MAX_NAME));
    let files = plan["experiments"].as_array().into_iter().flatten();
    let files: Vec<String> = files.filter_map(|one| text(&one["file"])).collect();
    let files = if files.is_empty() { String::new() } else { format!(" ({})", files.join(", ")) };
    let preset = text(&plan["preset"]).map_or_else(String::new, |preset| format!(" --preset {preset}"));
    let seed = plan["seed"].as_u64().map_or_else(String::new, |seed| format!(" --seed {seed}"));
    let options = if preset.is_empty() && seed.is_empty() { "" } else { " with" };
    let made_by = text(&plan["kilotask"]).map_or_else(String::new, |version| format!(", {version}"));
    let files = one_line(&files, MAX_REASON);
    format!(
        "run its experiments{files} again into a new folder{options}{preset}{seed}, or go on with it by the \
         kilotask that made it{made_by}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_forward_from_another_version_names_experiments_preset_and_seed() {
        let plan = serde_json::json!({"kilotask": "0.0.9", "preset": "quick", "seed": 7,
            "experiments": [{"file": "a.toml"}, {"file": "b.toml"}]});
        let said = JournalError::schema(Path::new("x/plan.json"), 1, &plan).to_string();
        let expected = "run its experiments (a.toml, b.toml) again into a new folder with --preset quick --seed 7, \
                        or go on with it by the kilotask that made it, 0.0.9";
        assert!(said.starts_with("x/plan.json has schema version 1, ") && said.ends_with(expected), "{said}");
        let said = JournalError::schema(Path::new("x/plan.json"), 0, &Value::Null).to_string();
        assert!(said.ends_with("again into a new folder, or go on with it by the kilotask that made it"));
    }

    #[test]
    fn whatever_keeps_a_file_from_growing_is_told_with_its_mend() {
        for (kind, why, mend) in [
            (ErrorKind::StorageFull, "the disk is full", "free some space"),
            (ErrorKind::QuotaExceeded, "your share of the disk", "free some space"),
            (ErrorKind::FileTooLarge, "larger than files may be", "ulimit -f"),
        ] {
            let said = at(Path::new("run/trials.csv"))(kind.into()).to_string();
            assert!(said.starts_with("run/trials.csv: ") && said.contains(why), "{said}");
            assert!(said.contains(mend) && said.ends_with("kilotask run --out run --resume"), "{said}");
        }
    }

    #[test]
    fn a_run_that_has_not_begun_is_begun_again() {
        let full = at(Path::new("run/plan.json"))(ErrorKind::StorageFull.into());
        let said = full.before_the_plan().to_string();
        assert!(said.ends_with("free some space, then give the same command again"), "{said}");
    }
}
