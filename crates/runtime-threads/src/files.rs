//! `file-read`: pread(2) in the task's own thread, through `std::os::unix::fs::FileExt`.
//!
//! Each task opens the file for itself, as it is, or with `O_DIRECT`; its one buffer is aligned to
//! a block in both cases.
//!
//! What could mislead:
//! - Through the page cache, a read is a system call and a copy, and no thread ever waits: this
//!   measures neither the disk nor the runtime.
//! - With `O_DIRECT`, the threads alive at once are the depth of the queue that the disk sees, and
//!   while a read waits its CPU is free for another thread. Threads start more slowly than a fast
//!   disk answers.

use std::fs::OpenOptions;
use std::os::unix::fs::{FileExt, OpenOptionsExt};

use runner::{Block, Round};

use crate::spawn::Spawn;

const READABLE: &str = "the harness made the file, and it could be opened before the round";

pub fn read(round: &'static Round, threads: &mut impl Spawn) {
    let flags = round.open_flags();
    for task in 0..round.tasks() {
        threads.spawn(move || read_blocks(round, task, flags));
    }
}

fn read_blocks(round: &Round, task: u64, flags: i32) -> u64 {
    round.begin(task);
    let file = OpenOptions::new().read(true).custom_flags(flags).open(round.file()).expect(READABLE);
    // On the heap, as stacks may be as small as a few pages.
    let mut block = Box::new(Block::default());
    let mut sum = 0u64;
    for read in 0..round.times() {
        file.read_exact_at(&mut block.0, round.block_offset(task, read)).expect(READABLE);
        sum = sum.wrapping_add(block.sum());
    }
    round.finish(task);
    sum
}
