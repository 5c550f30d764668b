//! The file of `file-read`: how it is opened, and whether it can be.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;

use protocol::workload::{IO, Workload, io::DIRECT};
use protocol::{Job, Refusal};
use rustix::fs::OFlags;

use crate::round::Round;

impl Round {
    /// The flags of open(2), beside those for reading, for the way in which `file-read` reads: through the page
    /// cache, or past it.
    pub fn open_flags(&self) -> i32 {
        open_flags(self.param(IO))
    }
}

fn open_flags(io: u64) -> i32 {
    let flags = if io == DIRECT { OFlags::DIRECT } else { OFlags::empty() };
    flags.bits().cast_signed()
}

/// Refuses a job whose file cannot be opened as it asks: not every file system can read past the page cache.
///
/// # Errors
/// With what the file system says, and the mend.
pub fn require_readable(job: &Job) -> Result<(), Refusal> {
    let Some(file) = &job.file else { return Ok(()) };
    let flags = open_flags(Workload::FileRead.param(&job.params, IO));
    let opened = OpenOptions::new().read(true).custom_flags(flags).open(file);
    opened.map(drop).map_err(|error| {
        let (how, mend) = if flags == 0 {
            ("", "")
        } else {
            (" with O_DIRECT", "; put it on a file system that has direct I/O, or read it with io = cached")
        };
        Refusal::unsupported(format!("opening {}{how}: {error}{mend}", file.display()))
    })
}

#[cfg(test)]
mod tests {
    use protocol::Params;

    use super::*;

    #[test]
    fn a_file_that_cannot_be_opened_as_asked_is_refused_with_the_mend() {
        // A file system of the kernel's own, which reads past no cache.
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
