//! Blocks of the file of `file-read`, and how to read them one after another.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use runner::{BLOCK_BYTES, Job, Round, Workload, block_sum, workload};
use rustix::fs::OFlags;

/// A block in memory, where `O_DIRECT` may put it: on a multiple of its own size, which no device
/// asks to be exceeded.
#[repr(C, align(4096))]
pub struct Block(pub [u8; BLOCK_BYTES]);

impl Default for Block {
    fn default() -> Self {
        Self([0; BLOCK_BYTES])
    }
}

/// Opens the file through the page cache or past it, by a value of [`workload::IO`].
pub fn open(path: &Path, io: u64) -> io::Result<File> {
    let mut options = OpenOptions::new();
    if io == workload::io::DIRECT {
        options.custom_flags(OFlags::DIRECT.bits().cast_signed());
    }
    options.read(true).open(path)
}

/// Whether a job reads a file past the page cache.
pub fn reads_direct(job: &Job) -> bool {
    let io = Workload::FileRead.param(&job.params, workload::IO);
    job.workload == Workload::FileRead.name() && io == workload::io::DIRECT
}

/// Reads the blocks of a task one after another, and gives what the task returns.
pub fn read_one_by_one(task: u64, round: &Round, file: &File, block: &mut Block) -> u64 {
    let mut sum = 0u64;
    for read in 0..round.times() {
        file.read_exact_at(&mut block.0, round.block_offset(task, read)).expect("a whole block of the file");
        sum = sum.wrapping_add(block_sum(&block.0));
    }
    sum
}
