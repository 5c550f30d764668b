//! Holds the tables to the rows that are written, to the committed run, and `results/README.md` to them.

use std::collections::HashSet;
use std::fmt::Write;
use std::path::PathBuf;

use aggregate::{
    Against, CalibrationRow, Fitted, FlagRow, RatioRow, ScalingRow, SummaryRow, Verdict, VerdictRow,
};
use protocol::Status;
use results::{Order, OrderRow, Pass, RoundRow, TrialRow};
use serde_aux::serde_introspection::serde_introspect;

use super::{Column, Kind, TABLES, Table, find};
use crate::fixture::reference;
use crate::hdr;

#[test]
fn the_tables_have_the_columns_of_the_rows_in_their_order() {
    let rows = [
        serde_introspect::<TrialRow>(),
        serde_introspect::<RoundRow>(),
        &["start_ns", "finish_ns"],
        serde_introspect::<SummaryRow>(),
        serde_introspect::<RatioRow>(),
        serde_introspect::<ScalingRow>(),
        serde_introspect::<FlagRow>(),
        serde_introspect::<VerdictRow>(),
        serde_introspect::<OrderRow>(),
        serde_introspect::<CalibrationRow>(),
    ];
    for (table, fields) in TABLES.iter().zip(rows) {
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        assert_eq!(columns, fields, "{}: mend its columns in crates/export/src/columns", table.file);
    }
}

#[test]
fn the_words_of_a_column_are_those_of_its_type() {
    let words = |file, name| {
        let column = find(file).unwrap().columns.iter().find(|column| column.name == name).unwrap();
        let Kind::Word(words) = column.kind else { panic!("{name} has no words") };
        words
    };
    for file in ["trials.csv", "rounds.csv", "summary.csv"] {
        assert_eq!(words(file, "pass"), serde_introspect::<Pass>());
    }
    assert_eq!(words("trials.csv", "status"), serde_introspect::<Status>());
    assert_eq!(words("ratios.csv", "against"), serde_introspect::<Against>());
    assert_eq!(words("scaling.csv", "quantity"), serde_introspect::<Fitted>());
    assert_eq!(words("verdicts.csv", "verdict"), serde_introspect::<Verdict>());
    assert_eq!(words("verdicts.csv", "calm_verdict"), serde_introspect::<Verdict>());
    assert_eq!(words("orders.csv", "order"), serde_introspect::<Order>());
}

#[test]
fn keys_are_made_of_columns() {
    for table in &TABLES {
        let has = |table: &Table, name: &str| table.columns.iter().any(|column| column.name == name);
        let belongs = table.belongs_to.iter().flat_map(|other| other.columns);
        assert!(table.primary_key.iter().chain(belongs).all(|name| has(table, name)), "{}", table.file);
        if let Some(other) = &table.belongs_to {
            assert_eq!(find(other.file).unwrap().primary_key, other.columns, "{}", table.file);
        }
    }
}

#[test]
fn a_file_is_found_by_its_name_its_path_or_without_its_ending() {
    let found = |file| find(file).map(|table| table.file);
    assert_eq!(found("trials.csv"), Some("trials.csv"));
    assert_eq!(found("trials"), Some("trials.csv"));
    assert_eq!(found("results/latest/verdicts.csv"), Some("verdicts.csv"));
    assert_eq!(found("results/latest/spans/x_sleep-1000-1ms_tokio.csv"), Some("spans/CELL.csv"));
    assert_eq!((found("spans"), found("spans/")), (Some("spans/CELL.csv"), Some("spans/CELL.csv")));
    assert_eq!((found("trails.csv"), found("")), (None, None));
}

/// The files of a table in the committed run.
fn files(table: &Table) -> Vec<PathBuf> {
    if table.name() == "spans" {
        return hdr::files(&reference()).unwrap().into_iter().map(|(_, path)| path).collect();
    }
    let folders = [reference(), reference().join("calibration")];
    folders.iter().map(|folder| folder.join(table.file)).filter(|path| path.exists()).collect()
}

/// What is wrong with a cell, going by its column.
fn mistake(column: &Column, cell: &str) -> Option<String> {
    let fits = match column.kind {
        _ if cell.is_empty() => column.empty_when.is_some(),
        Kind::Text => true,
        Kind::Word(words) => words.contains(&cell),
        Kind::Count => cell.parse::<u64>().is_ok(),
        Kind::Number => cell.parse::<f64>().is_ok_and(f64::is_finite),
        Kind::Truth => cell.parse::<bool>().is_ok(),
        Kind::Time => humantime::parse_rfc3339(cell).is_ok(),
    };
    (!fits).then(|| format!("{}: {cell:?} is no {:?}", column.name, column.kind))
}

#[test]
fn the_committed_run_is_what_the_tables_say() {
    for table in &TABLES {
        assert!(!files(table).is_empty(), "{}", table.file);
        for path in files(table) {
            let mut reader = csv::Reader::from_path(&path).unwrap();
            let header: Vec<String> = reader.headers().unwrap().iter().map(String::from).collect();
            let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
            assert_eq!(header, names, "{}", path.display());
            let mut keys = HashSet::new();
            for row in reader.records() {
                let row = row.unwrap();
                let mistakes =
                    table.columns.iter().zip(&row).filter_map(|(column, cell)| mistake(column, cell));
                assert_eq!(mistakes.collect::<Vec<_>>(), [""; 0], "{}: {row:?}", path.display());
                let in_key = |(column, _): &(&Column, &str)| table.primary_key.contains(&column.name);
                let key: Vec<String> =
                    table.columns.iter().zip(&row).filter(in_key).map(|(_, cell)| cell.into()).collect();
                assert!(key.is_empty() || keys.insert(key.clone()), "{}: {key:?} twice", path.display());
            }
        }
    }
}

/// The table as it stands in `results/README.md`: columns of which the same is said share a line.
fn markdown(table: &Table) -> String {
    let mut text = "| column | unit | what it is, and where from | empty when |\n| --- | --- | --- | --- |\n"
        .to_string();
    let alike = |a: &Column, b: &Column| (a.unit, a.what, a.empty_when) == (b.unit, b.what, b.empty_when);
    for columns in table.columns.chunk_by(alike) {
        let names: Vec<String> = columns.iter().map(|column| format!("`{}`", column.name)).collect();
        let Column { unit, what, empty_when, .. } = columns[0];
        let unit = if unit.is_empty() { String::new() } else { format!("{unit} ") };
        let empty_when = empty_when.unwrap_or("never");
        writeln!(text, "| {} | {unit}| {what} | {empty_when} |", names.join(", ")).unwrap();
    }
    text
}

#[test]
fn the_readme_says_of_each_column_what_the_tables_say() {
    let readme = include_str!("../../../../results/README.md");
    for table in &TABLES {
        let heading = format!("\n## {}\n", table.file);
        let section = readme.split(&heading).nth(1).and_then(|rest| rest.split("\n## ").next());
        let expected = markdown(table);
        let rows = section.unwrap_or_default().lines().filter(|line| line.starts_with('|')).count();
        assert!(
            section.is_some_and(|section| section.contains(&expected)) && rows == expected.lines().count(),
            "results/README.md: under \"## {}\" there is to be this table and no other:\n\n{expected}",
            table.file
        );
    }
}
