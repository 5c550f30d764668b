//! Reads the files of a run, which may have come from a stranger: bounded, and believed only as far as
//! their types go.
//!
//! [`Rows`] gives the rows of a table one after the other, so that memory does not grow with the file. A
//! file that is appended to may end in a row that was not written to its end: it lacks its newline, or
//! has NULs where its bytes never came. No field of ours holds either, so such a row is left out and
//! counted. A column that this version does not know is ignored; a *measurement* whose column is absent
//! was not measured. Rows that have checksums are held against them here, and nowhere else.

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Take};
use std::marker::PhantomData;
use std::ops::Range;
use std::path::{Path, PathBuf};

use csv::StringRecord;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::checksum::{Checksums, RowKey};
use crate::error::{Error, Problem};
use crate::folder::PLAN;
use crate::regular;
use crate::sanitize::{is_obeyed, one_line};
use crate::table::{Places, Row};
use crate::value::Value as _;

/// No row is as long as this. It bounds what a quote that is never closed can make us hold.
pub const MAX_ROW_BYTES: usize = 1 << 20;
/// How much is read at once.
const BUFFER_BYTES: usize = 64 << 10;
/// No JSON file of a run is as large as this; what is, is not one.
const MAX_JSON_BYTES: u64 = 64 << 20;
/// No table that follows from trials is as large as this.
const MAX_TABLE_BYTES: u64 = 4 << 30;

/// How to fix a row that makes no sense.
const ROW_REMEDY: &str = "repair or remove that row, or use the file that the run wrote";
/// How to fix a row that is not as it was written.
const CHECKSUM_REMEDY: &str = "use the file that the run wrote, or remove that row: `kilotask run --resume` runs its \
                               trial again";
/// How to fix a file that makes no sense.
const FILE_REMEDY: &str = "use the file that the run wrote; `kilotask aggregate` writes the derived files \
                           again";

/// The rows of one file.
#[derive(Debug)]
pub struct Rows<T> {
    path: PathBuf,
    reader: csv::Reader<RowBound<Take<File>>>,
    places: Places,
    header: StringRecord,
    record: StringRecord,
    checksums: Option<Checksums>,
    torn: u64,
    remedy: &'static str,
    row: PhantomData<T>,
}

/// A row, and where it stands.
#[derive(Debug)]
pub struct Located<T> {
    /// Its line, from 1.
    pub line: u64,
    /// Its bytes in the file.
    pub bytes: Range<u64>,
    /// The row.
    pub row: T,
}

impl<T: Row> Rows<T> {
    /// Opens a file whose rows are bound to this.
    ///
    /// # Errors
    /// When it cannot be read, has no header, or lacks the checksums that it is to have.
    pub fn open(path: &Path, key: RowKey) -> Result<Self, Error> {
        Self::open_with(path, key, ROW_REMEDY)
    }

    fn open_with(path: &Path, key: RowKey, remedy: &'static str) -> Result<Self, Error> {
        let mut file = regular::open(path).map_err(Error::reading(path))?;
        let (whole, total) = whole_rows(&mut file).map_err(Error::reading(path))?;
        file.seek(SeekFrom::Start(0)).map_err(Error::reading(path))?;
        let mut reader = csv::ReaderBuilder::new()
            .buffer_capacity(BUFFER_BYTES)
            .flexible(true)
            .from_reader(RowBound { inner: file.take(whole), since_row: 0 });
        let header = reader.headers().map_err(|error| problem::<T>(&error, 1, remedy).at(path))?.clone();
        if header.is_empty() {
            let remedy = "use the file that the run wrote; its first line names the columns";
            return Err(Problem::new(1, "reading the header: the file is empty", remedy).at(path));
        }
        let places = Places::of(T::TABLE, &header);
        let checksums = Checksums::of(key, header.iter())
            .map_err(|what| Problem::new(1, format!("reading the header: {what}"), FILE_REMEDY).at(path))?;
        let torn = u64::from(whole < total);
        let record = StringRecord::new();
        Ok(Self {
            path: path.into(),
            reader,
            places,
            header,
            record,
            checksums,
            torn,
            remedy,
            row: PhantomData,
        })
    }

