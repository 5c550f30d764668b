//! The rows of `trials.csv`, one after the other, from a file that may have come from a stranger.
//!
//! Nothing is kept between rows, so memory does not grow with the file. A column that this version
//! does not know is ignored; a *measurement* whose column is absent was not measured.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Take};
use std::path::Path;

use csv::StringRecord;
use results::{Pass, TrialRow};

use crate::error::{Error, Problem};

/// No row is as long as this. It bounds what a quote that is never closed can make us hold.
const MAX_ROW_BYTES: usize = 1 << 20;
/// How much is read at once.
const BUFFER_BYTES: usize = 64 << 10;
/// What to do about a row that makes no sense.
const MEND: &str = "mend or remove that row, or give the trials.csv that the run wrote";

/// The rows of one file.
pub(crate) struct Rows {
    reader: csv::Reader<RowBound<Take<File>>>,
    headers: StringRecord,
    record: StringRecord,
    /// Whether the file ends in a row without its newline, which is left out: the writer was stopped
    /// in the middle of it.
    pub torn: bool,
}

impl Rows {
    pub fn open(path: &Path) -> Result<Self, Error> {
        let cannot_read = |error| Error::Read { path: path.into(), error };
        let mut file = File::open(path).map_err(cannot_read)?;
        let (whole, total) = whole_rows(&mut file).map_err(cannot_read)?;
        file.seek(SeekFrom::Start(0)).map_err(cannot_read)?;
        let mut reader = csv::ReaderBuilder::new()
            .buffer_capacity(BUFFER_BYTES)
            .from_reader(RowBound { inner: file.take(whole), since_row: 0 });
        let headers = reader.headers().map_err(|error| problem(&error, 1, None).at(path))?.clone();
        if headers.is_empty() {
            let mend = "give the trials.csv that the run wrote; its first line names the columns";
            return Err(Problem::new(1, "reading the header: the file has none", mend).at(path));
        }
        Ok(Self { reader, headers, record: StringRecord::new(), torn: whole < total })
    }

    /// The next row and its line, or `None` after the last one.
    pub fn next(&mut self) -> Result<Option<(u64, TrialRow)>, Problem> {
        self.reader.get_mut().since_row = 0;
        let line = self.reader.position().line();
        if !self.reader.read_record(&mut self.record).map_err(|error| problem(&error, line, None))? {
            return Ok(None);
        }
        let line = self.record.position().map_or(line, csv::Position::line);
        let sample = self
            .record
            .deserialize(Some(&self.headers))
            .map_err(|error| problem(&error, line, Some(&self.headers)))?;
        Ok(Some((line, sample)))
    }
}

/// Whether the trial only warmed the machine up: it was timed in one of the first blocks.
pub(crate) fn is_burn_in(sample: &TrialRow, burn_in_blocks: u32) -> bool {
    sample.pass == Pass::Timed && sample.block < burn_in_blocks
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
    io::Error::other("a row is longer than 1 MiB; is there a quote that is never closed?")
}

/// Says what is wrong with a row, in the words of the file: the column's name, not its number.
fn problem(error: &csv::Error, line: u64, headers: Option<&StringRecord>) -> Problem {
    let (line, what) = match error.kind() {
        csv::ErrorKind::Deserialize { err, .. } => {
            let index = err.field().and_then(|field| usize::try_from(field).ok());
            let column = headers.and_then(|headers| headers.get(index?));
            let place = column.map_or(String::new(), |column| format!("column `{column}`: "));
            (line, format!("{place}{}", err.kind()))
        }
        csv::ErrorKind::UnequalLengths { expected_len, len, pos } => {
            let line = pos.as_ref().map_or(line, csv::Position::line);
            (line, format!("it has {len} columns where the header has {expected_len}"))
        }
        csv::ErrorKind::Utf8 { err, .. } => (line, err.to_string()),
        _ => (line, error.to_string()),
    };
    Problem::new(line, format!("reading a trial: {what}"), MEND)
}

