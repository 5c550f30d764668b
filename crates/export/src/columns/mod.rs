//! What every column of every CSV file means: the one home of it.
//!
//! `datapackage.json` and `kilotask describe-csv` are made from these tables, a test holds the tables in
//! `results/README.md` to them, and another test holds them to the rows that are really written.

mod calibration;
mod derived;
mod raw;
#[cfg(test)]
mod tests;
mod verdicts;

use serde::ser::{Serialize, SerializeStruct, Serializer};

/// A CSV file of a run.
#[derive(Debug)]
pub struct Table {
    /// Its path in the folder of the run; `CELL` stands for the name of a cell.
    pub file: &'static str,
    /// What a row is.
    pub row: &'static str,
    /// Its columns, in their order.
    pub columns: &'static [Column],
    /// The columns that no two rows have in common; none where rows may be alike.
    pub primary_key: &'static [&'static str],
    /// The row of another table that each row belongs to, where there is one.
    pub belongs_to: Option<BelongsTo>,
}

/// How rows find that of another table: by columns of the same names.
#[derive(Debug)]
pub struct BelongsTo {
    /// The other table's file.
    pub file: &'static str,
    /// The columns.
    pub columns: &'static [&'static str],
}

/// A column of a CSV file.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// The unit of its values; empty where they have none. [`SEE_UNIT`] where each row has its own.
    pub unit: &'static str,
    /// What it is, and where it is from.
    pub what: &'static str,
    /// When it is empty; `None` is never.
    pub empty_when: Option<&'static str>,
}

/// The unit of values whose row names it, in the column `unit`.
pub const SEE_UNIT: &str = "as in `unit`";

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// An integer that is not negative.
    Count,
    /// A number, perhaps with an exponent.
    Number,
    /// `true` or `false`.
    Truth,
    /// A point in time, RFC 3339.
    Time,
}

impl Kind {
    /// The name of the type in a Frictionless table schema.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text | Self::Word(_) => "string",
            Self::Count => "integer",
            Self::Number => "number",
            Self::Truth => "boolean",
            Self::Time => "datetime",
        }
    }
}

impl Column {
    const fn new(name: &'static str, kind: Kind, what: &'static str) -> Self {
        Self { name, kind, unit: "", what, empty_when: None }
    }

    const fn text(name: &'static str, what: &'static str) -> Self {
        Self::new(name, Kind::Text, what)
    }

    const fn word(name: &'static str, words: &'static [&'static str], what: &'static str) -> Self {
        Self::new(name, Kind::Word(words), what)
    }

    const fn count(name: &'static str, unit: &'static str, what: &'static str) -> Self {
        Self { unit, ..Self::new(name, Kind::Count, what) }
    }

    const fn number(name: &'static str, unit: &'static str, what: &'static str) -> Self {
        Self { unit, ..Self::new(name, Kind::Number, what) }
    }

    /// The same, which is empty at times.
    const fn empty_when(self, when: &'static str) -> Self {
        Self { empty_when: Some(when), ..self }
    }
}

impl Table {
    /// Its name in a data package: its file without the ending, `spans` for those of all cells.
    pub fn name(&self) -> &'static str {
        self.file.trim_end_matches(".csv").trim_end_matches("/CELL")
    }
}

/// All tables, in the order of `results/README.md`.
pub static TABLES: [Table; 10] = [
    raw::TRIALS,
    raw::ROUNDS,
    raw::SPANS,
    derived::SUMMARY,
    derived::RATIOS,
    derived::SCALING,
    derived::FLAGS,
    verdicts::VERDICTS,
    calibration::ORDERS,
    calibration::CALIBRATION,
];

/// The passes, as they stand in files.
const PASSES: &[&str] = &["timed", "counted", "traced"];

/// The table of a file: by its name, its path, or its name without the ending. Whatever lies in a folder
/// `spans` has the spans of a cell.
pub fn find(file: &str) -> Option<&'static Table> {
    let mut parts = file.rsplit(['/', '\\']).filter(|part| !part.is_empty());
    let (last, folder) = (parts.next()?, parts.next());
    let name = if folder == Some("spans") { "spans" } else { last.strip_suffix(".csv").unwrap_or(last) };
    TABLES.iter().find(|table| table.name() == name)
}

impl Serialize for Table {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut table = serializer.serialize_struct("Table", 4)?;
        table.serialize_field("file", self.file)?;
        table.serialize_field("row", self.row)?;
        table.serialize_field("primary_key", self.primary_key)?;
        table.serialize_field("columns", self.columns)?;
        table.end()
    }
}

impl Serialize for Column {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let words = if let Kind::Word(words) = self.kind { Some(words) } else { None };
        let mut column = serializer.serialize_struct("Column", 6)?;
        column.serialize_field("name", self.name)?;
        column.serialize_field("type", self.kind.name())?;
        column.serialize_field("words", &words)?;
        column.serialize_field("unit", &Some(self.unit).filter(|unit| !unit.is_empty()))?;
        column.serialize_field("description", self.what)?;
        column.serialize_field("empty_when", &self.empty_when)?;
        column.end()
    }
}
