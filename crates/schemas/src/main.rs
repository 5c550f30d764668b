//! Writes the schemas where they are committed.

use std::{fs, io};

fn main() -> io::Result<()> {
    schemas::all().into_iter().try_for_each(|(name, text)| fs::write(schemas::path(name), text))
}
