//! Writes the tables of a run: whole, or row by row as trials end.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::checksum::{Checksums, RowKey};
use crate::disk::{self, Staged};
use crate::error::Error;
use crate::regular;
use crate::table::{Row, Writer};

/// The line that names the columns.
pub fn header<T: Row>() -> Vec<u8> {
    let names: Vec<&str> = T::TABLE.header().collect();
    format!("{}\n", names.join(",")).into_bytes()
}

/// Rows as they stand in a file, without the header and without checksums.
pub fn csv_rows<T: Row>(rows: &[T]) -> Vec<u8> {
    sealed_rows(rows, RowKey::NONE)
}

/// The same with the checksums that bind them to this, if they are of a table that has any.
pub fn sealed_rows<T: Row>(rows: &[T], key: RowKey) -> Vec<u8> {
    rows_after(Vec::new(), rows, key)
}

/// The rows, after what stands before them.
fn rows_after<T: Row>(before: Vec<u8>, rows: &[T], key: RowKey) -> Vec<u8> {
    let mut checksums = Checksums::of(key, T::TABLE.header()).unwrap_or_default();
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(before);
    let mut fields = Writer::default();
    for row in rows {
        let record = fields.sealed(row, checksums.as_mut());
        writer.write_byte_record(record).expect("memory does not fail");
    }
    writer.into_inner().expect("memory does not fail")
}

/// So many lines, if no field holds a character that could end a row or that a terminal would obey: none of ours does.
fn plain<T: Row>(bytes: Vec<u8>, lines: usize) -> io::Result<Vec<u8>> {
    // A newline within a field makes a line more than there are rows.
    let mut controls = bytes.iter().filter(|byte| byte.is_ascii_control());
    if controls.clone().count() == lines && controls.all(|byte| *byte == b'\n') {
        return Ok(bytes);
    }
    let what = format!("a field of a {} holds a control character", T::TABLE.row);
    Err(io::Error::new(io::ErrorKind::InvalidData, what))
}

/// A whole file of rows without checksums. One without rows has a header too.
pub fn csv_file<T: Row>(rows: &[T]) -> Vec<u8> {
    sealed_file(rows, RowKey::NONE)
}

/// The same with the checksums that bind them to this.
pub fn sealed_file<T: Row>(rows: &[T], key: RowKey) -> Vec<u8> {
    rows_after(header::<T>(), rows, key)
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
    let bytes = plain::<T>(csv_file(rows), 1 + rows.len());
    bytes.and_then(|bytes| disk::stage(&path, &bytes)).map_err(Error::writing(&path))
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
    ///
    /// # Errors
    /// When it cannot be opened, or is no regular file: a link may lead anywhere.
    pub fn open(path: PathBuf) -> io::Result<Self> {
        let file = regular::open_to_change(&path, OpenOptions::new().append(true))?;
        let length = file.metadata()?.len();
        Ok(Self { path, file, length })
    }

    /// A file that has no room for anything.
    #[cfg(any(test, feature = "fixture"))]
    pub fn without_room() -> Self {
        let path = PathBuf::from("/dev/full");
        let file = OpenOptions::new().append(true).open(&path).expect("Linux has it");
        Self { path, file, length: 0 }
    }

    /// Whether it is still the file that its path leads to, and not one that was removed or renamed.
    pub fn is_there(&self) -> bool {
        let place = |data: Metadata| (data.dev(), data.ino());
        let here = fs::symlink_metadata(&self.path).map(place);
        here.is_ok_and(|here| self.file.metadata().map(place).is_ok_and(|own| own == here))
    }

    /// Which file it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How long the file is, bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Appends rows as one write, with the checksums that bind them to this. When this returns, they are on the disk; when
    /// it fails, they are cut off again, as far as that can be done.
    pub fn append<T: Row>(&mut self, rows: &[T], key: RowKey) -> io::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let bytes = plain::<T>(sealed_rows(rows, key), rows.len())?;
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
        let mut full = Appender::without_room();
        let error = full.append(&[RoundRow::default()], RowKey::NONE).unwrap_err();
        assert_eq!((error.kind(), full.length()), (io::ErrorKind::StorageFull, 0));
    }

    #[test]
    fn a_field_that_could_end_a_row_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        publish([stage::<TrialRow>(folder.path(), &[]).unwrap()]).unwrap();
        let path = folder.path().join(folder::TRIALS);
        let mut appender = Appender::open(path.clone()).unwrap();
        for name in ["a\nb", "a\rb", "a\0b", "a\u{1b}[2J"] {
            let row = TrialRow { cell: name.into(), ..TrialRow::default() };
            let error = appender.append(std::slice::from_ref(&row), RowKey::NONE).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{name:?}");
            assert!(stage(folder.path(), &[row]).is_err(), "{name:?}");
        }
        assert_eq!(std::fs::read(path).unwrap(), header::<TrialRow>());
    }

    #[test]
    fn a_file_that_was_removed_or_renamed_is_known_to_be_gone() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("run");
        std::fs::create_dir(&folder).unwrap();
        publish([stage::<TrialRow>(&folder, &[]).unwrap()]).unwrap();
        let appender = Appender::open(folder.join(folder::TRIALS)).unwrap();
        assert!(appender.is_there());
        std::fs::rename(&folder, parent.path().join("moved")).unwrap();
        assert!(!appender.is_there());
        std::fs::create_dir(&folder).unwrap();
        publish([stage::<TrialRow>(&folder, &[]).unwrap()]).unwrap();
        assert!(!appender.is_there(), "another has taken its place");
    }
}
