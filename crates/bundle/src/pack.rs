//! Packs a run.

use std::io::{self, BufWriter, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use results::disk;
use results::folder::{ENVIRONMENT, MACHINES, PLAN, ROUNDS, TRIALS, is_merged, merged_of};
use results::write::json_file;
use results::{Presence, regular};

use crate::archive::Writer;
use crate::copy::{Hashing, hash_file};
use crate::derive::derive;
use crate::error::Error;
use crate::manifest::{self, Entry, Manifest, SCHEMA, VERSION};
use crate::names::{ENDING_OF_BUNDLE, GIVEN, Kind, listed};

/// A bundle that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// How long it is.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal: what to tell others, so that they know that it is the same.
    pub sha256: String,
    /// How many files are in it, the manifest aside.
    pub files: usize,
    /// How many bytes these have.
    pub unpacked_bytes: u64,
    /// How many of its trials the run has.
    pub presence: Presence,
    /// Files of the run that follow from its rows, and are not what this version makes of them: the bundle has the latter.
    pub outdated: Vec<String>,
}

/// A file that is packed, and where it stands.
struct Source {
    entry: Entry,
    path: PathBuf,
}

/// The name of the bundle of a run, where nobody gives it another.
pub fn file_name(run: &Path) -> String {
    let run = run.canonicalize().unwrap_or_else(|_| run.into());
    format!("{}{ENDING_OF_BUNDLE}", run.file_name().unwrap_or("run".as_ref()).to_string_lossy())
}

/// Packs the run in the folder `run` into the file `out`, with temporary files below `within`. What follows from its rows is
/// worked out anew, so that it is of this version and of these rows, whatever stands in the folder, which stays as it is.
///
/// # Errors
/// When the folder holds no run, a file of it cannot be true or changes meanwhile, or the bundle cannot be written.
pub fn pack(run: &Path, out: &Path, within: &Path) -> Result<Packed, Error> {
    check_folder(run)?;
    let mut sources = hashed(run, Kind::Given)?;
    let folder = tempfile::tempdir_in(within).map_err(Error::writing(within))?;
    link_rows(run, folder.path())?;
    let presence = derive(folder.path()).map_err(|error| of_run(&error, folder.path(), run))?;
    let derived = hashed(folder.path(), Kind::Derived)?;
    let outdated = outdated(run, &derived)?;
    sources.extend(derived);
    sources.sort_by(|a, b| a.entry.name.cmp(&b.entry.name));
    let files = sources.iter().map(|source| source.entry.clone()).collect();
    let manifest = Manifest { schema: SCHEMA, kilotask: VERSION.into(), files };
    // What nobody would take is not handed on.
    Manifest::read(&json_file(&manifest), u64::MAX).map_err(Error::Run)?;
    write(out, &manifest, &sources)?;
    let (bytes, sha256) = hash_file(out)?;
    let unpacked_bytes = manifest.bytes();
    Ok(Packed { bytes, sha256, files: manifest.files.len(), unpacked_bytes, presence, outdated })
}

/// What is wrong with a run that was read by links in a temporary folder, which nobody knows.
fn of_run(error: &results::Error, temporary: &Path, run: &Path) -> Error {
    Error::Run(error.to_string().replace(&*temporary.to_string_lossy(), &run.to_string_lossy()))
}

/// Refuses a folder that lacks what every run has, and one of a machine, whose rows are among those of all.
fn check_folder(run: &Path) -> Result<(), Error> {
    if let Some((merged, _)) = merged_of(run) {
        return Err(Error::OfMerged { folder: run.into(), merged });
    }
    let circumstances = if is_merged(run) { MACHINES } else { ENVIRONMENT };
    match [PLAN, circumstances, TRIALS, ROUNDS].into_iter().find(|file| !run.join(file).exists()) {
        Some(file) => Err(Error::Lacks { folder: run.into(), file }),
        None => Ok(()),
    }
}

/// The files of a kind, each with its length and its hash.
fn hashed(folder: &Path, kind: Kind) -> Result<Vec<Source>, Error> {
    let names = listed(folder, kind).map_err(Error::reading(folder))?;
    let source = |name: String| {
        let path = folder.join(&name);
        let (bytes, sha256) = hash_file(&path)?;
        Ok(Source { entry: Entry { name, bytes, sha256 }, path })
    };
    names.into_iter().map(source).collect()
}

/// Links to the rows of a run, and to what they are read with, in a folder where what follows from them can be written.
fn link_rows(run: &Path, folder: &Path) -> Result<(), Error> {
    let run = run.canonicalize().map_err(Error::reading(run))?;
    for name in GIVEN.into_iter().filter(|name| run.join(name).exists()) {
        let link = folder.join(name);
        symlink(run.join(name), &link).map_err(Error::writing(&link))?;
    }
    Ok(())
}

/// The files of the run that are others than those that were worked out.
fn outdated(run: &Path, derived: &[Source]) -> Result<Vec<String>, Error> {
    let mut outdated = Vec::new();
    for Source { entry, .. } in derived {
        let path = run.join(&entry.name);
        if path.exists() && hash_file(&path)?.1 != entry.sha256 {
            outdated.push(entry.name.clone());
        }
    }
    Ok(outdated)
}

/// Writes the bundle, whole or not at all.
fn write(out: &Path, manifest: &Manifest, sources: &[Source]) -> Result<(), Error> {
    let mut failed = None;
    let staged = disk::stage_with(out, |file| {
        let mut archive = Writer::new(BufWriter::new(file));
        let text = json_file(manifest);
        archive.add(manifest::NAME, text.len() as u64, &*text)?;
        for source in sources {
            if let Err(error) = add(&mut archive, source)? {
                failed = Some(error);
                return Err(io::Error::other("a file of the run cannot be packed"));
            }
        }
        archive.finish()?.flush()
    });
    match (failed, staged) {
        (Some(error), _) => Err(error),
        (None, staged) => staged.and_then(disk::Staged::publish).map_err(Error::writing(out)),
    }
}

/// Adds a file as it was when it was hashed. The outer error is that of the bundle, the inner one that of the file.
fn add(archive: &mut Writer<impl Write>, source: &Source) -> io::Result<Result<(), Error>> {
    let Source { entry, path } = source;
    let file = match regular::open(path) {
        Ok(file) => file,
        Err(error) => return Ok(Err(Error::reading(path)(error))),
    };
    let mut content = Hashing::new(io::Read::take(file, entry.bytes));
    archive.add(&entry.name, entry.bytes, &mut content)?;
    let is_same = content.sha256() == entry.sha256;
    Ok(if is_same { Ok(()) } else { Err(Error::Changed(path.clone())) })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_that_changes_while_it_is_packed_stops_the_packing_and_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let (path, out) = (folder.path().join("trials.csv"), folder.path().join("out"));
        for (before, now) in [("x\ny\n", "x\nz\n"), ("x\ny\n", "x\n")] {
            fs::write(&path, before).unwrap();
            let (bytes, sha256) = hash_file(&path).unwrap();
            fs::write(&path, now).unwrap();
            let entry = Entry { name: TRIALS.into(), bytes, sha256 };
            let manifest = Manifest { schema: SCHEMA, kilotask: VERSION.into(), files: vec![entry.clone()] };
            let said =
                write(&out, &manifest, &[Source { entry, path: path.clone() }]).unwrap_err().to_string();
            assert!(
                said.contains("trials.csv changed while it was bundled; wait until the run has ended"),
                "{said}"
            );
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        }
    }
}
