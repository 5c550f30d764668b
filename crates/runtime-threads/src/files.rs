//! `file-read`: pread(2) in the task's own thread, through `std::os::unix::fs::FileExt`.
//!
//! Each task opens the file for itself, as it is, or with `O_DIRECT`; its one buffer is aligned to a
//! block in both cases.
//!
//! What could mislead:
//! - Through the page cache, a read is a system call and a copy, and no thread ever waits: this
//!   measures neither the disk nor the runtime.
//! - With `O_DIRECT`, the threads alive at once are the depth of the queue that the disk sees, and
//!   while a read waits its CPU is free for another thread. Threads start more slowly than a fast disk
//!   answers.

use std::fs::OpenOptions;
use std::os::unix::fs::{FileExt, OpenOptionsExt};

use runner::{BLOCK_BYTES, Round, Tally, block_sum};

use crate::{ThreadPool, Threads};

const READABLE: &str = "the harness made the file, and it could be opened before the round";

/// A buffer as `O_DIRECT` wants it: disks take multiples of 512 or 4096 bytes at such addresses.
#[repr(align(4096))]
struct Block([u8; BLOCK_BYTES]);

impl Threads {
    pub(crate) fn file_read(&mut self, round: &'static Round) -> Tally {
        let flags = round.open_flags();
        self.crew(round.tasks(), |threads| {
            for task in 0..round.tasks() {
                threads.spawn(move || read_blocks(round, task, flags));
            }
        })
    }
}

impl ThreadPool {
    pub(crate) fn file_read(&mut self, round: &'static Round) -> Tally {
        let flags = round.open_flags();
        let batch = self.batch(round.tasks());
        for task in 0..round.tasks() {
            batch.spawn(move || read_blocks(round, task, flags));
        }
        batch.join()
    }
}

fn read_blocks(round: &Round, task: u64, flags: i32) -> u64 {
    round.begin(task);
    let file = OpenOptions::new().read(true).custom_flags(flags).open(round.file()).expect(READABLE);
    // On the heap, as stacks may be as small as a few pages.
    let mut block = Box::new(Block([0; BLOCK_BYTES]));
    let mut sum = 0u64;
    for read in 0..round.times() {
        file.read_exact_at(&mut block.0, round.block_offset(task, read)).expect(READABLE);
        sum = sum.wrapping_add(block_sum(&block.0));
    }
    round.finish(task);
    sum
}