    /// How many rows were left out so far because they were not written to their end.
    pub fn torn(&self) -> u64 {
        self.torn
    }

    /// The next row, or `None` after the last one.
    ///
    /// # Errors
    /// With the line and the column, when a row cannot be true.
    pub fn next_row(&mut self) -> Result<Option<Located<T>>, Error> {
        loop {
            self.reader.get_mut().since_row = 0;
            let line = self.reader.position().line();
            let read = self.reader.read_record(&mut self.record);
            if !read.map_err(|error| problem::<T>(&error, line, self.remedy).at(&self.path))? {
                return Ok(None);
            }
            let (line, start) =
                self.record.position().map_or((line, 0), |position| (position.line(), position.byte()));
            match self.row() {
                Ok(row) => {
                    let bytes = start..self.reader.position().byte();
                    return Ok(Some(Located { line, bytes, row }));
                }
                Err(_) if self.record.as_slice().contains('\0') => self.torn += 1,
                Err((what, remedy)) => return Err(row_problem::<T>(line, &what, remedy).at(&self.path)),
            }
        }
    }

    /// Where a column stands that the file has beside those of its table.
    ///
    /// # Errors
    /// When it has none of that name.
    pub fn further_column(&self, name: &str) -> Result<usize, Error> {
        let place = self.header.iter().position(|column| column == name);
        place.ok_or_else(|| {
            Problem::new(1, format!("reading the header: column `{name}` is missing"), self.remedy)
                .at(&self.path)
        })
    }

    /// What stands there in the row that was given last.
    ///
    /// # Errors
    /// When it is no text of ours.
    pub fn further(&self, place: usize) -> Result<&str, String> {
        let text = self.record.get(place).unwrap_or_default();
        String::read(text).map(|_| text).map_err(|what| format!("column `{}`: {what}", &self.header[place]))
    }

    /// The row that was read last, or what is wrong with it and how to fix it.
    fn row(&mut self) -> Result<T, (String, &'static str)> {
        let (columns, expected) = (self.record.len(), self.header.len());
        if columns != expected {
            return Err((format!("it has {columns} columns where the header has {expected}"), self.remedy));
        }
        let row = self.places.row(&self.record).map_err(|what| (what, self.remedy))?;
        if let Some(checksums) = &mut self.checksums {
            checksums.check(&self.record).map_err(|what| (what, CHECKSUM_REMEDY))?;
        }
        Ok(row)
    }

    /// What is wrong with the row in a line.
    pub fn problem(&self, line: u64, what: &str) -> Error {
        row_problem::<T>(line, what, self.remedy).at(&self.path)
    }

    /// Gives each row to `with`; says how many were torn.
    ///
    /// # Errors
    /// As [`next_row`](Self::next_row).
    pub fn each(mut self, mut with: impl FnMut(T)) -> Result<u64, Error> {
        while let Some(located) = self.next_row()? {
            with(located.row);
        }
        Ok(self.torn)
    }
}

/// All rows of a table that is written whole.
///
/// # Errors
/// When it is not there, which may be because the run was not summarised, or cannot be read; with the line.
pub fn rows<T: Row>(path: &Path) -> Result<Vec<T>, Error> {
    rows_where(path, |_| true)
}

/// The same of a large table of which only some rows are of use.
///
/// # Errors
/// As [`rows`].
pub fn rows_where<T: Row>(path: &Path, is_of_use: impl Fn(&T) -> bool) -> Result<Vec<T>, Error> {
    regular::open_within(path, MAX_TABLE_BYTES).map_err(|error| missing(path, error))?;
    let (mut kept, mut read) = (Vec::new(), 0);
    let torn = Rows::open_with(path, RowKey::NONE, FILE_REMEDY)?.each(|row| {
        read += 1;
        if is_of_use(&row) {
            kept.push(row);
        }
    })?;
    if torn > 0 {
        return Err(Problem::new(read + 2, "its last row is cut off", FILE_REMEDY).at(path));
    }
    Ok(kept)
}

