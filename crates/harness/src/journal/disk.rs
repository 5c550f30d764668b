//! What makes a file outlive a power cut: it is on the disk when a function of this module returns.
//!
//! A file's bytes and its name are two things to a file system: the name is kept by the folder, which
//! has to be synced for itself.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::error::{JournalError, at};

/// Writes a file whole or not at all.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = unfinished(path);
    let written = File::create(&new).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    if let Err(error) = written.and_then(|()| fs::rename(&new, path)) {
        // Best effort: on a full disk it takes room that the run needs.
        let _ = fs::remove_file(&new);
        return Err(error);
    }
    sync_folder_of(path)
}

/// The name that a file has while [`replace`] writes it.
pub fn unfinished(path: &Path) -> PathBuf {
    path.with_extension("new")
}

/// Cuts a file down to its first `length` bytes.
pub fn truncate(path: &Path, length: u64) -> io::Result<()> {
    let file = OpenOptions::new().write(true).open(path)?;
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

/// The path of nothing is where we are.
fn is_there(folder: &Path) -> bool {
    folder.as_os_str().is_empty() || folder.exists()
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

/// How long a lock may take to be free. A process that was killed while it started another has left it
/// a copy of the lock, until that one closes what it must not inherit: between fork and exec.
const LOCK_PATIENCE: Duration = Duration::from_secs(2);

/// Locks the folder itself: no file to leave behind. The kernel lets go of it when we die, however we
/// die; what we start does not keep it, since the standard library opens files to be closed on exec.
pub fn lock(folder: &Path) -> Result<File, JournalError> {
    let file = File::open(folder).map_err(at(folder))?;
    let began = Instant::now();
    loop {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(file),
            Err(Errno::WOULDBLOCK) if began.elapsed() < LOCK_PATIENCE => sleep(Duration::from_millis(10)),
            Err(Errno::WOULDBLOCK) => return Err(JournalError::Locked(folder.into())),
            Err(error) => return Err(at(folder)(error.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_replaced_stays_as_it_was_and_nothing_is_left() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("x.csv");
        fs::create_dir(&path).unwrap();
        assert!(replace(&path, b"new").is_err(), "a file cannot take the place of a folder");
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
    }

    #[test]
    fn folders_are_made_as_deep_as_is_asked() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("a/b/c");
        make_folder(&folder).unwrap();
        make_folder(&folder).unwrap();
        assert!(folder.is_dir());
    }
}
