//! Why a run's folder cannot be used, and what to do about it.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use results::folder::PLAN;

/// Why a run's folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum JournalError {
    #[error("{0} already holds a run; choose another --out, or continue it with --resume")]
    Taken(PathBuf),
    #[error("{0} is not empty and holds no run; empty it, or choose another --out")]
    NotEmpty(PathBuf),
    #[error("{0} holds no run to resume: it has no plan.json; start one without --resume")]
    NoRun(PathBuf),
    #[error("another kilotask is writing {0}; wait until it has ended, or choose another --out")]
    Locked(PathBuf),
    #[error(transparent)]
    Run(#[from] results::Error),
    #[error("{path}: {why}; every trial that has ended is kept: {remedy}, then {then}")]
    Full { path: PathBuf, why: &'static str, remedy: &'static str, then: String },
    #[error(
        "{0} was removed or renamed while the run was being written; the run stops. If it was renamed, go on with it \
         there: kilotask run --out NEW_NAME --resume"
    )]
    Gone(PathBuf),
    #[error("{path}: {error}")]
    Io { path: PathBuf, error: io::Error },
    #[error("{path}: {problem}")]
    Corrupt { path: PathBuf, problem: String },
}

impl JournalError {
    /// The same, where there is no plan yet to go on with.
    pub(super) fn before_the_plan(self) -> Self {
        match self {
            Self::Full { path, why, remedy, .. } => {
                Self::Full { path, why, remedy, then: "repeat the same command".into() }
            }
            other => other,
        }
    }
}

/// Says what could not be done to which file.
pub(super) fn at(path: &Path) -> impl Fn(io::Error) -> JournalError {
    let path = path.to_path_buf();
    move |error| match no_room(error.kind()) {
        Some((why, remedy)) => JournalError::Full { path: path.clone(), why, remedy, then: go_on(&path) },
        None => JournalError::Io { path: path.clone(), error },
    }
}

/// What keeps a file from growing, and what to do about it, if that is what happened.
fn no_room(kind: ErrorKind) -> Option<(&'static str, &'static str)> {
    match kind {
        ErrorKind::StorageFull => Some(("the disk is full", "free some space")),
        ErrorKind::QuotaExceeded => Some(("your disk quota is used up", "free some space")),
        ErrorKind::FileTooLarge => {
            Some(("the file would exceed the limit on file sizes", "raise that limit (ulimit -f)"))
        }
        _ => None,
    }
}

fn go_on(path: &Path) -> String {
    let run = path.ancestors().skip(1).find(|folder| folder.join(PLAN).exists());
    let folder = run.or(path.parent()).unwrap_or(path);
    format!("resume with: kilotask run --out {} --resume", folder.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_keeps_a_file_from_growing_is_reported_with_its_remedy() {
        for (kind, why, remedy) in [
            (ErrorKind::StorageFull, "the disk is full", "free some space"),
            (ErrorKind::QuotaExceeded, "your disk quota", "free some space"),
            (ErrorKind::FileTooLarge, "the limit on file sizes", "ulimit -f"),
        ] {
            let said = at(Path::new("run/trials.csv"))(kind.into()).to_string();
            assert!(said.starts_with("run/trials.csv: ") && said.contains(why), "{said}");
            assert!(said.contains(remedy) && said.ends_with("kilotask run --out run --resume"), "{said}");
        }
    }

    #[test]
    fn a_run_that_has_not_begun_is_begun_again() {
        let full = at(Path::new("run/plan.json"))(ErrorKind::StorageFull.into());
        let said = full.before_the_plan().to_string();
        assert!(said.ends_with("free some space, then repeat the same command"), "{said}");
    }
}
