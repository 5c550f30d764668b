//! Reads the files of a run, which may have come from a stranger: bounded, and believed only as far as
//! their types go.
//!
//! [`Rows`] gives the rows of a table one after the other, so that memory does not grow with the file. A
//! file that is appended to may end in a row that was not written to its end: it lacks its newline, or
//! has NULs where its bytes never came. No field of ours holds either, so such a row is left out and
//! counted. A column that this version does not know is ignored; a *measurement* whose column is absent
//! was not measured.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Take};
use std::marker::PhantomData;
use std::ops::Range;
use std::path::{Path, PathBuf};

use csv::StringRecord;
use serde::de::DeserializeOwned;

use crate::error::{Error, Problem};
use crate::folder::PLAN;
use crate::table::{Places, Row};

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
    /// Opens a file.
    ///
    /// # Errors
    /// When it cannot be read, or has no header.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Self::open_with(path, ROW_REMEDY)
    }

    fn open_with(path: &Path, remedy: &'static str) -> Result<Self, Error> {
        let mut file = File::open(path).map_err(Error::reading(path))?;
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
        let torn = u64::from(whole < total);
        let record = StringRecord::new();
        Ok(Self { path: path.into(), reader, places, header, record, torn, remedy, row: PhantomData })
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
            let row = if self.record.len() == self.header.len() {
                self.places.row(&self.record)
            } else {
                Err(format!(
                    "it has {} columns where the header has {}",
                    self.record.len(),
                    self.header.len()
                ))
            };
            match row {
                Ok(row) => {
                    let bytes = start..self.reader.position().byte();
                    return Ok(Some(Located { line, bytes, row }));
                }
                Err(_) if self.record.as_slice().contains('\0') => self.torn += 1,
                Err(what) => return Err(row_problem::<T>(line, &what, self.remedy).at(&self.path)),
            }
        }
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
    open(path, MAX_TABLE_BYTES).map_err(|error| missing(path, error))?;
    let (mut kept, mut read) = (Vec::new(), 0);
    let torn = Rows::open_with(path, FILE_REMEDY)?.each(|row| {
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
    let file = File::open(path).map_err(Error::reading(path))?.take(MAX_ROW_BYTES as u64);
    let problem = |error| Error::reading(path)(io::Error::other(error));
    csv::Reader::from_reader(file).headers().cloned().map_err(problem)
}

/// A JSON file.
///
/// # Errors
/// When it is not there or cannot be read; with the line.
pub fn json<T: DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let text = bounded(path).map_err(Error::reading(path))?;
    serde_json::from_slice(&text).map_err(|error| {
        Problem::new(error.line() as u64, format!("reading it: {error}"), FILE_REMEDY).at(path)
    })
}

/// A JSON file; nothing where there is none.
///
/// # Errors
/// When it cannot be read; with the line.
pub fn json_if_any<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, Error> {
    if path.exists() { json(path).map(Some) } else { Ok(None) }
}

/// The bytes of a JSON file of a run.
pub(crate) fn bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    open(path, MAX_JSON_BYTES)?.read_to_end(&mut text)?;
    Ok(text)
}

