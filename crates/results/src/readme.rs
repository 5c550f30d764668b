//! The tables of columns in `results/README.md`, between markers: all else there is written by hand.

use std::fmt::Write;

use crate::rows::TABLES;
use crate::table::{Column, Table};

/// The text with each table between its markers as it is declared.
///
/// # Errors
/// With the first table whose markers are not there.
pub fn with_tables(text: &str) -> Result<String, String> {
    TABLES.into_iter().try_fold(text.to_string(), |text, table| {
        let (begin, end) = (format!("<!-- columns of {} -->\n", table.file), "<!-- end of columns -->");
        let missing = || format!("there is no line {:?} with a line {end:?} after it", begin.trim_end());
        let (before, rest) = text.split_once(&begin).ok_or_else(missing)?;
        let (_, after) = rest.split_once(end).ok_or_else(missing)?;
        Ok(format!("{before}{begin}{}{end}{after}", markdown(table)))
    })
}

/// A table in Markdown: columns of which the same is said share a line.
fn markdown(table: &Table) -> String {
    let mut text = "| column | unit | what it is, and where from | empty when |\n| --- | --- | --- | --- |\n"
        .to_string();
    let alike = |a: &Column, b: &Column| {
        (a.unit, a.description, a.empty_when) == (b.unit, b.description, b.empty_when)
    };
    for columns in table.columns.chunk_by(alike) {
        let names: Vec<String> = columns.iter().map(|column| format!("`{}`", column.name)).collect();
        let Column { unit, description, empty_when, .. } = columns[0];
        let unit = if unit.is_empty() { String::new() } else { format!("{unit} ") };
        let empty_when = empty_when.unwrap_or("never");
        let _ = writeln!(text, "| {} | {unit}| {description} | {empty_when} |", names.join(", "));
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::folder;

    use super::*;

    #[test]
    fn what_stands_between_the_markers_is_replaced_and_nothing_else() {
        let marked = |inside: &str| {
            TABLES.iter().fold(String::from("# Files\n"), |text, table| {
                format!("{text}\n<!-- columns of {} -->\n{inside}<!-- end of columns -->\nmore\n", table.file)
            })
        };
        let written = with_tables(&marked("obsolete\n")).unwrap();
        assert!(written.contains("| `start_ns` | ns |") && !written.contains("obsolete"), "{written}");
        assert_eq!(with_tables(&written).unwrap(), written);
        let without = marked("").replace("<!-- columns of flags.csv -->", "");
        assert!(with_tables(&without).unwrap_err().contains(folder::FLAGS));
    }
}
