//! Files that appear whole or not at all.

use std::fs::Permissions;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tempfile::NamedTempFile;

use crate::error::Error;

/// What any program would ask for when it makes a file; the user's umask takes its share.
const FILE_MODE: u32 = 0o666;

/// A file that is written, but does not bear its name yet. Dropped, it is gone.
#[derive(Debug)]
pub(crate) struct Staged {
    file: NamedTempFile,
    path: PathBuf,
}

/// Writes a file of the run in `dir`, in the place of any file that had its name.
///
/// # Errors
///
/// When it cannot be written; the earlier file, if any, then stands as it was.
pub fn write_whole(dir: &Path, name: &str, bytes: &[u8]) -> Result<(), Error> {
    stage_with(dir, name, |file| file.as_file().write_all(bytes))?.publish()
}

/// Writes the rows, but does not give them their name yet.
pub(crate) fn stage<R: Serialize>(
    dir: &Path,
    name: &str,
    columns: &[&str],
    rows: &[R],
) -> Result<Staged, Error> {
    stage_with(dir, name, |file| write_rows(file, columns, rows))
}

/// Fills a temporary file in `dir`: there, because only within one file system can a rename replace a file
/// at a stroke.
fn stage_with(
    dir: &Path,
    name: &str,
    write: impl FnOnce(&NamedTempFile) -> io::Result<()>,
) -> Result<Staged, Error> {
    let path = dir.join(name);
    let cannot_write = |error| Error::Write { path: path.clone(), error };
    let file = tempfile::Builder::new()
        .prefix(&format!(".{name}."))
        .permissions(Permissions::from_mode(FILE_MODE))
        .tempfile_in(dir)
        .map_err(cannot_write)?;
    write(&file).map_err(cannot_write)?;
    Ok(Staged { file, path })
}

fn write_rows<R: Serialize>(file: &NamedTempFile, columns: &[&str], rows: &[R]) -> io::Result<()> {
    // The header is written here, not by serde, so that a file without rows has one too.
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(file.as_file());
    writer.write_record(columns)?;
    for row in rows {
        writer.serialize(row)?;
    }
    writer.flush()
}

impl Staged {
    /// Gives the file its name, in the place of any file that had it.
    pub fn publish(self) -> Result<(), Error> {
        let Self { file, path } = self;
        file.persist(&path).map(drop).map_err(|failed| Error::Write { path, error: failed.error })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_rows_still_has_its_header() {
        let dir = tempfile::tempdir().unwrap();
        stage::<[u64; 2]>(dir.path(), "x.csv", &["a", "b"], &[]).unwrap().publish().unwrap();
        assert_eq!(std::fs::read_to_string(dir.path().join("x.csv")).unwrap(), "a,b\n");
    }

    #[test]
    fn a_staged_file_that_is_never_published_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("x.csv"), "old").unwrap();
        drop(stage(dir.path(), "x.csv", &["a"], &[[1]]).unwrap());
        assert_eq!(std::fs::read_to_string(dir.path().join("x.csv")).unwrap(), "old");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn others_may_read_the_file_as_far_as_the_umask_allows() {
        let dir = tempfile::tempdir().unwrap();
        stage(dir.path(), "x.csv", &["a"], &[[1]]).unwrap().publish().unwrap();
        std::fs::write(dir.path().join("plain"), "").unwrap();
        let mode = |name| std::fs::metadata(dir.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode("x.csv"), mode("plain"));
    }

    #[test]
    fn a_folder_that_does_not_exist_is_an_error_that_names_the_file() {
        let error = stage(Path::new("nowhere"), "x.csv", &["a"], &[[1]]).unwrap_err().to_string();
        assert!(error.starts_with("writing nowhere/x.csv: "), "{error}");
    }
}
