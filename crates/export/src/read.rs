//! Reads the files of a run that are not its trials.

use std::path::Path;

use serde::de::DeserializeOwned;

use crate::Error;

/// All rows of a table; `mend` is what to do where it cannot be read.
pub fn rows<T: DeserializeOwned>(path: &Path, mend: &'static str) -> Result<Vec<T>, Error> {
    let unusable = |error: csv::Error| match error.into_kind() {
        csv::ErrorKind::Io(error) => Error::Read { path: path.into(), error, mend },
        kind => Error::Content { path: path.into(), problem: told(&kind), mend },
    };
    csv::Reader::from_path(path)
        .map_err(unusable)?
        .into_deserialize()
        .map(|row| row.map_err(unusable))
        .collect()
}

/// What is wrong with a row, and on which line.
fn told(kind: &csv::ErrorKind) -> String {
    let line = kind.position().map_or(String::new(), |position| format!("line {}: ", position.line()));
    match kind {
        csv::ErrorKind::Deserialize { err, .. } => format!("{line}{err}"),
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{line}it has {len} columns where the header has {expected_len}")
        }
        _ => format!("{line}it is not a CSV file in UTF-8"),
    }
}

/// A JSON file; nothing where there is none.
pub fn json_if_any<T: DeserializeOwned>(path: &Path, mend: &'static str) -> Result<Option<T>, Error> {
    if !path.exists() {
        return Ok(None);
    }
    let text = std::fs::read(path).map_err(|error| Error::Read { path: path.into(), error, mend })?;
    let unusable =
        |error: serde_json::Error| Error::Content { path: path.into(), problem: error.to_string(), mend };
    serde_json::from_slice(&text).map(Some).map_err(unusable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::OrderSample;

    fn refusal(text: &str) -> String {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("orders.csv");
        std::fs::write(&path, text).unwrap();
        rows::<OrderSample>(&path, "take another").unwrap_err().to_string()
    }

    #[test]
    fn what_is_wrong_is_told_with_its_file_its_line_and_the_mend() {
        let header = "repetition,order,runtime,trial,makespan_ns\n";
        let error = refusal(&format!("{header}0,blocks,a,0,1\n0,blocks,a,many,1\n"));
        assert!(error.contains("orders.csv: line 3: ") && error.ends_with("; take another"), "{error}");
        let error = refusal(&format!("{header}0,blocks\n"));
        assert!(error.contains("line 2: it has 2 columns where the header has 5"), "{error}");
    }

    #[test]
    fn a_file_that_is_not_there_is_told_with_the_mend() {
        let error = rows::<OrderSample>(Path::new("nowhere/x.csv"), "make it").unwrap_err().to_string();
        assert!(error.starts_with("reading nowhere/x.csv: ") && error.ends_with("; make it"), "{error}");
        assert!(json_if_any::<u32>(Path::new("nowhere/x.json"), "make it").unwrap().is_none());
    }
}
