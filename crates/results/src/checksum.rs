//! The checksum of a row: what was changed by hand, by a program or by a disk is found out, and so is a row of another run.
//!
//! It is the CRC-32 that zlib has, taken over texts that each end in a newline: the plan's `id`, the names of the columns
//! before `checksum`, and the row's own cells before it. What stands behind it is not covered, so that whoever joins the
//! rows of several runs of one plan can add columns and keep the checksums. Nor is the line covered: a run that goes on
//! may have removed a row above. Who wants to deceive can take it anew; it is no signature.

use csv::{ByteRecord, StringRecord};

/// The name of the column, the last one of a table of measured rows.
pub const COLUMN: &str = "checksum";

/// What the rows of a run are bound to: the `id` of its plan. Older plans have none, and their rows no checksums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowKey<'a>(Option<&'a str>);

impl<'a> RowKey<'a> {
    /// That of rows without checksums: they follow from others, or are of no run.
    pub const NONE: Self = Self(None);

    /// That of a plan with this `id`.
    pub fn of(id: Option<&'a str>) -> Self {
        Self(id)
    }
}

/// Takes the checksums of the rows of one file.
#[derive(Debug, Clone)]
pub struct Checksums {
    /// What every row's text begins with: the id and the names.
    begun: crc32fast::Hasher,
    /// How many columns stand before that of the checksum.
    place: usize,
    /// The text of a row. Kept, so that none has to be allocated for each row.
    text: Vec<u8>,
}

impl Checksums {
    /// Those of a file with columns of these names; `None` where its rows are to have none.
    ///
    /// # Errors
    /// When they are to have one and there is no such column.
    pub fn of<'a>(key: RowKey, names: impl Iterator<Item = &'a str>) -> Result<Option<Self>, String> {
        let Some(id) = key.0 else { return Ok(None) };
        let mut text = Vec::new();
        push_line(&mut text, id.as_bytes());
        for (place, name) in names.enumerate() {
            if name == COLUMN {
                let mut begun = crc32fast::Hasher::new();
                begun.update(&text);
                return Ok(Some(Self { begun, place, text }));
            }
            push_line(&mut text, name.as_bytes());
        }
        Err(format!("column `{COLUMN}` is missing"))
    }

    /// The checksum of a row, given its cells.
    fn take<'a>(&mut self, cells: impl Iterator<Item = &'a [u8]>) -> u32 {
        self.text.clear();
        for cell in cells.take(self.place) {
            push_line(&mut self.text, cell);
        }
        let mut hasher = self.begun.clone();
        hasher.update(&self.text);
        hasher.finalize()
    }

    /// Puts the checksum of a row in its place, the last one.
    pub fn seal(&mut self, row: &mut ByteRecord) {
        let checksum = self.take(row.iter());
        row.truncate(self.place);
        row.push_field(checksum.to_string().as_bytes());
    }

    /// Checks the checksum of a row.
    ///
    /// # Errors
    /// When it is that of other cells, or of another run.
    pub fn check(&mut self, row: &StringRecord) -> Result<(), String> {
        let found = row.get(self.place).and_then(|cell| cell.parse().ok());
        if found == Some(self.take(row.iter().map(str::as_bytes))) {
            return Ok(());
        }
        Err(format!("column `{COLUMN}`: it does not fit the row, which was changed or is of another run"))
    }
}

fn push_line(text: &mut Vec<u8>, line: &[u8]) {
    text.extend_from_slice(line);
    text.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 4] = ["cell", "makespan_ns", COLUMN, "machine"];

    fn checksums(id: &str, names: [&str; 4]) -> Checksums {
        Checksums::of(RowKey::of(Some(id)), names.into_iter()).unwrap().unwrap()
    }

    fn take(id: &str, names: [&str; 4], cells: [&str; 4]) -> u32 {
        checksums(id, names).take(cells.into_iter().map(str::as_bytes))
    }

    #[test]
    fn it_is_that_of_zlib_over_lines() {
        // python3 -c 'import zlib; print(zlib.crc32("7\ncell\nmakespan_ns\nä\n100\n".encode()))'
        assert_eq!(take("7", NAMES, ["ä", "100", "", "m1"]), 1_928_717_444);
    }

    #[test]
    fn it_depends_on_all_before_it_and_on_nothing_behind_it() {
        let whole = take("7", NAMES, ["a", "100", "", ""]);
        assert_eq!(take("7", ["cell", "makespan_ns", COLUMN, "part"], ["a", "100", "9", "m1"]), whole);
        for (id, name, cells) in [
            ("8", "cell", ["a", "100", "", ""]),
            ("7", "group", ["a", "100", "", ""]),
            ("7", "cell", ["a", "101", "", ""]),
            ("7", "cell", ["a1", "00", "", ""]),
            ("7", "cell", ["", "a100", "", ""]),
        ] {
            assert_ne!(take(id, [name, "makespan_ns", COLUMN, ""], cells), whole, "{id} {name} {cells:?}");
        }
    }

    #[test]
    fn a_row_that_was_sealed_passes_and_one_that_was_not_does_not() {
        let mut checksums = checksums("7", NAMES);
        let mut row = ByteRecord::from(vec!["a", "100", ""]);
        checksums.seal(&mut row);
        let row = StringRecord::from_byte_record(row).unwrap();
        assert_eq!(checksums.check(&row), Ok(()));
        for cells in [["a", "101", &row[2]], ["a", "100", ""], ["a", "100", "x"], ["a", "100", "7"]] {
            let said = checksums.check(&StringRecord::from(cells.to_vec())).unwrap_err();
            assert!(said.starts_with("column `checksum`: it does not fit"), "{said}");
        }
    }

    #[test]
    fn a_file_that_is_to_have_them_and_does_not_is_known() {
        let names = ["cell", "makespan_ns"];
        assert!(Checksums::of(RowKey::NONE, names.into_iter()).unwrap().is_none());
        let said = Checksums::of(RowKey::of(Some("7")), names.into_iter()).unwrap_err();
        assert_eq!(said, "column `checksum` is missing");
    }
}
