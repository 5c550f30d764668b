//! Bundles of runs, and what strangers may make of them.

mod edited;
mod hostile;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use results::fixture::{WHOLE_TRIALS, whole};
use results::folder::{ROUNDS, SUMMARY, TRIALS};
use results::sha256;
use results::write::json_file;
use tar::EntryType;
use tempfile::TempDir;

use crate::archive::Writer;
use crate::manifest::{self, Entry, Manifest, SCHEMA, VERSION};
use crate::{Checked, Error, Label, Opened, pack};

/// A folder for bundles.
struct Place(TempDir);

/// The files of a bundle: the manifest first.
type Files = Vec<(String, Vec<u8>)>;

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn pack(&self, run: &Path) -> PathBuf {
        let out = self.path("run.kilotask.tar.gz");
        pack(run, &out, self.0.path()).unwrap();
        out
    }

    /// Writes these bytes as a bundle, and checks it.
    fn check(&self, bytes: &[u8]) -> Result<Checked, Error> {
        let path = self.path("theirs.kilotask.tar.gz");
        fs::write(&path, bytes).unwrap();
        Opened::open(&path, self.0.path())?.check()
    }

    /// Why it is refused.
    fn refusal(&self, bytes: &[u8]) -> String {
        let error = self.check(bytes).unwrap_err();
        assert!(error.is_refusal(), "{error}");
        let left: Vec<_> = fs::read_dir(self.0.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(left.iter().all(|path| path.is_file()), "{left:?}");
        error.to_string()
    }
}

fn files_of(bundle: &Path) -> Files {
    let mut archive = tar::Archive::new(GzDecoder::new(fs::File::open(bundle).unwrap()));
    let file = |entry: std::io::Result<tar::Entry<_>>| {
        let mut entry = entry.unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (entry.path().unwrap().to_string_lossy().into_owned(), bytes)
    };
    archive.entries().unwrap().map(file).collect()
}

/// The files of a bundle of a whole run.
fn files() -> Files {
    let place = Place::new();
    files_of(&place.pack(whole().path()))
}

/// The archive of these files.
fn archive(files: &Files) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new());
    for (name, bytes) in files {
        writer.add(name, bytes.len() as u64, &**bytes).unwrap();
    }
    writer.finish().unwrap()
}

/// The same with a manifest that says what they are now, as somebody could write it who has changed them.
fn sealed(files: &Files) -> Vec<u8> {
    sealed_by(files, VERSION)
}

fn sealed_by(files: &Files, kilotask: &str) -> Vec<u8> {
    let entry = |(name, bytes): &(String, Vec<u8>)| Entry {
        name: name.clone(),
        bytes: bytes.len() as u64,
        sha256: sha256(bytes),
    };
    let entries = files[1..].iter().map(entry).collect();
    let manifest = Manifest { schema: SCHEMA, kilotask: kilotask.into(), files: entries };
    let mut all = files.clone();
    all[0].1 = json_file(&manifest);
    archive(&all)
}

fn file<'a>(files: &'a mut Files, name: &str) -> &'a mut Vec<u8> {
    &mut files.iter_mut().find(|(other, _)| other == name).unwrap().1
}

/// Changes a text in a file, which has it.
fn edit(files: &mut Files, name: &str, from: &str, to: &str) {
    let bytes = file(files, name);
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.contains(from), "{name} has no {from}");
    *bytes = text.replacen(from, to, 1).into_bytes();
}

#[test]
fn the_same_run_gives_the_same_bytes_wherever_and_whenever_it_lies() {
    let (place, run, copy) = (Place::new(), whole(), whole());
    let bytes = fs::read(place.pack(run.path())).unwrap();
    for entry in fs::read_dir(copy.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let old = fs::FileTimes::new().set_modified(std::time::UNIX_EPOCH);
            fs::File::options().append(true).open(path).unwrap().set_times(old).unwrap();
        }
    }
    // What follows from the rows is worked out anew, and nothing else in the folder is taken.
    fs::write(copy.path().join(SUMMARY), "old").unwrap();
    fs::write(copy.path().join("notes.txt"), "mine").unwrap();
    let packed = pack(copy.path(), &place.path("copy"), place.0.path()).unwrap();
    assert!(fs::read(place.path("copy")).unwrap() == bytes);
    assert_eq!((packed.outdated, packed.sha256), (vec![SUMMARY.to_string()], sha256(&bytes)));
    assert_eq!(fs::read_to_string(copy.path().join(SUMMARY)).unwrap(), "old");
    assert!(!run.path().join(SUMMARY).exists());
}

