//! Reading a file.
//!
//! tokio has no file I/O of its own: it makes the system calls on the threads of its blocking pool,
//! at most 512 unless one asks for more. `tokio::fs::File` has a cursor and no positional read, so
//! that a block of it is a `seek` and a `read`, two visits to the pool, and it reads into a buffer
//! of its own, which is not aligned as `O_DIRECT` demands. The documentation of `tokio::fs` advises
//! as few visits as possible, by means of `std::fs` within `spawn_blocking`. That is done here: one
//! visit a block, which takes a fraction of the time. One visit for all blocks of a task would be
//! far quicker still, but then a thread reads and no task waits.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use runner::{Block, Round, Tally};
use tokio::fs::OpenOptions;
use tokio::task::spawn_blocking;

use super::join::join;

/// Spawns tasks that each open the file and read blocks of it, and joins them.
pub async fn file_read(round: &'static Round) -> Tally {
    let flags = round.open_flags();
    let mut handles = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        handles.push(tokio::spawn(async move {
            round.begin(task);
            let mut reader = Reader::open(round.file(), flags).await.expect("the file opens");
            let mut sum = 0u64;
            for read in 0..round.times() {
                reader = reader.read_at(round.block_offset(task, read)).await.expect("a whole block");
                sum = sum.wrapping_add(reader.block.sum());
            }
            round.finish(task);
            sum
        }));
    }
    join(handles).await
}

/// A task's own file handle and the block that it last read. Both move to the blocking thread and
/// back: what runs there must own what it uses.
struct Reader {
    file: File,
    block: Block,
}

impl Reader {
    async fn open(path: &Path, flags: i32) -> io::Result<Box<Self>> {
        let file = OpenOptions::new().read(true).custom_flags(flags).open(path).await?.into_std().await;
        Ok(Box::new(Self { file, block: Block::default() }))
    }

    async fn read_at(mut self: Box<Self>, offset: u64) -> io::Result<Box<Self>> {
        let read = move || self.file.read_exact_at(&mut self.block.0, offset).map(|()| self);
        spawn_blocking(read).await.expect("a read does not panic")
    }
}