/// A reader that refuses to go on when no row has ended for a long time.
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
    use protocol::Status;

    use super::*;
    use crate::fixture::{run, timed};

    /// Reads trials whose file was changed by `change`: the rows, or what was wrong with one.
    fn read(change: impl Fn(&str) -> String) -> Result<(Vec<TrialRow>, bool), String> {
        let dir = run(&[timed("a", 1, 100), timed("b", 1, 200), timed("c", 1, 300)]);
        let path = dir.path().join("trials.csv");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, change(&text)).unwrap();
        let mut rows = Rows::open(&path).map_err(|error| error.to_string())?;
        let mut samples = Vec::new();
        while let Some((_, sample)) = rows.next().map_err(|problem| problem.at(&path).to_string())? {
            samples.push(sample);
        }
        Ok((samples, rows.torn))
    }

    fn refusal(change: impl Fn(&str) -> String) -> String {
        read(change).unwrap_err()
    }

    #[test]
    fn rows_come_back_as_they_were_written() {
        let (samples, torn) = read(str::to_owned).unwrap();
        assert_eq!(samples, [timed("a", 1, 100), timed("b", 1, 200), timed("c", 1, 300)]);
        assert!(!torn);
    }

    #[test]
    fn trials_that_failed_and_timed_ones_of_the_burn_in_do_not_count() {
        let failed = TrialRow { status: Status::Crashed, ..timed("a", 2, 100) };
        let counted = TrialRow { pass: Pass::Counted, ..timed("a", 0, 100) };
        let dir = run(&[timed("a", 0, 100), counted.clone(), failed, timed("a", 1, 200)]);
        let counting = crate::counting_trials(dir.path()).unwrap();
        assert_eq!(counting, [counted, timed("a", 1, 200)]);
    }

    #[test]
    fn a_last_row_without_its_newline_is_left_out() {
        let (samples, torn) = read(|text| text[..text.len() - 30].to_owned()).unwrap();
        assert_eq!(samples.len(), 2);
        assert!(torn);
        // Even where all its columns are there: its last number may have lost digits.
        let (samples, torn) = read(|text| text.trim_end().to_owned()).unwrap();
        assert_eq!((samples.len(), torn), (2, true));
    }

    #[test]
    fn a_row_with_a_wrong_type_is_refused_with_file_line_and_column() {
        let error = refusal(|text| text.replace(",200,", ",2e2,"));
        assert!(error.contains("trials.csv:3: reading a trial: column `makespan_ns`: "), "{error}");
        assert!(error.ends_with("or give the trials.csv that the run wrote"), "{error}");
        let error = refusal(|text| text.replacen(",timed,", ",guessed,", 1));
        assert!(error.contains("trials.csv:2: reading a trial: "), "{error}");
        assert!(error.contains("unknown variant `guessed`"), "{error}");
        let error = refusal(|text| text.replace(",200,", ",-200,"));
        assert!(error.contains("trials.csv:3: "), "{error}");
    }

    #[test]
    fn a_row_with_too_few_columns_is_refused_with_its_line() {
        let error = refusal(|text| text.replace(",200,", ","));
        assert!(error.contains("trials.csv:3: reading a trial: it has "), "{error}");
    }

    #[test]
    fn a_column_that_nobody_knows_is_ignored_and_one_that_must_be_there_is_missed() {
        let (samples, _) = read(|text| text.replacen("faults_major", "faults_of_mine", 1)).unwrap();
        assert_eq!(samples.len(), 3);
        let error = refusal(|text| text.replacen("block", "blok", 1));
        assert!(error.contains("trials.csv:2: reading a trial: missing field `block`"), "{error}");
    }

    #[test]
    fn text_that_is_not_utf8_is_refused() {
        let dir = run(&[timed("a", 1, 100)]);
        let path = dir.path().join("trials.csv");
        let mut bytes = std::fs::read(&path).unwrap();
        let place = bytes.len() - 5;
        bytes[place] = 0xff;
        std::fs::write(&path, bytes).unwrap();
        let problem = Rows::open(&path).unwrap().next().unwrap_err();
        assert_eq!(problem.line, 2);
    }

    #[test]
    fn a_file_without_rows_has_none_and_one_without_a_header_is_refused() {
        let (samples, torn) = read(|text| format!("{}\n", text.lines().next().unwrap())).unwrap();
        assert!(samples.is_empty() && !torn);
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
}
