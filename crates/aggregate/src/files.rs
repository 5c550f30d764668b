//! Reads the files of a run that are not its trials. They may have come from a stranger: bounded, and believed
//! only as far as their types go.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Take};
use std::path::Path;

use serde::de::DeserializeOwned;

use crate::PLAN;
use crate::error::{Error, Problem};

/// No JSON file of a run is as large as this; what is, is not one.
const MAX_JSON_BYTES: u64 = 64 << 20;
/// No table that follows from trials is as large as this.
const MAX_TABLE_BYTES: u64 = 4 << 30;

/// What to do about a file that makes no sense.
const MEND: &str = "take the file that the run wrote; what follows from its trials is written again by \
    `kilotask aggregate`";

/// All rows of a table.
///
/// # Errors
///
/// When it is not there, which may be because the run was not summarised, or cannot be read; with the line.
pub fn rows<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, Error> {
    let file = open(path, MAX_TABLE_BYTES).map_err(|error| missing(path, error))?;
    let rows = csv::Reader::from_reader(BufReader::new(file)).into_deserialize();
    rows.collect::<Result<_, csv::Error>>().map_err(|error| {
        let line = error.position().map_or(1, csv::Position::line);
        Problem::new(line, format!("reading it: {error}"), MEND).at(path)
    })
}

/// A JSON file.
///
/// # Errors
///
/// When it is not there or cannot be read; with the line.
pub fn json<T: DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let text = read_bounded(path).map_err(|error| Error::Read { path: path.into(), error })?;
    serde_json::from_slice(&text)
        .map_err(|error| Problem::new(error.line() as u64, format!("reading it: {error}"), MEND).at(path))
}

/// A JSON file; nothing where there is none.
///
/// # Errors
///
/// When it cannot be read; with the line.
pub fn json_if_any<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, Error> {
    if path.exists() { json(path).map(Some) } else { Ok(None) }
}

/// The bytes of a JSON file of a run.
pub(crate) fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    open(path, MAX_JSON_BYTES)?.read_to_end(&mut text)?;
    Ok(text)
}

fn open(path: &Path, most: u64) -> io::Result<Take<File>> {
    let file = File::open(path)?;
    if file.metadata()?.len() > most {
        let mib = most >> 20;
        return Err(io::Error::other(format!("it is larger than {mib} MiB, which no such file of a run is")));
    }
    Ok(file.take(most))
}

/// A run without its tables has not been summarised.
fn missing(path: &Path, error: io::Error) -> Error {
    let folder = path.parent().filter(|folder| folder.join(PLAN).exists());
    match (folder, path.file_name()) {
        (Some(folder), Some(name)) if error.kind() == ErrorKind::NotFound => {
            Error::NotAggregated { folder: folder.into(), file: name.to_string_lossy().into() }
        }
        _ => Error::Read { path: path.into(), error },
    }
}

#[cfg(test)]
mod tests {
    use results::OrderRow;

    use super::*;

    fn refusal(text: &str) -> String {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("orders.csv");
        std::fs::write(&path, text).unwrap();
        rows::<OrderRow>(&path).unwrap_err().to_string()
    }

    #[test]
    fn what_is_wrong_is_told_with_its_file_its_line_and_the_mend() {
        let header = "repetition,order,runtime,trial,makespan_ns\n";
        let error = refusal(&format!("{header}0,blocks,a,0,1\n0,blocks,a,many,1\n"));
        assert!(error.contains("orders.csv:3: reading it: "), "{error}");
        assert!(error.contains("kilotask aggregate"), "{error}");
        assert!(refusal(&format!("{header}0,blocks\n")).contains("orders.csv:2: "));
    }

    #[test]
    fn a_file_that_is_not_there_is_told() {
        let error = rows::<OrderRow>(Path::new("nowhere/x.csv")).unwrap_err().to_string();
        assert!(error.starts_with("reading nowhere/x.csv: "), "{error}");
        assert!(json_if_any::<u32>(Path::new("nowhere/x.json")).unwrap().is_none());
    }

    #[test]
    fn a_run_without_its_tables_has_not_been_summarised() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(PLAN), "{}").unwrap();
        let error = rows::<OrderRow>(&dir.path().join("flags.csv")).unwrap_err().to_string();
        assert!(error.contains("has no flags.csv; summarise the run first: kilotask aggregate "), "{error}");
    }

    #[test]
    fn a_json_file_that_could_fill_the_memory_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(PLAN);
        File::create(&path).unwrap().set_len(MAX_JSON_BYTES + 1).unwrap();
        let error = json::<u32>(&path).unwrap_err().to_string();
        assert!(error.contains("it is larger than 64 MiB"), "{error}");
    }
}
