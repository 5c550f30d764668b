//! Writes the tables of a run: whole, or row by row as trials end.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::disk::{self, Staged};
use crate::error::Error;
use crate::table::{Row, Writer};

/// The line that names the columns.
pub fn header<T: Row>() -> Vec<u8> {
    let names: Vec<&str> = T::TABLE.header().collect();
    format!("{}\n", names.join(",")).into_bytes()
}

/// Rows as they stand in a file, without the header.
pub fn csv_rows<T: Row>(rows: &[T]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    let mut fields = Writer::default();
    for row in rows {
        writer.write_byte_record(fields.record(row)).expect("memory does not fail");
    }
    writer.into_inner().expect("memory does not fail")
}

/// A whole file of rows. One without rows has a header too.
pub fn csv_file<T: Row>(rows: &[T]) -> Vec<u8> {
    [header::<T>(), csv_rows(rows)].concat()
}

/// A JSON file.
pub fn json_file(value: &impl Serialize) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(value).expect("what a run writes serialises to JSON");
    text.push(b'\n');
    text
}

/// Writes the rows of a table into the folder of a run, but does not give the file its name yet.
pub fn stage<T: Row>(folder: &Path, rows: &[T]) -> Result<Staged, Error> {
    let path = folder.join(T::TABLE.file);
    disk::stage(&path, &csv_file(rows)).map_err(Error::writing(&path))
}

/// Writes a file of the run in `folder`, in the place of any file that had its name.
///
/// # Errors
/// When it cannot be written; the earlier file, if any, then stands as it was.
pub fn whole(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), Error> {
    let path = folder.join(name);
    disk::replace(&path, bytes).map_err(Error::writing(&path))
}

/// Gives staged files their names.
pub fn publish(files: impl IntoIterator<Item = Staged>) -> Result<(), Error> {
    files.into_iter().try_for_each(|file| {
        let path = file.path().to_path_buf();
        file.publish().map_err(Error::writing(&path))
    })
}

/// A table that rows are appended to. An append is on the disk before the next one begins, so that a
/// power cut or a kill can harm the end of a file alone.
#[derive(Debug)]
pub struct Appender {
    path: PathBuf,
    file: File,
    length: u64,
}

impl Appender {
    /// Opens a file that has its header.
    pub fn open(path: PathBuf) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).open(&path)?;
        let length = file.metadata()?.len();
        Ok(Self { path, file, length })
    }

    /// Which file it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How long the file is, bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Appends rows as one write. When this returns, they are on the disk; when it fails, they are cut
    /// off again, as far as that can be done.
    pub fn append<T: Row>(&mut self, rows: &[T]) -> io::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let bytes = csv_rows(rows);
        if let Err(error) = self.file.write_all(&bytes).and_then(|()| self.file.sync_data()) {
            self.cut_to(self.length);
            return Err(error);
        }
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Cuts off what stands behind the first `length` bytes. Best effort: what is left of it then is
    /// repaired when the run goes on.
    pub fn cut_to(&mut self, length: u64) {
        if self.file.set_len(length).and_then(|()| self.file.sync_data()).is_ok() {
            self.length = length;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::folder;

    use super::*;
    use crate::rows::{RoundRow, TrialRow};

    #[test]
    fn a_file_without_rows_still_has_its_header() {
        let folder = tempfile::tempdir().unwrap();
        publish([stage::<RoundRow>(folder.path(), &[]).unwrap()]).unwrap();
        let text = std::fs::read_to_string(folder.path().join(folder::ROUNDS)).unwrap();
        assert!(text.starts_with("cell,block,pass,process,round,") && text.lines().count() == 1, "{text}");
    }

    #[test]
    fn what_was_not_measured_is_an_empty_field() {
        let text = String::from_utf8(csv_rows(&[TrialRow::default()])).unwrap();
        let column = TrialRow::TABLE.header().position(|name| name == "allocations").unwrap();
        assert_eq!(text.trim_end().split(',').nth(column), Some(""));
    }

    #[test]
    fn a_folder_that_does_not_exist_is_an_error_that_names_the_file() {
        let error = stage::<RoundRow>(Path::new("nowhere"), &[]).unwrap_err().to_string();
        assert!(error.starts_with("writing nowhere/rounds.csv: "), "{error}");
    }

    #[test]
    fn rows_that_found_no_room_are_not_counted() {
        let mut full = Appender::open("/dev/full".into()).unwrap();
        let error = full.append(&[RoundRow::default()]).unwrap_err();
        assert_eq!((error.kind(), full.length()), (io::ErrorKind::StorageFull, 0));
    }
}
