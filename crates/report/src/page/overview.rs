//! The table of all runtimes and workloads.

use results::grouping::distinct;
use results::overview::Aspect;

use crate::content::overview::Column;
use crate::content::{Basis, pick};
use crate::format::{counted, is_enough, median};

/// A table for each aspect.
#[derive(Debug)]
pub struct Overview<'a> {
    pub aspect: Aspect,
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
    Aspect::ALL
        .into_iter()
        .map(|aspect| Overview::of(basis, aspect))
        .filter(|one| !one.columns.is_empty())
        .collect()
}

impl<'a> Overview<'a> {
    fn of(basis: &'a Basis<'a>, aspect: Aspect) -> Self {
        let columns: Vec<&Column> =
            basis.columns.iter().filter(|column| column.metric(aspect).is_some()).collect();
        let measured = distinct(columns.iter().flat_map(|column| column.labels()));
        let families = pick::families(basis.run);
        let labels = families.iter().flat_map(|family| &family.labels).copied();
        let lines = labels.filter(|label| measured.contains(label)).map(|runtime| Line {
            runtime,
            is_ranked: basis.run.is_ranked(runtime),
            values: columns.iter().map(|column| Value::of(column, aspect, runtime)).collect(),
        });
        let lines = lines.collect();
        Self { aspect, columns, lines }
    }
}

impl Value {
    fn of(column: &Column, aspect: Aspect, runtime: &str) -> Option<Self> {
        let row = column.value(aspect, runtime)?;
        let caveat = column.caveat(runtime);
        let note = caveat.map_or_else(String::new, |caveat| format!("\n† {caveat}"));
        let shown = median(row);
        Some(Self {
            // The head of the column says the setting.
            hint: format!("{runtime}, {}: {shown}, {}{note}", column.title(), counted(row.n, "trial")),
            text: shown.value,
            sort: format!("{:e}", row.median),
            // Resident memory alone: what lies in the kernel would win.
            is_best: aspect != Aspect::Memory
                && row.among_best == Some(true)
                && row.group == column.group
                && is_enough(row.n),
            has_caveat: caveat.is_some(),
        })
    }
}
