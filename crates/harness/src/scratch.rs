//! The lab's temporary files: in a folder of its own under TMPDIR, locked while the lab lives.
//!
//! A lab that is killed cannot remove them. The next one does: a folder whose lock nobody holds belongs to nobody.

use std::env;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock, statvfs};
use rustix::process::getuid;
use tempfile::TempDir;

use crate::fault::Fault;

/// How the names of such folders begin.
const PREFIX: &str = ".kilotask-scratch-";

/// Where a lab keeps its temporary files; they go when it is dropped.
#[derive(Debug, Default)]
pub struct Scratch {
    /// Made when it is first asked for, and made again where somebody removed it.
    root: Option<Root>,
}

#[derive(Debug)]
struct Root {
    folder: TempDir,
    /// The folder, open and locked; the kernel lets go of it when we die, however we die.
    _lock: File,
}

impl Scratch {
    /// The folder itself.
    ///
    /// # Errors
    /// A fault of the lab's own, with what to do about it.
    pub fn root(&mut self) -> Result<&Path, Fault> {
        let kept = self.root.take().filter(|root| root.folder.path().is_dir());
        let root = match kept {
            Some(kept) => kept,
            None => Root::make().map_err(|error| cannot_write(&env::temp_dir(), &error))?,
        };
        Ok(self.root.insert(root).folder.path())
    }

    /// A folder for one trial, which goes when it is dropped.
    ///
    /// # Errors
    /// As [`root`](Self::root).
    pub fn folder(&mut self) -> Result<TempDir, Fault> {
        let root = self.root()?;
        tempfile::tempdir_in(root).map_err(|error| cannot_write(root, &error))
    }
}

fn cannot_write(folder: &Path, error: &io::Error) -> Fault {
    Fault::Hindered(format!(
        "the temporary folder {} cannot be written: {error}; choose another folder with TMPDIR",
        folder.display()
    ))
}

/// Tries to make the folder, of which each but the last may be lost.
const TRIES: u32 = 10;

impl Root {
    /// Until it is locked, another lab that sweeps takes it for one that nobody has any more. Then it is made again.
    fn make() -> io::Result<Self> {
        let mut made = Self::make_once();
        for _ in 1..TRIES {
            match &made {
                Ok(root) if root.folder.path().is_dir() => break,
                // It is gone, or somebody who sweeps has it at this moment.
                Err(error)
                    if !matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::WouldBlock) =>
                {
                    break;
                }
                _ => made = Self::make_once(),
            }
        }
        made
    }

    fn make_once() -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(env::temp_dir())?;
        let lock = File::open(folder.path())?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
        Ok(Self { folder, _lock: lock })
    }
}

/// Bytes that may still be written into a folder; `None` where that cannot be known.
pub(crate) fn room_in(folder: &Path) -> Option<u64> {
    let space = statvfs(folder).ok()?;
    Some(space.f_bavail.saturating_mul(space.f_frsize))
}

/// Removes what labs of ours left in the temporary folder that were killed.
pub fn sweep() {
    for (folder, _lock) in left_in(&env::temp_dir()) {
        let _ = fs::remove_dir_all(folder);
    }
}

/// The folders of labs that are gone, each locked, so that none that is made meanwhile is taken for one; those of other users
/// are theirs to remove.
fn left_in(parent: &Path) -> impl Iterator<Item = (PathBuf, File)> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let named = entries.filter(|entry| entry.file_name().as_encoded_bytes().starts_with(PREFIX.as_bytes()));
    let is_ours = |path: &PathBuf| {
        fs::symlink_metadata(path).is_ok_and(|it| it.is_dir() && it.uid() == getuid().as_raw())
    };
    let locked = |path: PathBuf| {
        let folder = File::open(&path).ok()?;
        flock(&folder, FlockOperation::NonBlockingLockExclusive).ok().map(|()| (path, folder))
    };
    named.map(|entry| entry.path()).filter(is_ours).filter_map(locked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_left_alone_while_its_lab_lives_and_belongs_to_nobody_afterwards() {
        let parent = tempfile::tempdir().unwrap();
        let make = |name: &str| {
            let path = parent.path().join(name);
            fs::create_dir(&path).unwrap();
            path
        };
        let (alive, dead) = (make(".kilotask-scratch-a"), make(".kilotask-scratch-b"));
        make("kilotask-results");
        std::os::unix::fs::symlink(&dead, parent.path().join(".kilotask-scratch-link")).unwrap();
        let lock = File::open(&alive).unwrap();
        flock(&lock, FlockOperation::NonBlockingLockExclusive).unwrap();
        let left_in = |parent: &Path| left_in(parent).map(|(folder, _)| folder).collect::<Vec<_>>();
        assert_eq!(left_in(parent.path()), std::slice::from_ref(&dead));
        drop(lock);
        let mut left = left_in(parent.path());
        left.sort();
        assert_eq!(left, [alive, dead]);
    }

    #[test]
    fn who_sweeps_meanwhile_hinders_nobody() {
        let is_over = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                    sweep();
                }
            });
            let made: Vec<bool> = (0..300).map(|_| Scratch::default().root().is_ok()).collect();
            is_over.store(true, std::sync::atomic::Ordering::Relaxed);
            assert!(made.iter().all(|it| *it));
        });
    }

    #[test]
    fn what_somebody_removed_is_made_again_and_all_goes_with_its_owner() {
        let mut scratch = Scratch::default();
        let first = scratch.root().unwrap().to_path_buf();
        fs::remove_dir_all(&first).unwrap();
        let trial = scratch.folder().unwrap();
        let second = scratch.root().unwrap().to_path_buf();
        assert!(trial.path().starts_with(&second) && second != first);
        drop(scratch);
        assert!(!second.exists());
    }
}
