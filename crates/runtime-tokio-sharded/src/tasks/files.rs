//! Tasks that read blocks of a file: `file-read`, on the blocking pool of each runtime.
//!
//! One visit to the pool a block, by means of `std::fs` within `spawn_blocking`: why is said in
//! `runtime-tokio`.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use runner::executors::Share;
use runner::{Block, Tally};
use tokio::fs::OpenOptions;
use tokio::task::{spawn_blocking, spawn_local};

use super::join::{RUNS_ON, join};

/// Spawns tasks that each open the file and read blocks of it, and joins them.
pub async fn read(share: Share) -> Tally {
    let (round, tasks) = (share.round, share.tasks());
    let flags = round.open_flags();
    let mut handles = Vec::with_capacity(share.task_count());
    for task in tasks {
        handles.push(spawn_local(async move {
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
/// back.
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
        spawn_blocking(read).await.expect(RUNS_ON)
    }
}
