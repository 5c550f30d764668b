//! The file of `file-read`: how it is opened, whether it can be, and memory to read it into.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;

use protocol::proof::block_sum;
use protocol::workload::{BLOCK_BYTES, IO, Workload, io::DIRECT};
use protocol::{Job, Refusal};
use rustix::fs::OFlags;

use crate::round::Round;

/// Memory for one block of the file, aligned as strictly as any device requires for `O_DIRECT`.
#[repr(C, align(4096))]
pub struct Block(pub [u8; BLOCK_BYTES]);

impl Default for Block {
    fn default() -> Self {
        Self([0; BLOCK_BYTES])
    }
}

impl Block {
    /// What reading this block adds to what its task returns.
    #[inline]
    pub fn sum(&self) -> u64 {
        block_sum(&self.0)
    }
}

impl Round {
    /// The flags of open(2), beside those for reading, with which `file-read` opens its file: none
    /// for the page cache, `O_DIRECT` to read past it.
    pub fn open_flags(&self) -> i32 {
        open_flags(self.param(IO))
    }
}

fn open_flags(io: u64) -> i32 {
    let flags = if io == DIRECT { OFlags::DIRECT } else { OFlags::empty() };
    flags.bits().cast_signed()
}

/// Refuses a job whose file cannot be opened as it must be: not every file system can read past the
/// page cache.
pub(crate) fn require_readable(job: &Job) -> Result<(), Refusal> {
    let Some(file) = &job.file else { return Ok(()) };
    let flags = open_flags(Workload::FileRead.param(&job.params, IO));
    let opened = OpenOptions::new().read(true).custom_flags(flags).open(file);
    opened.map(drop).map_err(|error| {
        let (how, remedy) = if flags == 0 {
            ("", "")
        } else {
            (" with O_DIRECT", "; put it on a file system that has direct I/O, or read it with io = cached")
        };
        Refusal::unsupported(format!("opening {}{how}: {error}{remedy}", file.display()))
    })
}

#[cfg(test)]
mod tests {
    use protocol::Params;

    use super::*;

    #[test]
    fn a_file_that_cannot_be_opened_as_asked_is_refused_with_what_to_do() {
        // A file system of the kernel's own, which has no direct I/O.
        let job = |io| Job {
            file: Some("/proc/version".into()),
            params: Params::from([(IO.into(), io)]),
            ..Job::new("x", Workload::FileRead, 1, 7)
        };
        assert_eq!(require_readable(&job(protocol::workload::io::CACHED)), Ok(()));
        let refusal = require_readable(&job(DIRECT)).unwrap_err();
        assert!(refusal.reason.contains("/proc/version with O_DIRECT"), "{}", refusal.reason);
        assert!(refusal.reason.contains("io = cached"), "{}", refusal.reason);
    }
}
