//! Writes the files of the report, each whole or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// Writes a file under a name that nobody looks for, and then gives it its own.
pub fn whole(path: &Path, text: &str) -> Result<(), Error> {
    let cannot = |error: io::Error| Error::Write { path: path.into(), error };
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".part");
    let part = path.with_file_name(name);
    fs::write(&part, text).and_then(|()| fs::rename(&part, path)).map_err(|error| {
        let _ = fs::remove_file(&part);
        cannot(error)
    })
}

/// Removes drawings that an earlier report left and this one has not: nobody is to take them for its own.
pub fn remove_others(folder: &Path, kept: &[PathBuf]) -> Result<(), Error> {
    let cannot = |error: io::Error| Error::Write { path: folder.into(), error };
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        let is_drawing = path.extension().is_some_and(|extension| extension == "svg");
        if is_drawing && !kept.contains(&path) {
            fs::remove_file(&path).map_err(cannot)?;
        }
    }
    Ok(())
}
