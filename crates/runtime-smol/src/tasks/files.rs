//! Reading a file.
//!
//! smol makes the system calls for files on its threads for blocking calls. `smol::fs::File` has a
//! cursor and no positional read, so that a block of it is a seek and a read, two visits to those
//! threads, and it reads ahead into a buffer of its own, which is not aligned as `O_DIRECT`
//! demands. `smol::unblock`, on which it is built, takes one visit a block, and is used here. One
//! visit for all blocks of a task would be quicker still, but then a thread reads and no task
//! waits.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};

use runner::{Block, Round, Tally};
use smol::unblock;

use super::join::join;
use crate::executor::Executor;

/// Spawns tasks that each open the file and read blocks of it, and joins them.
pub async fn file_read<E: Executor>(round: &'static Round) -> Tally {
    let flags = round.open_flags();
    let mut tasks = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        tasks.push(E::spawn(async move {
            round.begin(task);
            let mut reader = Reader::open(round, flags).await.expect("the file opens");
            let mut sum = 0u64;
            for read in 0..round.times() {
                reader = reader.read_at(round.block_offset(task, read)).await.expect("a whole block");
                sum = sum.wrapping_add(reader.block.sum());
            }
            round.finish(task);
            sum
        }));
    }
    join(tasks).await
}

/// A task's own file handle and the block that it last read. Both move to the blocking thread and
/// back: what runs there must own what it uses.
struct Reader {
    file: File,
    block: Block,
}

impl Reader {
    async fn open(round: &'static Round, flags: i32) -> io::Result<Box<Self>> {
        let open = move || OpenOptions::new().read(true).custom_flags(flags).open(round.file());
        Ok(Box::new(Self { file: unblock(open).await?, block: Block::default() }))
    }

    async fn read_at(mut self: Box<Self>, offset: u64) -> io::Result<Box<Self>> {
        unblock(move || self.file.read_exact_at(&mut self.block.0, offset).map(|()| self)).await
    }
}
