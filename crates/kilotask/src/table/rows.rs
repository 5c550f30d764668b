//! Rows of a run's files for programs: the same numbers in the same form, as CSV or as a JSON object per line.

use results::table::{Row, Writer};
use results::value::Kind;
use results::write::csv_file;
use serde_json::Value;

/// A form that programs read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Csv,
    JsonLines,
}

/// The rows in this form, without the end of the last line.
pub fn rows<T: Row>(rows: &[T], form: Form) -> String {
    match form {
        Form::Csv => String::from_utf8_lossy(&csv_file(rows)).trim_end().to_string(),
        Form::JsonLines => rows.iter().map(json).collect::<Vec<_>>().join("\n"),
    }
}

/// An object with the columns in their order; what was not measured is null.
fn json<T: Row>(row: &T) -> String {
    let mut writer = Writer::default();
    let fields = writer.record(row);
    let members = T::TABLE.columns.iter().zip(fields).map(|(column, field)| {
        let field = String::from_utf8_lossy(field);
        format!("{}:{}", Value::from(column.name), value(column.kind, &field))
    });
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

/// A field as JSON; a number has the digits that it has in the file.
fn value(kind: Kind, field: &str) -> String {
    match kind {
        _ if field.is_empty() => "null".into(),
        Kind::Count | Kind::Number | Kind::Truth => field.into(),
        Kind::Text | Kind::Word(_) | Kind::Time => Value::from(field).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use results::TrialRow;

    use super::*;

    #[test]
    fn a_row_is_an_object_with_numbers_texts_and_nulls() {
        let row = TrialRow { cell: "a \"b\"".into(), block: 3, makespan_ns: Some(7), ..TrialRow::default() };
        let object: Value = serde_json::from_str(&rows(&[row], Form::JsonLines)).unwrap();
        assert_eq!(object["cell"], "a \"b\"");
        assert_eq!((&object["block"], &object["makespan_ns"]), (&3.into(), &7.into()));
        assert!(object["startup_ns"].is_null(), "{object}");
    }

    #[test]
    fn the_same_rows_are_lines_of_csv_under_their_names() {
        let text = rows(&[TrialRow::default(), TrialRow::default()], Form::Csv);
        assert!(text.starts_with("experiment,cell,") && text.lines().count() == 3, "{text}");
        assert_eq!(rows::<TrialRow>(&[], Form::JsonLines), "");
    }
}