/// The names of the columns as they stand in a file.
///
/// # Errors
/// When it cannot be read.
pub fn header(path: &Path) -> Result<StringRecord, Error> {
    let file = regular::open(path).map_err(Error::reading(path))?.take(MAX_ROW_BYTES as u64);
    let problem = |error| Error::reading(path)(io::Error::other(error));
    csv::Reader::from_reader(file).headers().cloned().map_err(problem)
}

/// A JSON file.
///
/// # Errors
/// When it is not there or cannot be read; with the line.
pub fn json<T: DeserializeOwned>(path: &Path) -> Result<T, Error> {
    parsed(path, &bounded(path).map_err(Error::reading(path))?)
}

/// A JSON file; nothing where there is none.
///
/// # Errors
/// When it cannot be read; with the line.
pub fn json_if_any<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, Error> {
    match bounded(path) {
        Ok(text) => parsed(path, &text).map(Some),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::reading(path)(error)),
    }
}

fn parsed<T: DeserializeOwned>(path: &Path, text: &[u8]) -> Result<T, Error> {
    let problem = |error: serde_json::Error| {
        Problem::new(error.line().max(1) as u64, format!("reading it: {error}"), FILE_REMEDY).at(path)
    };
    let mut value: Value = serde_json::from_slice(text).map_err(problem)?;
    // The text itself knows the lines of what makes no sense.
    if show_texts(&mut value) { serde_json::from_value(value) } else { serde_json::from_slice(text) }
        .map_err(problem)
}

/// Makes of every text in a file what may be shown ([`sanitize`](crate::sanitize)); says whether any had to be changed.
fn show_texts(value: &mut Value) -> bool {
    match value {
        Value::String(text) if text.chars().any(is_obeyed) => {
            *text = one_line(text, usize::MAX);
            true
        }
        Value::Array(list) => list.iter_mut().fold(false, |changed, one| show_texts(one) | changed),
        Value::Object(fields) => fields.values_mut().fold(false, |changed, one| show_texts(one) | changed),
        _ => false,
    }
}

/// The bytes of a JSON file of a run.
pub(crate) fn bounded(path: &Path) -> io::Result<Vec<u8>> {
    regular::read(path, MAX_JSON_BYTES)
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

/// How many bytes of the file belong to rows that end in a newline, and how many there are in all.
fn whole_rows(file: &mut File) -> io::Result<(u64, u64)> {
    let total = file.seek(SeekFrom::End(0))?;
    let tail_start = total.saturating_sub(MAX_ROW_BYTES as u64);
    file.seek(SeekFrom::Start(tail_start))?;
    let mut tail = Vec::new();
    file.take(total - tail_start).read_to_end(&mut tail)?;
    match tail.iter().rposition(|byte| *byte == b'\n') {
        Some(newline) => Ok((tail_start + newline as u64 + 1, total)),
        None if tail_start == 0 => Ok((0, total)),
        None => Err(too_long()),
    }
}

fn too_long() -> io::Error {
    io::Error::other("a row is longer than 1 MiB; look for a quote that is never closed")
}

fn problem<T: Row>(error: &csv::Error, line: u64, remedy: &str) -> Problem {
    let what = match error.kind() {
        csv::ErrorKind::Utf8 { err, .. } => err.to_string(),
        _ => error.to_string(),
    };
    row_problem::<T>(line, &what, remedy)
}

fn row_problem<T: Row>(line: u64, what: &str, remedy: &str) -> Problem {
    Problem::new(line, format!("reading a {}: {what}", T::TABLE.row), remedy)
}

/// A reader that refuses to go on when no row has ended for a long time.
#[derive(Debug)]
struct RowBound<R> {
    inner: R,
    /// Bytes given out since the last row ended.
    since_row: usize,
}

impl<R: Read> Read for RowBound<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since_row > MAX_ROW_BYTES {
            return Err(too_long());
        }
        let read = self.inner.read(buffer)?;
        self.since_row += read;
        Ok(read)
    }
}
