//! Archives that no kilotask has written.

use std::io::Read;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use results::folder::{PLAN, ROUNDS, TRIALS};
use results::sha256;
use results::write::json_file;
use tar::{Builder, EntryType, Header};

use super::{Files, Place, archive, edit, file, files, sealed};
use crate::Opened;
use crate::manifest::{self, Entry, Manifest, SCHEMA, VERSION};

#[test]
fn a_byte_that_was_changed_anywhere_is_found_out() {
    let (place, whole) = (Place::new(), archive(&files()));
    // The ten bytes before say when and where it was compressed, and nothing of what.
    for at in (10..whole.len()).step_by(211).chain(whole.len() - 8..whole.len()) {
        let mut other = whole.clone();
        other[at] ^= 0xff;
        let said = place.refusal(&other);
        assert!(said.contains("ask for the file as kilotask bundle wrote it"), "{at}: {said}");
    }
}

#[test]
fn a_bundle_that_was_cut_off_or_goes_on_is_refused() {
    let (place, whole) = (Place::new(), archive(&files()));
    for length in (2..whole.len()).step_by(211).chain([whole.len() - 1]) {
        let said = place.refusal(&whole[..length]);
        assert!(said.contains("it is cut off"), "{length} of {}: {said}", whole.len());
    }
    let said = place.refusal(&[&*whole, b"x"].concat());
    assert!(said.contains("something follows its end"), "{said}");
    let said = place.refusal(&[&*whole, &*whole].concat());
    assert!(said.contains("something follows its end"), "{said}");
}

#[test]
fn what_is_no_bundle_is_no_refusal_but_a_mistake() {
    let place = Place::new();
    for bytes in [&b""[..], b"\x1f", b"plan.json", b"PK\x03\x04"] {
        let error = place.check(bytes).unwrap_err();
        assert!(!error.is_refusal() && error.to_string().contains("is no bundle"), "{error}");
    }
    let error = Opened::open(&place.path("nowhere"), place.0.path()).unwrap_err();
    assert!(!error.is_refusal() && error.to_string().starts_with("reading "), "{error}");
}

#[test]
fn files_are_those_of_the_manifest_and_no_others() {
    let place = Place::new();
    let said = |change: fn(&mut Files)| {
        let mut files = files();
        change(&mut files);
        place.refusal(&archive(&files))
    };
    for gone in 1..files().len() {
        let mut files = files();
        let (name, _) = files.remove(gone);
        let said = place.refusal(&archive(&files));
        assert!(said.contains(&name), "{said}, not {name}");
    }
    let added = said(|files| files.push(("spans/zzz.csv".into(), Vec::new())));
    assert!(added.contains("\"spans/zzz.csv\" stands where manifest.json has its end"), "{added}");
    let twice = said(|files| files.insert(2, files[1].clone()));
    assert!(twice.contains("stands where manifest.json has"), "{twice}");
    let turned = said(|files| files.swap(1, 2));
    assert!(turned.contains("stands where manifest.json has"), "{turned}");
    let longer = said(|files| file(files, TRIALS).push(b'\n'));
    assert!(longer.contains("trials.csv has ") && longer.contains(" bytes, and not "), "{longer}");
    let other = said(|files| edit(files, PLAN, "\"seed\": 7", "\"seed\": 8"));
    assert!(other.contains("plan.json was changed: its SHA-256"), "{other}");
    let first = said(|files| drop(files.remove(0)));
    assert!(first.contains("its first file is \"ending.json\", and not manifest.json"), "{first}");
}

#[test]
fn a_name_that_no_run_has_is_refused_before_anything_is_written() {
    let place = Place::new();
    for name in
        ["../plan.json", "/etc/passwd", "spans/../../x.csv", "report.html", "spans/a\u{202e}b.csv", "x\n", ""]
    {
        let mut files = files();
        files.push((name.into(), b"x".to_vec()));
        let bytes = sealed_names(&files);
        let said = place.refusal(&bytes);
        assert!(said.contains("which no run has"), "{name:?}: {said}");
    }
    assert!(!place.path("../plan.json").exists());
    for gone in [PLAN, TRIALS, ROUNDS, "environment.json"] {
        let mut files = files();
        files.retain(|(name, _)| name != gone);
        let said = place.refusal(&sealed(&files));
        assert!(said.contains(&format!("{gone} is missing")), "{said}");
    }
}

/// As [`sealed`], whatever the names are: the archive has none but the manifest.
fn sealed_names(files: &Files) -> Vec<u8> {
    let entry = |(name, bytes): &(String, Vec<u8>)| Entry {
        name: name.clone(),
        bytes: bytes.len() as u64,
        sha256: sha256(bytes),
    };
    let manifest =
        Manifest { schema: SCHEMA, kilotask: VERSION.into(), files: files[1..].iter().map(entry).collect() };
    archive(&vec![(manifest::NAME.into(), json_file(&manifest))])
}

