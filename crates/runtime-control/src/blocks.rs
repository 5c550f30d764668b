//! Blocks of the file of `file-read`, and how to read them one after another.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};

use runner::{Block, Round};

/// Opens the file through the page cache or past it.
pub fn open(round: &Round) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(round.open_flags()).open(round.file())
}

/// Reads the blocks of a task one after another, and gives what the task returns.
pub fn read_one_by_one(task: u64, round: &Round, file: &File, block: &mut Block) -> u64 {
    let mut sum = 0u64;
    for read in 0..round.times() {
        file.read_exact_at(&mut block.0, round.block_offset(task, read)).expect("a whole block of the file");
        sum = sum.wrapping_add(block.sum());
    }
    sum
}
