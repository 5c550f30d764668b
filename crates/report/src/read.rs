//! Reads the files of a run, which may have come from a stranger: bounded, and believed only as far as
//! their types go.

use std::fs::File;
use std::io::{self, BufReader, Read, Take};
use std::path::Path;

use serde::de::DeserializeOwned;

use crate::error::Error;

/// No file of a run is larger; what is, is not read.
const MOST_BYTES: u64 = 4 << 30;

const MEND: &str = "take the file that the run wrote, or summarise the run again with `kilotask aggregate`";

/// All rows of a table.
pub fn rows<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, Error> {
    let mut reader = csv::Reader::from_reader(open(path)?);
    reader.deserialize().map(|row| row.map_err(|error| unusable(path, &error))).collect()
}

/// A JSON file.
pub fn json<T: DeserializeOwned>(path: &Path) -> Result<T, Error> {
    serde_json::from_reader(open(path)?).map_err(|error| unusable(path, &error))
}

/// A JSON file; nothing where there is none.
pub fn json_if_any<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, Error> {
    if path.exists() { json(path).map(Some) } else { Ok(None) }
}

fn open(path: &Path) -> Result<BufReader<Take<File>>, Error> {
    let cannot = |error| Error::Read { path: path.into(), error };
    let file = File::open(path).map_err(cannot)?;
    if file.metadata().map_err(cannot)?.len() > MOST_BYTES {
        return Err(cannot(io::Error::other("it is larger than 4 GiB")));
    }
    Ok(BufReader::new(file.take(MOST_BYTES)))
}

fn unusable(path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::Content { path: path.into(), problem: error.to_string(), mend: MEND }
}