/// An archive of raw headers: of this type, with this name, as it stands, and this length, which is not held.
fn raw(kind: EntryType, name: &[u8], bytes: u64, content: &[u8]) -> Vec<u8> {
    let mut tar = Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let mut header = Header::new_gnu();
    header.as_old_mut().name[..name.len()].copy_from_slice(name);
    header.set_entry_type(kind);
    header.set_size(bytes);
    header.set_cksum();
    tar.append(&header, content).unwrap();
    tar.into_inner().unwrap().finish().unwrap()
}

#[test]
fn links_folders_and_devices_are_refused() {
    let place = Place::new();
    for (kind, called) in [
        (EntryType::Symlink, "a link"),
        (EntryType::Link, "a link"),
        (EntryType::Directory, "a folder"),
        (EntryType::Char, "a device"),
        (EntryType::Block, "a device"),
        (EntryType::Fifo, "a pipe"),
        (EntryType::GNUSparse, "a file with holes"),
        (EntryType::XHeader, "an extension of the format"),
        (EntryType::XGlobalHeader, "an extension of the format"),
        (EntryType::GNULongLink, "an extension of the format"),
    ] {
        let said = place.refusal(&raw(kind, b"plan.json", 0, b""));
        assert!(said.contains(&format!("it holds {called} (\"plan.json\")")), "{kind:?}: {said}");
    }
}

#[test]
fn what_says_that_it_is_large_is_not_believed() {
    let place = Place::new();
    let said = place.refusal(&raw(EntryType::Regular, b"manifest.json", 1 << 40, b"{}"));
    assert!(said.contains("at most 32 MiB are possible"), "{said}");
    let said = place.refusal(&raw(EntryType::Regular, b"manifest.json", 1 << 20, b"{}"));
    assert!(said.contains("it is cut off"), "{said}");
    let said = place.refusal(&raw(EntryType::GNULongName, b"././@LongLink", 1 << 40, b"x"));
    assert!(said.contains("a name that is too long"), "{said}");
}

#[test]
fn a_bomb_is_refused_by_its_manifest() {
    let place = Place::new();
    let with = |name: &str, bytes: u64| {
        let mut files = files();
        let mut manifest: Manifest = serde_json::from_slice(&files[0].1).unwrap();
        manifest.files.iter_mut().find(|entry| entry.name.starts_with(name)).unwrap().bytes = bytes;
        files[0].1 = json_file(&manifest);
        place.refusal(&archive(&files))
    };
    for (name, bytes, words) in [
        ("spans/", u64::MAX, "at most 4096 MiB are possible"),
        ("verdicts.csv", 65 << 20, "at most 64 MiB are possible"),
        ("environment.json", 65 << 20, "at most 64 MiB are possible"),
        ("spans/", 4 << 30, "more than 100 times as many as the bundle"),
        ("trials.csv", 64 << 20, "more than 100 times as many as the bundle"),
        ("trials.csv", 1 << 20, " bytes, and not 1048576"),
    ] {
        let said = with(name, bytes);
        assert!(said.contains(words), "{name} {bytes}: {said}");
    }
    // A file that is as large as it says.
    let mut files = files();
    file(&mut files, TRIALS).extend(vec![0; 20 << 20]);
    let said = place.refusal(&sealed(&files));
    assert!(said.contains("no rows compress so well"), "{said}");
    // Zeros behind the last file.
    let mut tar = Vec::new();
    GzDecoder::new(&*archive(&self::files())).read_to_end(&mut tar).unwrap();
    tar.extend(vec![0; 1 << 20]);
    let mut zipped = GzEncoder::new(Vec::new(), Compression::fast());
    std::io::Write::write_all(&mut zipped, &tar).unwrap();
    let said = place.refusal(&zipped.finish().unwrap());
    assert!(said.contains("something follows its last file"), "{said}");
}

#[test]
fn a_manifest_of_another_version_or_none_is_told() {
    let place = Place::new();
    for (text, words) in [
        (&br#"{"schema": 2, "unknown": []}"#[..], "has version 2, and this kilotask reads version 1"),
        (b"{}", "manifest.json cannot be read: missing field `schema`"),
        (b"[", "manifest.json cannot be read"),
        (br#"{"schema": 1, "kilotask": "x", "files": []}"#, "plan.json is missing"),
    ] {
        let said = place.refusal(&archive(&vec![(manifest::NAME.into(), text.to_vec())]));
        assert!(said.contains(words), "{said}");
    }
    let said = place.refusal(&archive(&Vec::new()));
    assert!(said.contains("it is empty"), "{said}");
}
