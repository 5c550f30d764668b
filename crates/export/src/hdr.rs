//! An interval log of `HdrHistogram`, of the latencies in `spans/`: one interval a cell, whose name is its tag.
//!
//! A latency is the length of a task's span, nanoseconds, kept to three significant digits. An interval
//! begins when its trial began and is as long as its round 0; timestamps are seconds since the first of
//! them, which the log's start time gives. The largest value of each line is in milliseconds, as Java has it.
//!
//! Source: `HdrHistogram`, `HistogramLogWriter` (log format 1.3, V2 compressed histograms).

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, SystemTime};

use hdrhistogram::Histogram;
use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{IntervalLogWriterBuilder, Tag};
use protocol::Span;
use results::folder::{self, SPANS_BLOCK, TRIALS};
use results::read::rows;
use results::{Pass, SpanRow, TrialRow};

use crate::error::Error;
use crate::exported::Exported;

/// Significant decimal digits of a latency in a histogram.
const DIGITS: u8 = 3;
/// What every histogram can hold, an hour, so that those of all runs can be added; one that needs more
/// holds more.
const USUAL_MAX_NS: u64 = 3_600_000_000_000;
/// Nanoseconds of a millisecond, in which the largest value of a line is written.
const MAX_DIVISOR: f64 = 1e6;

/// What to do where there are none.
const NO_SPANS: &str =
    "spans are kept of the cells of 1000 tasks whose workload records them; run an experiment that has one";

/// The latencies of one cell.
struct Interval {
    cell: String,
    began: SystemTime,
    length: Duration,
    latencies: Histogram<u64>,
}

/// The spans of the run in the folder `dir`, as a log.
pub(crate) fn export(dir: &Path) -> Result<Exported, Error> {
    let samples = aggregate::counting_trials(dir)?;
    let spanned =
        |trial: &&TrialRow| (trial.pass, trial.block, trial.process) == (Pass::Timed, SPANS_BLOCK, 0);
    let trials: HashMap<&str, &TrialRow> =
        samples.iter().filter(spanned).map(|trial| (trial.cell.as_str(), trial)).collect();
    let (mut intervals, mut left_out) = (Vec::new(), Vec::new());
    for (cell, path) in folder::spans(dir).map_err(results::Error::reading(&dir.join(folder::SPANS)))? {
        match trials.get(cell.as_str()) {
            Some(trial) => intervals.push(interval(cell, &path, trial, &dir.join(TRIALS))?),
            None => left_out.push(format!("{}: its trial is not among those that count", path.display())),
        }
    }
    if intervals.is_empty() {
        return Err(Error::Nothing { folder: dir.into(), what: "it has no spans".into(), remedy: NO_SPANS });
    }
    intervals.sort_by_key(|interval| interval.began);
    Ok(Exported { text: log(&intervals), left_out })
}

fn interval(cell: String, path: &Path, trial: &TrialRow, trials: &Path) -> Result<Interval, Error> {
    let began = humantime::parse_rfc3339(&trial.started_at).map_err(|error| Error::Content {
        path: trials.into(),
        problem: format!("started_at of {cell} is {:?}: {error}", trial.started_at),
        remedy: "take the trials.csv that the run wrote",
    })?;
    let spans: Vec<SpanRow> = rows(path)?;
    let lengths = lengths(&spans);
    let longest = lengths.iter().copied().max().unwrap_or(0).max(USUAL_MAX_NS);
    let mut latencies =
        Histogram::new_with_max(longest, DIGITS).expect("the digits are few and the maximum large");
    for length in lengths {
        latencies.record(length).expect("the maximum is that of all");
    }
    let finish = spans.iter().map(|span| span.finish_ns).max().unwrap_or(0);
    Ok(Interval { cell, began, length: Duration::from_nanos(finish), latencies })
}

/// How long each task took. That none runs backwards was seen when they were read.
fn lengths(spans: &[SpanRow]) -> Vec<u64> {
    spans.iter().filter_map(|span| Span::from(*span).length_ns()).collect()
}

/// The log; the intervals are in the order in which they began.
fn log(intervals: &[Interval]) -> String {
    const IN_MEMORY: &str = "a log in memory can be written";
    let start = intervals.first().map_or(SystemTime::UNIX_EPOCH, |interval| interval.began);
    let (mut text, mut serializer) = (Vec::new(), V2DeflateSerializer::new());
    let mut writer = IntervalLogWriterBuilder::new()
        .add_comment(concat!("[Logged with kilotask ", env!("CARGO_PKG_VERSION"), "]"))
        .add_comment("[Histogram log format version 1.3]")
        .add_comment("[Latencies of tasks in nanoseconds, a cell a tag]")
        .with_start_time(start)
        .with_max_value_divisor(MAX_DIVISOR)
        .begin_log_with(&mut text, &mut serializer)
        .expect(IN_MEMORY);
    for interval in intervals {
        let since = interval.began.duration_since(start).unwrap_or_default();
        let tag = tag(&interval.cell);
        writer.write_histogram(&interval.latencies, since, interval.length, Tag::new(&tag)).expect(IN_MEMORY);
    }
    String::from_utf8(text).expect("a log is ASCII but for its tags, which are UTF-8")
}

