//! The table of all runtimes and workloads.

use aggregate::stats::FEWEST_FOR_MEDIAN;
use results::grouping::distinct;

use crate::content::overview::{Column, Kind};
use crate::content::{Basis, pick};
use crate::format::{counted, median};

/// A table for each kind of figure.
#[derive(Debug)]
pub struct Overview<'a> {
    pub kind: Kind,
    pub columns: Vec<&'a Column<'a>>,
    pub lines: Vec<Line<'a>>,
}

#[derive(Debug)]
pub struct Line<'a> {
    pub runtime: &'a str,
    pub is_ranked: bool,
    pub values: Vec<Option<Value>>,
}

/// What a runtime reached in a workload.
#[derive(Debug)]
pub struct Value {
    pub text: String,
    pub sort: String,
    /// Whether it cannot be told from the best.
    pub is_best: bool,
    pub has_caveat: bool,
    pub hint: String,
}

/// The tables that have a value.
pub fn overviews<'a>(basis: &'a Basis<'a>) -> Vec<Overview<'a>> {
    Kind::ALL
        .into_iter()
        .map(|kind| Overview::of(basis, kind))
        .filter(|one| !one.columns.is_empty())
        .collect()
}

impl<'a> Overview<'a> {
    fn of(basis: &'a Basis<'a>, kind: Kind) -> Self {
        let columns: Vec<&Column> =
            basis.columns.iter().filter(|column| column.metric(kind).is_some()).collect();
        let measured = distinct(columns.iter().flat_map(|column| column.labels()));
        let families = pick::families(basis.run);
        let labels = families.iter().flat_map(|family| &family.labels).copied();
        let lines = labels.filter(|label| measured.contains(label)).map(|runtime| Line {
            runtime,
            is_ranked: basis.run.is_ranked(runtime),
            values: columns.iter().map(|column| Value::of(column, kind, runtime)).collect(),
        });
        let lines = lines.collect();
        Self { kind, columns, lines }
    }
}

impl Value {
    fn of(column: &Column, kind: Kind, runtime: &str) -> Option<Self> {
        let row = column.value(kind, runtime)?;
        let caveat = column.caveat(runtime);
        let note = caveat.map_or_else(String::new, |caveat| format!("\n† {caveat}"));
        let shown = median(row);
        Some(Self {
            hint: format!(
                "{runtime}, {} ({}): {shown}, {}{note}",
                column.title(),
                column.setting,
                counted(row.n, "trial")
            ),
            text: shown.value,
            sort: format!("{:e}", row.median),
            is_best: row.among_best == Some(true)
                && row.group == column.group
                && row.n >= FEWEST_FOR_MEDIAN as u64,
            has_caveat: caveat.is_some(),
        })
    }
}
