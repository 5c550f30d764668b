//! A file of rows: appended to, and read again after whatever befell it.
//!
//! An append is on the disk before the next one begins, so a power cut or a kill can harm the end of a
//! file alone: a line that was cut off, or, where the file system had noted the file's new length but not
//! yet its bytes, NULs. No field of ours holds either, nor a newline. Harm of any other kind is not ours
//! to mend; it is told with its line.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use csv::{ReaderBuilder, StringRecord};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::disk;
use super::error::{JournalError, at};

/// A file of rows, open for appending.
#[derive(Debug)]
pub struct Table {
    path: PathBuf,
    file: File,
    length: u64,
}

impl Table {
    /// Opens a file that has its header.
    pub fn open(path: PathBuf) -> Result<Self, JournalError> {
        let opened = OpenOptions::new().append(true).open(&path);
        let with_length = |file: File| file.metadata().map(|metadata| (file, metadata.len()));
        let (file, length) = opened.and_then(with_length).map_err(at(&path))?;
        Ok(Self { path, file, length })
    }

    /// How long the file is, bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Appends rows as one write. When this returns, they are on the disk; when it fails, they are cut
    /// off again, as far as that can be done.
    pub fn append<T: Serialize>(&mut self, rows: &[T]) -> Result<(), JournalError> {
        if rows.is_empty() {
            return Ok(());
        }
        let bytes = csv_rows(rows, false);
        if let Err(error) = self.file.write_all(&bytes).and_then(|()| self.file.sync_data()) {
            self.cut_to(self.length);
            return Err(at(&self.path)(error));
        }
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Cuts off what stands behind the first `length` bytes. Best effort: what is left of it then is
    /// mended on resume.
    pub fn cut_to(&mut self, length: u64) {
        if self.file.set_len(length).and_then(|()| self.file.sync_data()).is_ok() {
            self.length = length;
        }
    }

    /// A table whose disk is full.
    #[cfg(test)]
    pub fn full() -> Self {
        let path = PathBuf::from("/dev/full");
        let file = OpenOptions::new().append(true).open(&path).expect("every Linux has /dev/full");
        Self { path, file, length: 0 }
    }
}

/// What a file holds.
#[derive(Debug)]
pub struct Written<K> {
    path: PathBuf,
    bytes: Vec<u8>,
    header: Vec<u8>,
    rows: Vec<(Range<usize>, K)>,
}

impl<K> Written<K> {
    /// Reads the rows that were written whole, and keeps of each what `keep` takes from it.
    pub fn read<T>(path: &Path, keep: impl Fn(T) -> K) -> Result<Self, JournalError>
    where
        T: Serialize + DeserializeOwned + Default,
    {
        let bytes = read_if_there(path).map_err(at(path))?;
        let header = header::<T>();
        let begin = header_end(&bytes, &header).ok_or_else(|| foreign(path))?;
        let columns: StringRecord = String::from_utf8_lossy(&header).trim_end().split(',').collect();
        let mut rows = Vec::new();
        let mut at = begin;
        for (number, line) in (2..).zip(bytes[begin..].split_inclusive(|byte| *byte == b'\n')) {
            let range = at..at + line.len();
            at = range.end;
            match parse(line, &columns) {
                Ok(row) => rows.push((range, keep(row))),
                Err(_) if is_torn(line) => {}
                Err(problem) => return Err(corrupt(path, number, &problem)),
            }
        }
        Ok(Self { path: path.into(), bytes, header, rows })
    }

    /// What was kept of each row.
    pub fn rows(&self) -> impl Iterator<Item = &K> {
        self.rows.iter().map(|(_, kept)| kept)
    }

    /// The same, for good.
    pub fn into_rows(self) -> Vec<K> {
        self.rows.into_iter().map(|(_, kept)| kept).collect()
    }

    /// Makes the file hold its header and the rows that are wanted, each byte for byte as it was; says
    /// whether it had to be changed.
    pub fn retain(&self, wanted: impl Fn(&K) -> bool) -> Result<bool, JournalError> {
        let mut mended = self.header.clone();
        for (range, _) in self.rows.iter().filter(|(_, kept)| wanted(kept)) {
            mended.extend_from_slice(&self.bytes[range.clone()]);
        }
        if mended == self.bytes {
            return Ok(false);
        }
        let done = if self.bytes.starts_with(&mended) {
            disk::truncate(&self.path, mended.len() as u64)
        } else {
            disk::replace(&self.path, &mended)
        };
        done.map(|()| true).map_err(at(&self.path))
    }
}

/// The line that names the columns.
pub fn header<T: Serialize + Default>() -> Vec<u8> {
    let text = csv_rows(&[T::default()], true);
    let end = text.iter().position(|&byte| byte == b'\n').expect("a header is a line");
    text[..=end].to_vec()
}

/// Rows as they stand in a file.
pub fn csv_rows<T: Serialize>(rows: &[T], with_header: bool) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().has_headers(with_header).from_writer(Vec::new());
    for row in rows {
        writer.serialize(row).expect("rows are flat and memory does not fail");
    }
    writer.into_inner().expect("memory does not fail")
}

fn read_if_there(path: &Path) -> io::Result<Vec<u8>> {
    match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        read => read,
    }
}

/// Where the rows begin: behind the header, or at the end of a file that was stopped before it had one.
/// `None` where the first line is another.
fn header_end(bytes: &[u8], header: &[u8]) -> Option<usize> {
    if bytes.starts_with(header) {
        return Some(header.len());
    }
    let written = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    let is_ours = header.starts_with(written) && !bytes.contains(&b'\n');
    is_ours.then_some(bytes.len())
}

