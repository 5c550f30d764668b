//! What a table of a run is: a struct for its rows, of which each column is declared once.
//!
//! `rows!` takes the declaration of a row and makes of it the struct, its documentation, and the
//! [`Table`] from which the header, the writer, the reader, `datapackage.json`, `kilotask describe-csv`
//! and the tables in `results/README.md` follow. To add a column is to add a line there.

use csv::{ByteRecord, StringRecord};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::checksum::Checksums;
use crate::folder::name_now;
use crate::value::{Kind, Value};

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
    /// The table whose row each row belongs to, found by that table's primary key.
    pub belongs_to: Option<&'static Table>,
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
    pub description: &'static str,
    /// When it is empty; `None` is never.
    pub empty_when: Option<&'static str>,
}

/// The unit of values whose row names it, in the column `unit`.
pub const SEE_UNIT: &str = "as in `unit`";

impl Table {
    /// Its name in a data package: its file without the ending, `spans` for those of all cells.
    pub fn name(&self) -> &'static str {
        self.file.trim_end_matches(".csv").trim_end_matches("/CELL")
    }

    /// The names of its columns, in their order.
    pub fn header(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().map(|column| column.name)
    }
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
        column.serialize_field("description", self.description)?;
        column.serialize_field("empty_when", &self.empty_when)?;
        column.end()
    }
}

/// A row of a table.
pub trait Row: Sized {
    /// Its table.
    const TABLE: &'static Table;

    /// Writes each field, in the order of the columns.
    fn write(&self, fields: &mut Writer);

    /// Reads each field, in the order of the columns.
    ///
    /// # Errors
    /// With the column, when a field is missing or makes no sense.
    fn read(fields: &mut Reader) -> Result<Self, String>;

    /// Holds the fields against each other.
    ///
    /// # Errors
    /// With the column that cannot be true beside another.
    fn check(&self) -> Result<(), String> {
        Ok(())
    }
}

/// Checks that of two numbers that were both measured the first is not the larger one.
///
/// # Errors
/// With the names of both columns.
pub fn at_most((name, value): (&str, Option<u64>), (bound, most): (&str, Option<u64>)) -> Result<(), String> {
    match (value, most) {
        (Some(value), Some(most)) if value > most => {
            Err(format!("column `{name}`: {value} is more than {most}, which is `{bound}`"))
        }
        _ => Ok(()),
    }
}

/// Takes the fields of one row after the other.
#[derive(Debug, Default)]
pub struct Writer {
    record: ByteRecord,
    text: String,
}

impl Writer {
    /// Takes the next field.
    pub fn field(&mut self, value: &impl Value) {
        self.text.clear();
        value.write(&mut self.text);
        self.record.push_field(self.text.as_bytes());
    }

    /// The fields of a row.
    pub fn record(&mut self, row: &impl Row) -> &ByteRecord {
        self.sealed(row, None)
    }

    /// The same with its checksum, if it is to have one.
    pub fn sealed(&mut self, row: &impl Row, checksums: Option<&mut Checksums>) -> &ByteRecord {
        self.record.clear();
        row.write(self);
        if let Some(checksums) = checksums {
            checksums.seal(&mut self.record);
        }
        &self.record
    }
}

/// Where the columns of a table stand in a file: a file of a stranger may have them in another order,
/// have more, or lack some.
#[derive(Debug)]
pub struct Places {
    columns: &'static [Column],
    places: Vec<Option<usize>>,
}

impl Places {
    /// The columns of a table in a file with this header.
    pub fn of(table: &'static Table, header: &StringRecord) -> Self {
        let place = |column: &Column| header.iter().position(|name| name_now(name) == column.name);
        Self { columns: table.columns, places: table.columns.iter().map(place).collect() }
    }

