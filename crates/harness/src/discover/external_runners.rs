//! Runners outside the checkout, each of which a person names by its path: a folder with a
//! `runner.toml`, or an executable. The counted build of an executable is looked for beside it,
//! under the same name with `-counted` at its end.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::foreign_runners::{ForeignRunner, MANIFEST};
use super::manifest::{DiscoverError, folder_of};
use super::runner::{Found, Runner};
use crate::names::plain_like;

/// What the name of a counted build ends with.
const COUNTED: &str = "-counted";

/// The runners at these paths, each once.
pub(super) fn runners(paths: &[PathBuf]) -> Result<Vec<Found>, DiscoverError> {
    let mut found: Vec<Found> = Vec::new();
    for path in paths {
        let runner = runner(path)?;
        if found.iter().all(|other| other.runner.place != runner.runner.place) {
            found.push(runner);
        }
    }
    Ok(found)
}

fn runner(path: &Path) -> Result<Found, DiscoverError> {
    let fail = |problem: String| DiscoverError::External { path: path.into(), problem };
    let place = whole(path).map_err(|error| {
        fail(format!("{error}; give the path of an executable or of a folder with {MANIFEST}"))
    })?;
    if place.ends_with(MANIFEST) {
        return Ok(ForeignRunner::read(&place)?.found(folder_of(&place)));
    }
    if !place.is_dir() {
        return executable(&place).ok_or_else(|| {
            fail(format!(
                "it is not executable; make it so with chmod +x, or name a folder with a {MANIFEST}"
            ))
        });
    }
    let manifest = place.join(MANIFEST);
    if !manifest.is_file() {
        return Err(fail(format!(
            "the folder has no {MANIFEST}; write one (command = [\"./program\"]), or name the executable \
             itself"
        )));
    }
    Ok(ForeignRunner::read(&manifest)?.found(place))
}

/// The whole path. A link at its end is kept: a program may behave by the name it is called by.
fn whole(path: &Path) -> io::Result<PathBuf> {
    let whole = path.canonicalize()?;
    match path.file_name() {
        Some(name) if whole.is_file() => {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            Ok(folder.unwrap_or(Path::new(".")).canonicalize()?.join(name))
        }
        _ => Ok(whole),
    }
}

/// The runner that an executable is; `None` where it is none.
fn executable(program: &Path) -> Option<Found> {
    let mode = program.metadata().ok()?.permissions().mode();
    if mode & 0o111 == 0 {
        return None;
    }
    let name = program.file_name()?;
    let mut counted = program.as_os_str().to_owned();
    counted.push(COUNTED);
    let runner = Runner {
        counted: Some(PathBuf::from(counted)).filter(|path| path.is_file()),
        ..Runner::new(folder_of(program), program.into(), vec![program.into()], program.into())
    };
    Some(Found {
        runner,
        names: vec![plain_like(&name.to_string_lossy())],
        missing: None,
        version: None,
        on_request: false,
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::discover::{Runtime, discover_with};
    use crate::fixture::{DESCRIBE, checkout};

    /// A folder with an executable `mine` and a folder `theirs` with a `runner.toml`.
    fn external() -> tempfile::TempDir {
        let (script, other) = (format!("#!/bin/sh\n{DESCRIBE}"), DESCRIBE.replace("\"x\"", "\"y\""));
        let files = [
            ("mine", &*script),
            ("theirs/main.sh", &*other),
            ("theirs/runner.toml", "command = [\"sh\", \"main.sh\"]"),
            ("plain.txt", "no program"),
        ];
        let folder = checkout(&files);
        fs::set_permissions(folder.path().join("mine"), fs::Permissions::from_mode(0o755)).unwrap();
        folder
    }

    fn found(folder: &Path, paths: &[&str]) -> Result<Vec<Runtime>, DiscoverError> {
        let nothing = checkout(&[]);
        let paths: Vec<PathBuf> = paths.iter().map(|path| folder.join(path)).collect();
        discover_with(Some(nothing.path()), &paths, &[])
    }

    #[test]
    fn an_executable_and_a_folder_are_runners_that_know_their_place() {
        let folder = external();
        let whole = folder.path().canonicalize().unwrap();
        let runtimes =
            found(folder.path(), &["mine", "theirs", "theirs/runner.toml", "theirs/../mine"]).unwrap();
        let places: Vec<_> = runtimes.iter().map(|it| (&*it.info.name, it.runner.external_path())).collect();
        assert_eq!(places, [("x", Some(&*whole.join("mine"))), ("y", Some(&*whole.join("theirs")))]);
        assert!(runtimes.iter().all(|runtime| runtime.broken.is_none()));
    }

    #[test]
    fn a_program_beside_an_executable_is_its_counted_build() {
        let folder = external();
        assert!(!found(folder.path(), &["mine"]).unwrap()[0].runner.has_counted_build());
        fs::copy(folder.path().join("mine"), folder.path().join("mine-counted")).unwrap();
        assert!(found(folder.path(), &["mine"]).unwrap()[0].runner.has_counted_build());
    }

    #[test]
    fn what_is_no_runner_is_reported_with_how_to_fix_it() {
        let folder = external();
        for (path, words) in [
            ("nowhere", "give the path of an executable"),
            ("plain.txt", "chmod +x"),
            (".", "the folder has no runner.toml; write one"),
        ] {
            let error = found(folder.path(), &[path]).unwrap_err().to_string();
            assert!(error.contains(words) && error.contains(path), "{error}");
        }
    }
}
