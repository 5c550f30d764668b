//! `spans/CELL.csv`: one row per task of one trial.

use protocol::Span;

use crate::folder;
use crate::table::{at_most, rows};

rows! {
    /// One task of round 0; two of them may begin and finish at the same nanoseconds.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct SpanRow in folder::SPANS_OF_CELL;
    row: "task of round 0 of one trial, in the order of the tasks' numbers";
    key: [], checked by runs_forwards;
    start_ns: u64, ["ns"],
        "since round 0 began, measured inside the task: just before it begins to wait";
    finish_ns: u64, ["ns"], "since round 0 began, measured inside the task: just after its wait";
}

fn runs_forwards(row: &SpanRow) -> Result<(), String> {
    at_most(("start_ns", Some(row.start_ns)), ("finish_ns", Some(row.finish_ns)))
}

impl From<Span> for SpanRow {
    fn from(Span { start_ns, finish_ns }: Span) -> Self {
        Self { start_ns, finish_ns }
    }
}

impl From<SpanRow> for Span {
    fn from(SpanRow { start_ns, finish_ns }: SpanRow) -> Self {
        Self { start_ns, finish_ns }
    }
}