    /// The row that a record holds.
    ///
    /// # Errors
    /// With the column, when a field is missing or makes no sense, by itself or beside another.
    pub fn row<T: Row>(&self, record: &StringRecord) -> Result<T, String> {
        let row = T::read(&mut Reader { places: self, record, next: 0 })?;
        row.check()?;
        Ok(row)
    }
}

/// Gives the fields of a record in the order of the table's columns.
#[derive(Debug)]
pub struct Reader<'a> {
    places: &'a Places,
    record: &'a StringRecord,
    next: usize,
}

impl Reader<'_> {
    /// The next field.
    ///
    /// # Errors
    /// When it is missing or makes no sense. A measurement whose column is absent was not measured.
    pub fn field<T: Value>(&mut self) -> Result<T, String> {
        self.field_or(T::absent())
    }

    /// The next field, or this value where the file has no such column.
    ///
    /// # Errors
    /// When it is missing and no value stands for it, or makes no sense.
    pub fn field_or<T: Value>(&mut self, absent: Option<T>) -> Result<T, String> {
        let column = &self.places.columns[self.next];
        let place = self.places.places[self.next];
        self.next += 1;
        match place.and_then(|place| self.record.get(place)) {
            Some(text) => T::read(text).map_err(|problem| format!("column `{}`: {problem}", column.name)),
            None => absent.ok_or_else(|| format!("column `{}` is missing", column.name)),
        }
    }
}

/// Declares the rows of a table: `names: type, [options], "description";` for each column, in order.
///
/// The options are a unit, when the column is empty, both (`["ns"; empty when "…"]`), `time`, what stands for a column
/// that older files do not have (`else 0`), or none.
/// Columns that differ in nothing but their names share a declaration.
macro_rules! rows {
    (
        $(#[$attribute:meta])*
        pub struct $row:ident in $file:expr;
        row: $what:literal;
        key: [$($key:ident),*] $(, belongs to $other:ident)? $(, checked by $check:path)?;
        $( $($name:ident),+ : $type:ty, $options:tt, $description:literal; )+
    ) => {
        $(#[$attribute])*
        #[allow(clippy::doc_markdown)]
        pub struct $row {
            $($(
                #[doc = $description]
                pub $name: $type,
            )+)+
        }

        impl $crate::table::Row for $row {
            const TABLE: &'static $crate::table::Table = &$crate::table::Table {
                file: $file,
                row: $what,
                columns: &[$($(
                    $crate::table::Column {
                        name: stringify!($name),
                        kind: $crate::table::rows!(@kind $type, $options),
                        unit: $crate::table::rows!(@unit $options),
                        description: $description,
                        empty_when: $crate::table::rows!(@empty $options),
                    },
                )+)+],
                primary_key: &[$(stringify!($key)),*],
                belongs_to: $crate::table::rows!(@other $($other)?),
            };

            fn write(&self, fields: &mut $crate::table::Writer) {
                $($( fields.field(&self.$name); )+)+
            }

            fn read(fields: &mut $crate::table::Reader) -> Result<Self, String> {
                // Fields are read in the order in which they are written here.
                Ok(Self { $($( $name: $crate::table::rows!(@read fields, $options), )+)+ })
            }

            $(
                fn check(&self) -> Result<(), String> {
                    $check(self)
                }
            )?
        }
    };
    (@read $fields:ident, [else $absent:literal]) => { $fields.field_or(Some($absent))? };
    (@read $fields:ident, $options:tt) => { $fields.field()? };
    (@kind $type:ty, [time]) => { $crate::value::Kind::Time };
    (@kind $type:ty, $options:tt) => { <$type as $crate::value::Value>::KIND };
    (@unit [$unit:literal $(; empty when $empty:literal)?]) => { $unit };
    (@unit $options:tt) => { "" };
    (@empty [$($unit:literal;)? empty when $empty:literal]) => { Some($empty) };
    (@empty $options:tt) => { None };
    (@other) => { None };
    (@other $other:ident) => { Some(<$other as $crate::table::Row>::TABLE) };
}
pub(crate) use rows;