/// Whether a line is one that was not written to its end.
fn is_torn(line: &[u8]) -> bool {
    !line.ends_with(b"\n") || line.contains(&0)
}

fn parse<T: DeserializeOwned>(line: &[u8], columns: &StringRecord) -> Result<T, String> {
    if is_torn(line) {
        return Err("it was not written to its end".into());
    }
    let mut reader = ReaderBuilder::new().has_headers(false).buffer_capacity(line.len()).from_reader(line);
    let mut record = StringRecord::new();
    reader.read_record(&mut record).map_err(|error| error.to_string())?;
    if record.len() != columns.len() {
        return Err(format!("it has {} columns where the header has {}", record.len(), columns.len()));
    }
    record.deserialize(Some(columns)).map_err(|error| error.to_string())
}

fn foreign(path: &Path) -> JournalError {
    let problem = "its first line does not name the columns that this kilotask writes; go on with the run by \
                   the kilotask that began it, or run its experiments again into a new folder";
    JournalError::Corrupt { path: path.into(), problem: problem.into() }
}

fn corrupt(path: &Path, line: u64, problem: &str) -> JournalError {
    let path = PathBuf::from(format!("{}:{line}", path.display()));
    let problem = format!("{problem}; mend that line, or remove it: its trial is then run again");
    JournalError::Corrupt { path, problem }
}

#[cfg(test)]
mod tests {
    use protocol::Status;
    use results::{RoundRow, TrialRow};

    use super::*;

    fn round(round: u32) -> RoundRow {
        RoundRow { cell: "a".into(), round, ..RoundRow::default() }
    }

    /// The numbers of the rounds that are read from these bytes, and what the file holds once mended.
    fn mended(bytes: &[u8]) -> (Vec<u32>, Vec<u8>) {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("rounds.csv");
        fs::write(&path, bytes).unwrap();
        let written = Written::read(&path, |row: RoundRow| row.round).unwrap();
        written.retain(|_| true).unwrap();
        (written.into_rows(), fs::read(&path).unwrap())
    }

    fn refusal(bytes: &[u8]) -> String {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("rounds.csv");
        fs::write(&path, bytes).unwrap();
        Written::read(&path, |row: RoundRow| row.round).unwrap_err().to_string()
    }

    #[test]
    fn a_file_cut_anywhere_keeps_its_header_and_its_whole_rows() {
        let whole = csv_rows(&[round(0), round(1), round(2)], true);
        for length in 0..=whole.len() {
            let (rows, bytes) = mended(&whole[..length]);
            let lines = whole[..length].split(|byte| *byte == b'\n').skip(1).count().max(1);
            assert_eq!(
                bytes,
                whole.split_inclusive(|b| *b == b'\n').take(lines).collect::<Vec<_>>().concat()
            );
            assert_eq!(rows, (0..).take(lines - 1).collect::<Vec<u32>>());
        }
    }

    #[test]
    fn nuls_in_the_place_of_bytes_that_never_came_are_cut_off() {
        let whole = csv_rows(&[round(0), round(1)], true);
        for length in 0..=whole.len() {
            let (_, expected) = mended(&whole[..length]);
            for nuls in [1, 5000] {
                let with_nuls = [&whole[..length], &vec![0; nuls]].concat();
                assert_eq!(mended(&with_nuls).1, expected, "{length} bytes and {nuls} NULs");
            }
        }
        let holed = [&whole[..whole.len() - 9], &[0; 5], &whole[whole.len() - 4..]].concat();
        assert_eq!(mended(&holed).0, [0]);
    }

    #[test]
    fn a_file_that_is_not_there_is_made() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("rounds.csv");
        let written = Written::read(&path, |row: RoundRow| row).unwrap();
        assert!(written.retain(|_| true).unwrap());
        assert_eq!(fs::read(path).unwrap(), header::<RoundRow>());
    }

    #[test]
    fn harm_in_the_middle_is_told_with_its_line_and_left_alone() {
        let whole = String::from_utf8(csv_rows(&[round(0), round(1), round(2)], true)).unwrap();
        let said = refusal(whole.replacen(",timed,1,", ",timed,x,", 1).as_bytes());
        assert!(said.contains("rounds.csv:3: ") && said.ends_with("its trial is then run again"), "{said}");
        let said = refusal(whole.replacen(",timed,0,", ",timed,", 1).as_bytes());
        assert!(said.contains("rounds.csv:2: it has 9 columns where the header has 10"), "{said}");
    }

    #[test]
    fn columns_of_another_version_are_refused_with_the_way_forward() {
        let said = refusal(b"cell,block,colour\n");
        assert!(said.contains("its first line does not name the columns"), "{said}");
        assert!(said.contains("run its experiments again into a new folder"), "{said}");
        assert!(refusal(b"my thesis").contains("its first line"));
    }

    #[test]
    fn what_was_not_measured_is_an_empty_cell() {
        let rows = csv_rows(&[TrialRow { status: Status::Crashed, ..TrialRow::default() }], true);
        let text = String::from_utf8(rows).unwrap();
        let (header, row) = text.trim_end().split_once('\n').unwrap();
        let column = header.split(',').position(|name| name == "allocations").unwrap();
        assert_eq!(row.split(',').nth(column), Some(""));
    }

    #[test]
    fn rows_that_found_no_room_are_told_and_not_counted() {
        let mut table = Table::full();
        let said = table.append(&[round(0)]).unwrap_err().to_string();
        assert!(said.starts_with("/dev/full: the disk is full; "), "{said}");
        assert_eq!(table.length(), 0);
    }
}