fn open(path: &Path, most: u64) -> io::Result<Take<File>> {
    let file = File::open(path)?;
    if file.metadata()?.len() > most {
        let mib = most >> 20;
        return Err(io::Error::other(format!("it is larger than {mib} MiB, the most for such a file")));
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

#[cfg(test)]
mod tests {
    use crate::folder;

    use super::*;
    use crate::rows::{OrderRow, TrialRow};
    use crate::write::csv_file;

    fn trial(cell: &str, makespan_ns: u64) -> TrialRow {
        TrialRow { cell: cell.into(), block: 1, makespan_ns: Some(makespan_ns), ..TrialRow::default() }
    }

    /// Reads trials whose file was changed by `change`: the rows and how many were torn, or what was
    /// wrong with one.
    fn read(change: impl Fn(&str) -> String) -> Result<(Vec<TrialRow>, u64), String> {
        let text = String::from_utf8(csv_file(&[trial("a", 100), trial("b", 200), trial("c", 300)])).unwrap();
        read_bytes(change(&text).as_bytes())
    }

    fn read_bytes(bytes: &[u8]) -> Result<(Vec<TrialRow>, u64), String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(folder::TRIALS);
        std::fs::write(&path, bytes).unwrap();
        let mut trials = Vec::new();
        let rows = Rows::open(&path).and_then(|rows| rows.each(|row| trials.push(row)));
        rows.map(|torn| (trials, torn)).map_err(|error| error.to_string())
    }

    fn refusal(change: impl Fn(&str) -> String) -> String {
        read(change).unwrap_err()
    }

    #[test]
    fn rows_come_back_as_they_were_written() {
        let found = read(str::to_owned).unwrap();
        assert_eq!(found, (vec![trial("a", 100), trial("b", 200), trial("c", 300)], 0));
    }

    #[test]
    fn a_row_tells_where_its_bytes_stand() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(folder::TRIALS);
        let bytes = csv_file(&[trial("a\"b", 1), trial("c", 2)]);
        std::fs::write(&path, &bytes).unwrap();
        let mut rows = Rows::<TrialRow>::open(&path).unwrap();
        let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
        for (number, line) in (2..).zip(&lines[1..]) {
            let row = rows.next_row().unwrap().unwrap();
            let range = usize::try_from(row.bytes.start).unwrap()..usize::try_from(row.bytes.end).unwrap();
            assert_eq!((row.line, &bytes[range]), (number, *line));
        }
    }

    #[test]
    fn a_last_row_without_its_newline_is_left_out() {
        let (trials, torn) = read(|text| text[..text.len() - 30].to_owned()).unwrap();
        assert_eq!((trials.len(), torn), (2, 1));
        // Even where all its columns are there: its last number may have lost digits.
        let (trials, torn) = read(|text| text.trim_end().to_owned()).unwrap();
        assert_eq!((trials.len(), torn), (2, 1));
    }

    #[test]
    fn a_row_with_nuls_where_its_bytes_never_came_is_left_out() {
        let holed = |text: &str| text.replace(",200,", ",\0\0\0,");
        assert_eq!(read(holed).unwrap(), (vec![trial("a", 100), trial("c", 300)], 1));
        let emptied = |text: &str| text.replace("b,,1,0,timed", "\0");
        assert_eq!(read(emptied).unwrap().1, 1, "though it has other columns");
    }

    #[test]
    fn a_row_with_a_wrong_type_is_refused_with_file_line_and_column() {
        let error = refusal(|text| text.replace(",200,", ",2e2,"));
        assert!(error.contains("trials.csv:3: reading a trial: column `makespan_ns`: "), "{error}");
        assert!(error.ends_with("or use the file that the run wrote"), "{error}");
        let error = refusal(|text| text.replacen(",timed,", ",guessed,", 1));
        assert!(
            error.contains("trials.csv:2: reading a trial: column `pass`: unknown word \"guessed\""),
            "{error}"
        );
        assert!(error.contains("one of timed, counted, traced"), "{error}");
        assert!(refusal(|text| text.replace(",200,", ",-200,")).contains("trials.csv:3: "));
    }

    #[test]
    fn a_row_with_too_few_columns_is_refused_with_its_line() {
        let error = refusal(|text| text.replace(",200,", ","));
        assert!(error.contains("trials.csv:3: reading a trial: it has "), "{error}");
    }

    #[test]
    fn a_column_that_nobody_knows_is_ignored_and_one_that_must_be_there_is_missed() {
        let (trials, _) = read(|text| text.replacen("faults_major", "faults_of_mine", 1)).unwrap();
        assert_eq!(trials.len(), 3);
        let error = refusal(|text| text.replacen("block", "blok", 1));
        assert!(error.contains("trials.csv:2: reading a trial: column `block` is missing"), "{error}");
    }

    #[test]
    fn text_that_is_not_utf8_is_refused_with_its_line() {
        let mut bytes = csv_file(&[trial("a", 100)]);
        let place = bytes.len() - 5;
        bytes[place] = 0xff;
        assert!(read_bytes(&bytes).unwrap_err().contains("trials.csv:2: "));
    }

    #[test]
    fn a_file_without_rows_has_none_and_one_without_a_header_is_refused() {
        let (trials, torn) = read(|text| format!("{}\n", text.lines().next().unwrap())).unwrap();
        assert_eq!((trials.len(), torn), (0, 0));
        assert!(refusal(|_| String::new()).contains("trials.csv:1: reading the header"));
    }

    #[test]
    fn a_quote_that_is_never_closed_does_not_fill_the_memory() {
        let endless = "x\n".repeat(2 * MAX_ROW_BYTES);
        let error = refusal(|text| format!("{text}\"{endless}"));
        assert!(error.contains("trials.csv:5: "), "{error}");
        assert!(error.contains("a row is longer than 1 MiB"), "{error}");
    }

    #[test]
    fn a_line_that_never_ends_is_refused() {
        let error = refusal(|text| format!("{text}{}", "x".repeat(2 * MAX_ROW_BYTES)));
        assert!(error.contains("a row is longer than 1 MiB"), "{error}");
    }

    #[test]
    fn a_whole_table_is_read_or_refused_with_its_line_and_how_to_fix_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(folder::ORDERS);
        let refusal = |text: &str| {
            std::fs::write(&path, text).unwrap();
            rows::<OrderRow>(&path).unwrap_err().to_string()
        };
        let header = "repetition,order,runtime,trial,makespan_ns\n";
        let error = refusal(&format!("{header}0,blocks,a,0,1\n0,blocks,a,many,1\n"));
        assert!(error.contains("orders.csv:3: "), "{error}");
        assert!(refusal(&format!("{header}0,blocks\n")).contains("orders.csv:2: "));
        let error = refusal(&format!("{header}0,blocks,a,0,1"));
        assert!(
            error.contains("orders.csv:2: its last row is cut off") && error.contains("kilotask aggregate")
        );
        let error = rows::<OrderRow>(Path::new("nowhere/x.csv")).unwrap_err().to_string();
        assert!(error.starts_with("reading nowhere/x.csv: "), "{error}");
        assert!(json_if_any::<u32>(Path::new("nowhere/x.json")).unwrap().is_none());
    }

    #[test]
    fn a_run_without_its_tables_has_not_been_summarised() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(PLAN), "{}").unwrap();
        let error = rows::<OrderRow>(&dir.path().join(folder::FLAGS)).unwrap_err().to_string();
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
