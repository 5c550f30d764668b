//! What makes a file outlive a power cut: it is on the disk when a function of this module returns.
//!
//! A file's bytes and its name are two things to a file system: the name is kept by the folder, which
//! has to be synced for itself.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::regular;

/// What any program would ask for when it makes a file; the user's umask takes its share.
const FILE_MODE: u32 = 0o666;
/// How the name of a file ends that is being written.
const UNFINISHED: &str = ".new";

/// A file that is written, but does not bear its name yet. Dropped, it is gone.
#[derive(Debug)]
pub struct Staged {
    file: NamedTempFile,
    path: PathBuf,
}

impl Staged {
    /// Where the file will stand.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the file its name, in the place of any file that had it.
    ///
    /// # Errors
    /// When that cannot be done; the earlier file then stands as it was.
    pub fn publish(self) -> io::Result<()> {
        self.file.persist(&self.path).map_err(|failed| failed.error)?;
        sync_folder_of(&self.path)
    }
}

/// Writes a file beside the one whose place it is to take: only within one file system can a rename
/// replace a file in one step.
///
/// # Errors
/// When it cannot be written; nothing is left of it then.
pub fn stage(path: &Path, bytes: &[u8]) -> io::Result<Staged> {
    stage_with(path, |file| file.write_all(bytes))
}

/// The same of a file that is written piece by piece.
///
/// # Errors
/// As [`stage`].
pub fn stage_with(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<Staged> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut file = tempfile::Builder::new()
        .prefix(&format!(".{name}."))
        .suffix(UNFINISHED)
        .permissions(Permissions::from_mode(FILE_MODE))
        .tempfile_in(folder_of(path))?;
    write(file.as_file_mut())?;
    file.as_file().sync_all()?;
    Ok(Staged { file, path: path.into() })
}

/// Writes a file whole or not at all.
///
/// # Errors
/// When it cannot be written; the earlier file, if any, then stands as it was.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    stage(path, bytes)?.publish()
}

/// The name that a file was to have, if this is the name that [`stage`] gives one while it writes it.
pub fn unfinished(name: &str) -> Option<&str> {
    let (intended, random) = name.strip_prefix('.')?.strip_suffix(UNFINISHED)?.rsplit_once('.')?;
    (!intended.is_empty() && !random.is_empty()).then_some(intended)
}

/// Removes what was left of files in a folder that were being written when their writer died.
///
/// # Errors
/// When the folder cannot be read, or one of them not be removed. A folder that is not there has none.
pub fn remove_unfinished(folder: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if unfinished(&entry.file_name().to_string_lossy()).is_some() {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// Cuts a file down to its first `length` bytes; a link is refused.
pub fn truncate(path: &Path, length: u64) -> io::Result<()> {
    let file = regular::open_to_change(path, OpenOptions::new().write(true))?;
    file.set_len(length)?;
    file.sync_all()
}

/// Removes a file, if it is there; says whether it was.
pub fn remove(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => sync_folder_of(path).map(|()| true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Makes a folder, and those above it.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = folder.ancestors().take_while(|folder| !is_there(folder)).collect();
    fs::create_dir_all(folder)?;
    missing.into_iter().try_for_each(sync_folder_of)
}

/// Makes a folder within the folder of a run, if it is not there.
///
/// # Errors
/// When it cannot be made, or is none: files would be written and removed wherever a link leads.
pub fn make_inner_folder(folder: &Path) -> io::Result<()> {
    match fs::create_dir(folder) {
        Ok(()) => sync_folder_of(folder),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => check_inner_folder(folder),
        Err(error) => Err(error),
    }
}

/// Refuses what is no folder in the place of a folder within that of a run; one that is not there is fine.
///
/// # Errors
/// When it is a link or a file, or cannot be looked at.
pub fn check_inner_folder(folder: &Path) -> io::Result<()> {
    match fs::symlink_metadata(folder) {
        Ok(data) if data.is_dir() => Ok(()),
        Ok(data) => {
            let what = if data.is_symlink() { "a link" } else { "a file" };
            Err(io::Error::other(format!("it is {what}, where a folder must be; remove it")))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// The path of nothing is where we are.
fn is_there(folder: &Path) -> bool {
    folder.as_os_str().is_empty() || folder.exists()
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use crate::folder;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap();
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_that_cannot_be_replaced_stays_as_it_was_and_nothing_is_left() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("x.csv");
        fs::create_dir(&path).unwrap();
        assert!(replace(&path, b"new").is_err(), "a file cannot take the place of a folder");
        assert_eq!(names(parent.path()), ["x.csv"]);
    }

    #[test]
    fn a_staged_file_that_is_never_published_leaves_nothing_behind() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("x.csv");
        fs::write(&path, "old").unwrap();
        let staged = stage(&path, b"new").unwrap();
        assert_eq!(names(parent.path()).len(), 2);
        drop(staged);
        assert_eq!((names(parent.path()).len(), fs::read(&path).unwrap()), (1, b"old".to_vec()));
    }

    #[test]
    fn what_a_dead_writer_left_is_known_by_its_name_and_removed() {
        let parent = tempfile::tempdir().unwrap();
        let (_, kept) = stage(&parent.path().join(folder::PLAN), b"{").unwrap().file.keep().unwrap();
        assert_eq!(unfinished(&kept.file_name().unwrap().to_string_lossy()), Some(folder::PLAN));
        fs::write(parent.path().join("mine.new"), "").unwrap();
        remove_unfinished(parent.path()).unwrap();
        assert_eq!(names(parent.path()), ["mine.new"]);
        remove_unfinished(&parent.path().join("nowhere")).unwrap();
    }

    #[test]
    fn a_link_that_somebody_left_leads_nowhere() {
        let parent = tempfile::tempdir().unwrap();
        let (mine, theirs) = (parent.path().join("mine"), parent.path().join("theirs"));
        fs::create_dir(&mine).unwrap();
        fs::create_dir(&theirs).unwrap();
        fs::write(theirs.join("x.csv"), "theirs").unwrap();
        symlink(theirs.join("x.csv"), mine.join("x.csv")).unwrap();
        symlink(&theirs, mine.join("spans")).unwrap();
        assert!(truncate(&mine.join("x.csv"), 1).is_err());
        replace(&mine.join("x.csv"), b"mine").unwrap();
        let said = make_inner_folder(&mine.join("spans")).unwrap_err().to_string();
        assert!(said.contains("it is a link"), "{said}");
        assert_eq!(fs::read(theirs.join("x.csv")).unwrap(), b"theirs");
        assert_eq!(fs::read(mine.join("x.csv")).unwrap(), b"mine");
        make_inner_folder(&mine.join("figures")).unwrap();
        make_inner_folder(&mine.join("figures")).unwrap();
    }

    #[test]
    fn others_may_read_the_file_as_far_as_the_umask_allows() {
        let parent = tempfile::tempdir().unwrap();
        replace(&parent.path().join("x.csv"), b"").unwrap();
        fs::write(parent.path().join("plain"), "").unwrap();
        let mode = |name| fs::metadata(parent.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode("x.csv"), mode("plain"));
    }

    #[test]
    fn folders_are_made_as_deep_as_is_wanted() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("a/b/c");
        make_folder(&folder).unwrap();
        make_folder(&folder).unwrap();
        assert!(folder.is_dir());
    }
}