/// A cell's name as a tag, which can hold neither commas nor blanks.
fn tag(cell: &str) -> String {
    cell.replace([',', ' ', '\r', '\n'], "-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Format;
    use crate::fixture::{exported_from, reference, refused, run, timed, write_spans};
    use base64::prelude::{BASE64_STANDARD, Engine};
    use hdrhistogram::serialization::Deserializer;
    use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};

    /// An interval as the Rust crate reads it: its tag, its start and its length in milliseconds, its values.
    type Read = (String, u128, u128, Histogram<u64>);

    /// The log as the Rust crate reads it: its start time and its intervals.
    fn read(text: &str) -> (Duration, Vec<Read>) {
        let (mut start, mut intervals) = (Duration::ZERO, Vec::new());
        for entry in IntervalLogIterator::new(text.as_bytes()) {
            match entry.unwrap() {
                LogEntry::StartTime(time) => start = time,
                LogEntry::BaseTime(_) => panic!("there is no base time"),
                LogEntry::Interval(interval) => {
                    let bytes = BASE64_STANDARD.decode(interval.encoded_histogram()).unwrap();
                    let histogram = Deserializer::new().deserialize(&mut bytes.as_slice()).unwrap();
                    let tag = interval.tag().unwrap().as_str().to_string();
                    let [from, length] =
                        [interval.start_timestamp(), interval.duration()].map(|time| time.as_millis());
                    intervals.push((tag, from, length, histogram));
                }
            }
        }
        (start, intervals)
    }

    #[test]
    fn each_cell_is_a_tagged_interval_in_the_order_of_time() {
        let late = TrialRow { started_at: "2026-01-01T00:00:05.750000Z".into(), ..timed("early name", 1, 9) };
        let dir = run(&[timed("b", 1, 9), late]);
        write_spans(dir.path(), "b", &[(0, 1_000_000), (500, 2_000_500), (7, 7)]);
        write_spans(dir.path(), "early name", &[(1_000_000, 4_000_000)]);
        let text = exported_from(dir.path(), Format::Hdr, &[]).unwrap().text;
        let (start, intervals) = read(&text);
        assert_eq!(start, Duration::from_millis(1_767_225_601_250));
        let found =
            intervals.iter().map(|(tag, from, length, values)| (&**tag, *from, *length, values.len()));
        assert!(found.eq([("b", 0, 2, 3), ("early-name", 4500, 4, 1)]), "{intervals:?}");
        let (shortest, longest) = (intervals[0].3.min(), intervals[0].3.max());
        assert_eq!(shortest, 0);
        assert!(longest.abs_diff(2_000_000) <= 2_000, "{longest}");
    }

    #[test]
    fn the_reference_has_all_its_spans_to_three_digits() {
        let export = exported_from(&reference(), Format::Hdr, &[]).unwrap();
        let (_, intervals) = read(&export.text);
        assert_eq!((intervals.len(), export.left_out.len()), (folder::spans(&reference()).unwrap().len(), 0));
        for (tag, _, _, values) in &intervals {
            let spans: Vec<SpanRow> = rows(&reference().join("spans").join(format!("{tag}.csv"))).unwrap();
            let mut lengths = lengths(&spans);
            lengths.sort_unstable();
            assert_eq!(values.len(), lengths.len() as u64, "{tag}");
            let (median, found) = (lengths[(lengths.len() - 1) / 2], values.value_at_quantile(0.5));
            assert!(found.abs_diff(median) <= median / 1000 + 1, "{tag}: {found}, not {median}");
        }
    }

    #[test]
    fn a_run_without_spans_is_refused_with_what_has_them() {
        let error = refused(&[timed("a", 1, 9)], Format::Hdr, &[]);
        assert!(error.contains("it has no spans; spans are kept of the cells of 1000 tasks"), "{error}");
    }

    #[test]
    fn spans_of_a_trial_that_does_not_count_are_left_out_and_named() {
        let dir = run(&[timed("a", 1, 9)]);
        write_spans(dir.path(), "a", &[(0, 1)]);
        write_spans(dir.path(), "gone", &[(0, 1)]);
        let left_out = exported_from(dir.path(), Format::Hdr, &[]).unwrap().left_out;
        let [why] = left_out.as_slice() else { panic!("{left_out:?}") };
        assert!(why.contains("spans/gone.csv: its trial is not"), "{why}");
    }

    #[test]
    fn spans_that_make_no_sense_are_refused_with_their_line() {
        let dir = run(&[timed("a", 1, 9)]);
        write_spans(dir.path(), "a", &[(0, 1), (5, 4)]);
        let error = exported_from(dir.path(), Format::Hdr, &[]).unwrap_err().to_string();
        assert!(
            error.contains("a.csv:3: ")
                && error.contains("column `start_ns`: 5 is more than 4, which is `finish_ns`"),
            "{error}"
        );
    }

    #[test]
    fn there_are_no_metrics_to_choose() {
        let error = refused(&[], Format::Hdr, &[results::Metric::Makespan]);
        assert!(error.ends_with("leave --metric out"), "{error}");
    }
}