#[test]
fn a_bundle_has_no_times_and_owners_and_its_manifest_says_what_is_in_it() {
    let (place, run) = (Place::new(), whole());
    let bundle = place.pack(run.path());
    let mut archive = tar::Archive::new(GzDecoder::new(fs::File::open(&bundle).unwrap()));
    for entry in archive.entries().unwrap() {
        let header = entry.unwrap().header().clone();
        let ids = (header.mtime().unwrap(), header.uid().unwrap(), header.gid().unwrap());
        assert_eq!(
            (ids, header.mode().unwrap(), header.entry_type()),
            ((0, 0, 0), 0o644, EntryType::Regular)
        );
        assert_eq!((header.username_bytes(), header.groupname_bytes()), (Some(&b""[..]), Some(&b""[..])));
    }
    let files = files_of(&bundle);
    let manifest: Manifest = serde_json::from_slice(&files[0].1).unwrap();
    assert_eq!(
        (&*files[0].0, &*manifest.kilotask, manifest.files.len()),
        (manifest::NAME, VERSION, files.len() - 1)
    );
    for (entry, (name, bytes)) in manifest.files.iter().zip(&files[1..]) {
        assert_eq!((&entry.name, entry.bytes, &entry.sha256), (name, bytes.len() as u64, &sha256(bytes)));
    }
}

#[test]
fn a_whole_run_is_verified_here() {
    let checked = Place::new().check(&archive(&files())).unwrap();
    assert_eq!((&checked.label, checked.presence.sentence()), (&Label::Verified, None));
    let facts = checked.facts;
    assert_eq!((facts.rows, facts.rows_ok, &*facts.date), (WHOLE_TRIALS, WHOLE_TRIALS, "2026-01-01"));
    assert_eq!((facts.machines.len(), facts.machines[0].cpus, &*facts.preset), (1, 2, "default"));
}

#[test]
fn a_run_that_is_not_complete_is_bundled_and_says_what_is_missing() {
    let (place, run) = (Place::new(), whole());
    let path = run.path().join(TRIALS);
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    fs::write(&path, lines[..lines.len() - 1].concat()).unwrap();
    let checked = place.check(&fs::read(place.pack(run.path())).unwrap()).unwrap();
    assert_eq!(checked.label, Label::Verified);
    assert!(checked.presence.sentence().unwrap().starts_with("19 of 20 trials: "));
}

#[test]
fn a_folder_that_is_no_run_is_named_with_what_it_lacks() {
    let (place, run) = (Place::new(), whole());
    fs::remove_file(run.path().join(ROUNDS)).unwrap();
    let said = pack(run.path(), &place.path("x"), place.0.path()).unwrap_err().to_string();
    assert!(said.contains("has no rounds.csv") && said.contains("kilotask run"), "{said}");
    assert!(!place.path("x").exists());
}

#[test]
fn a_row_that_cannot_be_true_is_not_handed_on_and_is_named_where_the_run_lies() {
    let (place, run) = (Place::new(), whole());
    let path = run.path().join(TRIALS);
    fs::write(&path, fs::read_to_string(&path).unwrap().replacen("3000000", "3000001", 1)).unwrap();
    let said = pack(run.path(), &place.path("x"), place.0.path()).unwrap_err().to_string();
    assert!(said.starts_with(&format!("{}:2: ", path.display())) && said.contains("checksum"), "{said}");
}

#[test]
fn a_name_as_long_as_that_of_a_cell_may_be_passes_and_spans_are_those_of_cells_of_the_plan() {
    let (place, run) = (Place::new(), whole());
    let long = format!("{}.csv", "x".repeat(230));
    fs::write(run.path().join("spans").join(&long), "start_ns,finish_ns\n").unwrap();
    let bundle = place.pack(run.path());
    assert!(files_of(&bundle).iter().any(|(name, _)| name.ends_with(&long)));
    let opened = Opened::open(&bundle, place.0.path()).unwrap();
    assert!(opened.run().join("spans").join(&long).exists());
    let said = opened.check().unwrap_err().to_string();
    assert!(said.contains(&format!("{long}:1: its cell is none of the plan")), "{said}");
}

#[test]
fn what_was_opened_can_be_kept_once() {
    let (place, run) = (Place::new(), whole());
    let bundle = place.pack(run.path());
    let open = || Opened::open(&bundle, place.0.path()).unwrap();
    let opened = open();
    opened.check().unwrap();
    let kept = opened.keep(place.0.path()).unwrap();
    assert_eq!(kept, place.path("run"));
    assert!(fs::read(kept.join(TRIALS)).unwrap() == fs::read(run.path().join(TRIALS)).unwrap());
    assert!(kept.join(SUMMARY).exists());
    let said = open().keep(place.0.path()).unwrap_err().to_string();
    assert!(said.contains("it is there already"), "{said}");
}
