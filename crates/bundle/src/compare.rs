//! Compares what was handed in with what came out here.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use crate::copy::hash_file;
use crate::error::Error;
use crate::manifest::Entry;
use crate::names::{Kind, listed};

/// Where the files that follow from the rows in `here` are others than those that were handed in, `submitted`, in words;
/// `None` where all are the same.
///
/// # Errors
/// When a file cannot be read.
pub fn difference<'a>(
    entries: impl Iterator<Item = &'a Entry>,
    submitted: &Path,
    here: &Path,
) -> Result<Option<String>, Error> {
    let mut theirs: BTreeMap<&str, &Entry> = entries.map(|entry| (&*entry.name, entry)).collect();
    let mut found = Vec::new();
    for name in listed(here, Kind::Derived).map_err(Error::reading(here))? {
        let Some(entry) = theirs.remove(&*name) else {
            found.push(format!("{name} is missing"));
            continue;
        };
        if hash_file(&here.join(&name))?.1 != entry.sha256 {
            let path = here.join(&name);
            let line = first_other_line(&submitted.join(&name), &path).map_err(Error::reading(&path))?;
            found.push(format!("{name} is another from line {line} on"));
        }
    }
    found.extend(theirs.into_keys().map(|name| format!("{name} does not follow from the rows")));
    let more = found.len().saturating_sub(1);
    Ok(found.into_iter().next().map(|first| match more {
        0 => first,
        1 => format!("{first}, and one more file"),
        more => format!("{first}, and {more} more files"),
    }))
}

/// No line is compared further, bytes.
const MAX_LINE_BYTES: u64 = 1 << 20;

/// The number of the first line, from 1, that two files do not have in common.
fn first_other_line(a: &Path, b: &Path) -> io::Result<u64> {
    let [mut a, mut b] = [BufReader::new(File::open(a)?), BufReader::new(File::open(b)?)];
    let (mut line_a, mut line_b) = (Vec::new(), Vec::new());
    for number in 1.. {
        next_line(&mut a, &mut line_a)?;
        next_line(&mut b, &mut line_b)?;
        if line_a != line_b || line_a.is_empty() {
            return Ok(number);
        }
    }
    unreachable!("a file has an end");
}

fn next_line(file: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<usize> {
    line.clear();
    file.take(MAX_LINE_BYTES).read_until(b'\n', line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_differs_is_found_even_where_one_file_ends() {
        let folder = tempfile::tempdir().unwrap();
        let [a, b] = ["a", "b"].map(|name| folder.path().join(name));
        for (one, other, line) in
            [("x\ny\n", "x\nz\n", 2), ("x\n", "x\ny\n", 2), ("", "x", 1), ("x", "x\n", 1)]
        {
            std::fs::write(&a, one).unwrap();
            std::fs::write(&b, other).unwrap();
            assert_eq!(first_other_line(&a, &b).unwrap(), line, "{one:?} {other:?}");
        }
    }
}
