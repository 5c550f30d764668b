//! `manifest.json`, the first file of a bundle: which files follow, how long each is, and its hash.

use results::folder::{ENVIRONMENT, MACHINES, PLAN, ROUNDS, TRIALS, VERDICTS, VERDICTS_ACROSS};
use results::sanitize::{MAX_NAME, one_line};
use serde::{Deserialize, Serialize};

use crate::names::{Kind, kind};

/// Its name in the bundle.
pub const NAME: &str = "manifest.json";
/// The version of kilotask that this is.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The version of bundles.
pub const SCHEMA: u32 = 1;

/// No manifest is larger, bytes.
pub const MAX_MANIFEST_BYTES: u64 = 32 << 20;
/// More files than these are no run: one of spans for each cell, and some for each machine.
const MOST_FILES: usize = 200_000;
/// No file of rows is larger, bytes: as they are read elsewhere, one after the other.
const MAX_ROWS_BYTES: u64 = 4 << 30;
/// No file that is read into memory as a whole is larger, bytes.
const MAX_WHOLE_BYTES: u64 = 64 << 20;
/// No run is larger, bytes.
const MAX_BYTES: u64 = 8 << 30;
/// Rows compress to a fifth or a tenth. What is this many times as large as its bundle fills disks and holds no rows.
const MAX_RATIO: u64 = 100;
/// A run of this size may be as regular as it likes, bytes.
const ANY_RATIO_BYTES: u64 = 16 << 20;

/// What a bundle holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of bundles, [`SCHEMA`].
    pub schema: u32,
    /// The version of kilotask that worked out what follows from the rows.
    pub kilotask: String,
    /// The files, sorted by name, as they stand in the bundle.
    pub files: Vec<Entry>,
}

/// A file of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its path in the folder of the run.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// The schema alone: of another version anything else may be otherwise.
#[derive(Deserialize)]
struct Versioned {
    schema: u32,
}

impl Manifest {
    /// Reads one, of a bundle of so many bytes.
    ///
    /// # Errors
    /// When it makes no sense, names what no run has, or is of more than a bundle of this size can hold; in words.
    pub fn read(text: &[u8], bundle_bytes: u64) -> Result<Self, String> {
        let unreadable = |error: serde_json::Error| format!("{NAME} cannot be read: {error}");
        let Versioned { schema } = serde_json::from_slice(text).map_err(unreadable)?;
        if schema != SCHEMA {
            return Err(format!("{NAME} has version {schema}, and this kilotask reads version {SCHEMA}"));
        }
        let mut manifest: Self = serde_json::from_slice(text).map_err(unreadable)?;
        manifest.kilotask = one_line(&manifest.kilotask, MAX_NAME);
        manifest.check_names()?;
        manifest.check_sizes(bundle_bytes)?;
        Ok(manifest)
    }

    fn check_names(&self) -> Result<(), String> {
        if self.files.len() > MOST_FILES {
            return Err(format!(
                "{} files are too many: at most {MOST_FILES} are possible",
                self.files.len()
            ));
        }
        if let Some(entry) = self.files.iter().find(|entry| kind(&entry.name).is_none()) {
            return Err(format!("it has a file {}, which no run has", quoted(&entry.name)));
        }
        if let Some(pair) = self.files.windows(2).find(|pair| pair[0].name >= pair[1].name) {
            return Err(format!("{} is not sorted, or there twice", pair[1].name));
        }
        let is_there = |name: &str| self.files.iter().any(|entry| entry.name == name);
        let circumstances = if is_there(MACHINES) { MACHINES } else { ENVIRONMENT };
        match [PLAN, circumstances, TRIALS, ROUNDS].into_iter().find(|name| !is_there(name)) {
            Some(name) => Err(format!("{name} is missing")),
            None => Ok(()),
        }
    }

    fn check_sizes(&self, bundle_bytes: u64) -> Result<(), String> {
        if let Some(entry) = self.files.iter().find(|entry| entry.bytes > most_bytes(&entry.name)) {
            let (name, most) = (&entry.name, most_bytes(&entry.name) >> 20);
            return Err(format!("{name} has {} bytes: at most {most} MiB are possible", entry.bytes));
        }
        // At most 200,000 times 4 GiB: no sum that could overflow.
        let bytes = self.bytes();
        if bytes > MAX_BYTES {
            return Err(format!(
                "its files have {bytes} bytes: at most {} GiB are possible",
                MAX_BYTES >> 30
            ));
        }
        if bytes > ANY_RATIO_BYTES && bytes / MAX_RATIO > bundle_bytes {
            return Err(format!(
                "its files have {bytes} bytes, more than {MAX_RATIO} times as many as the bundle: no rows compress so well"
            ));
        }
        Ok(())
    }

    /// How many bytes its files have.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|entry| entry.bytes).sum()
    }

    /// Its files of this kind.
    pub fn of_kind(&self, wanted: Kind) -> impl Iterator<Item = &Entry> {
        self.files.iter().filter(move |entry| kind(&entry.name) == Some(wanted))
    }
}

/// The most bytes that the file of this name may have.
fn most_bytes(name: &str) -> u64 {
    let is_whole = name.rsplit('.').next() == Some("json")
        || [MACHINES, VERDICTS, VERDICTS_ACROSS].iter().any(|file| name.rsplit('/').next() == Some(file));
    if is_whole { MAX_WHOLE_BYTES } else { MAX_ROWS_BYTES }
}

/// A name that may be anything, in an error.
pub fn quoted(name: &str) -> String {
    format!("{:?}", one_line(name, MAX_NAME))
}
