//! One writer at a time: the lock on the folder of a run.

use std::fs::File;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::error::{JournalError, at};

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
