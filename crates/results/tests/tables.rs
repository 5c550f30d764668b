//! Compares the declared tables with the committed run and with `results/README.md`.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use results::checksum::COLUMN;
use results::folder::{self, name_now};
use results::rows::{TABLES, find};
use results::table::{Column, Table};
use results::value::Kind;

/// The committed run.
fn reference() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results/reference")
}

#[test]
fn keys_are_made_of_columns() {
    for table in TABLES {
        let has = |table: &Table, name: &str| table.columns.iter().any(|column| column.name == name);
        let belongs = table.belongs_to.iter().flat_map(|other| other.primary_key);
        assert!(table.primary_key.iter().chain(belongs).all(|name| has(table, name)), "{}", table.file);
    }
}

/// What stands behind it is not covered: a column of ours there would not be.
#[test]
fn the_checksum_is_the_last_column_of_what_was_measured() {
    for file in [folder::TRIALS, folder::ROUNDS] {
        assert_eq!(find(file).unwrap().header().last(), Some(COLUMN), "{file}");
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
        return folder::spans(&reference()).unwrap().into_iter().map(|(_, path)| path).collect();
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

/// Columns that came after the reference was measured.
const NEWER: [&str; 12] = [
    "process",
    "later_operations",
    "later_load_duration_ns",
    "later_latency_p99_ns",
    "later_lateness_p99_ns",
    "throttled_periods",
    "instructions",
    "cycles",
    "cache_misses",
    "branch_misses",
    "callgrind_instructions",
    "checksum",
];

/// Files of merged folders, and the committed run is none.
const OF_SEVERAL_MACHINES: [&str; 4] =
    [folder::MACHINES, folder::ACROSS, folder::CROSSOVERS_ACROSS, folder::VERDICTS_ACROSS];

#[test]
fn the_committed_run_is_what_the_tables_say() {
    for table in TABLES {
        assert!(!files(table).is_empty() || OF_SEVERAL_MACHINES.contains(&table.file), "{}", table.file);
        for path in files(table) {
            let mut reader = csv::Reader::from_path(&path).unwrap();
            let header: Vec<String> =
                reader.headers().unwrap().iter().map(|name| name_now(name).into()).collect();
            let was_there =
                |column: &&Column| !NEWER.contains(&column.name) || header.contains(&column.name.into());
            let columns: Vec<&Column> = table.columns.iter().filter(was_there).collect();
            let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
            assert_eq!(header, names, "{}", path.display());
            let mut keys = HashSet::new();
            for row in reader.records() {
                let row = row.unwrap();
                let mistakes = columns.iter().zip(&row).filter_map(|(column, cell)| mistake(column, cell));
                assert_eq!(mistakes.collect::<Vec<_>>(), [""; 0], "{}: {row:?}", path.display());
                let in_key = |(column, _): &(&&Column, &str)| table.primary_key.contains(&column.name);
                let key: Vec<String> =
                    columns.iter().zip(&row).filter(in_key).map(|(_, cell)| cell.into()).collect();
                assert!(key.is_empty() || keys.insert(key.clone()), "{}: {key:?} twice", path.display());
            }
        }
    }
}

#[test]
fn the_readme_has_the_tables_as_they_are_declared() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results/README.md");
    let committed = std::fs::read_to_string(path).unwrap();
    let written = results::readme::with_tables(&committed).unwrap();
    assert!(written == committed, "write it again with: kilotask describe-csv --readme results/README.md");
}
