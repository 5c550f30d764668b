//! A table as an earlier sitting left it, read so that it can be repaired.
//!
//! An append is on the disk before the next one begins, so a power cut or a kill can harm the end of a
//! file alone, and the reader leaves out what was not written to its end. Harm of any other kind is not
//! ours to repair; it is reported with its line.

use std::io::{self, ErrorKind};
use std::ops::Range;
use std::path::{Path, PathBuf};

use results::read::{Located, Rows};
use results::table::Row;
use results::{Error, RowKey, disk, regular, write};

use super::error::{JournalError, at};

/// What a file holds.
#[derive(Debug)]
pub struct Written<K> {
    path: PathBuf,
    bytes: Vec<u8>,
    header: Vec<u8>,
    rows: Vec<(Range<usize>, K)>,
}

impl<K> Written<K> {
    /// Reads the rows that were written whole, and keeps of each what `keep` takes from it, unless it says what is wrong.
    pub fn read<T: Row>(
        path: &Path,
        key: RowKey,
        mut keep: impl FnMut(T) -> Result<K, String>,
    ) -> Result<Self, JournalError> {
        let bytes = read_if_there(path).map_err(at(path))?;
        let header = write::header::<T>();
        let mut rows = Vec::new();
        if bytes.starts_with(&header) {
            let mut all = Rows::open(path, key)?;
            while let Some(Located { line, bytes, row }) = all.next_row().map_err(corrupt)? {
                let kept = keep(row).map_err(|what| corrupt(all.problem(line, &what)))?;
                rows.push((index(bytes.start)..index(bytes.end), kept));
            }
        } else if !is_begun(&bytes, &header) {
            return Err(foreign(path));
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
        let mut repaired = self.header.clone();
        for (range, _) in self.rows.iter().filter(|(_, kept)| wanted(kept)) {
            repaired.extend_from_slice(&self.bytes[range.clone()]);
        }
        if repaired == self.bytes {
            return Ok(false);
        }
        let done = if self.bytes.starts_with(&repaired) {
            disk::truncate(&self.path, repaired.len() as u64)
        } else {
            disk::replace(&self.path, &repaired)
        };
        done.map(|()| true).map_err(at(&self.path))
    }
}

/// Whether a file holds as much of its header as was written before a kill or a power cut, which may
/// leave NULs in the place of what was not.
pub fn is_begun(bytes: &[u8], header: &[u8]) -> bool {
    let written = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    header.starts_with(written) && !bytes.contains(&b'\n')
}

fn index(byte: u64) -> usize {
    usize::try_from(byte).expect("the file is in memory")
}

/// The largest table that is repaired: it is held in memory.
const MAX_BYTES: u64 = 4 << 30;

fn read_if_there(path: &Path) -> io::Result<Vec<u8>> {
    match regular::read(path, MAX_BYTES) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        read => read,
    }
}

fn foreign(path: &Path) -> JournalError {
    let problem = "its columns are not those that this kilotask writes; resume the run with the kilotask \
                   that started it, or run its experiments again into a new folder";
    JournalError::Corrupt { path: path.into(), problem: problem.into() }
}

fn corrupt(error: Error) -> JournalError {
    let Error::Content { path, line, problem, .. } = error else { return error.into() };
    let path = PathBuf::from(format!("{}:{line}", path.display()));
    let problem = format!("{problem}; repair that line, or remove it, so that its trial runs again");
    JournalError::Corrupt { path, problem }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use results::RoundRow;
    use results::folder::ROUNDS;
    use results::write::csv_file;

    use super::*;

    fn round(round: u32) -> RoundRow {
        RoundRow { cell: "a".into(), round, ..RoundRow::default() }
    }

    /// The numbers of the rounds that are read from a file, and what it holds once repaired.
    fn repair(bytes: &[u8]) -> Result<(Vec<u32>, Vec<u8>), String> {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join(ROUNDS);
        fs::write(&path, bytes).unwrap();
        let written = Written::read(&path, RowKey::NONE, |row: RoundRow| Ok(row.round))
            .map_err(|error| error.to_string())?;
        written.retain(|_| true).unwrap();
        Ok((written.into_rows(), fs::read(&path).unwrap()))
    }

    #[test]
    fn nuls_in_the_place_of_bytes_that_never_came_are_cut_off() {
        let whole = csv_file(&[round(0), round(1)]);
        for length in 0..=whole.len() {
            let (_, expected) = repair(&whole[..length]).unwrap();
            for nuls in [1, 5000] {
                let with_nuls = [&whole[..length], &vec![0; nuls]].concat();
                assert_eq!(repair(&with_nuls).unwrap().1, expected, "{length} bytes and {nuls} NULs");
            }
        }
        let holed = [&whole[..whole.len() - 9], &[0; 5], &whole[whole.len() - 4..]].concat();
        assert_eq!(repair(&holed).unwrap().0, [0]);
    }

    #[test]
    fn harm_in_the_middle_is_reported_with_its_line_and_left_alone() {
        let whole = String::from_utf8(csv_file(&[round(0), round(1), round(2)])).unwrap();
        let said = repair(whole.replacen(",timed,0,1,", ",timed,0,x,", 1).as_bytes()).unwrap_err();
        assert!(said.contains("rounds.csv:3: ") && said.ends_with("so that its trial runs again"), "{said}");
        let said = repair(whole.replacen(",timed,0,0,", ",timed,0,", 1).as_bytes()).unwrap_err();
        let columns = "rounds.csv:2: reading a round of a trial: it has 11 columns where the header has 12";
        assert!(said.contains(columns), "{said}");
    }

    #[test]
    fn columns_of_another_version_are_refused_with_the_way_forward() {
        let said = repair(b"cell,block,colour\n").unwrap_err();
        assert!(said.contains("its columns are not those that this kilotask writes"), "{said}");
        assert!(said.contains("run its experiments again into a new folder"), "{said}");
        assert!(repair(b"my thesis").unwrap_err().contains("its columns are not those"));
    }
}
