//! Tasks that read blocks of a file: `file-read`.

use std::io;
use std::os::unix::fs::OpenOptionsExt;

use runner::executors::Share;
use runner::{BLOCK_BYTES, Block, Round, Tally};
use tokio_uring::buf::{IoBuf, IoBufMut};
use tokio_uring::fs::OpenOptions;

use super::join::join;

/// Spawns tasks that each open the file and read blocks of it, and joins them. Cached and direct
/// reads both go through the ring; they differ in one flag.
pub async fn read(share: Share) -> Tally {
    let (round, tasks) = (share.round, share.tasks());
    let flags = round.open_flags();
    let mut handles = Vec::with_capacity(share.task_count());
    for task in tasks {
        handles.push(tokio_uring::spawn(async move {
            round.begin(task);
            let sum = read_blocks(round, task, flags).await.expect("the file can be read");
            round.finish(task);
            sum
        }));
    }
    join(handles).await
}

async fn read_blocks(round: &Round, task: u64, flags: i32) -> io::Result<u64> {
    let file = OpenOptions::new().read(true).custom_flags(flags).open(round.file()).await?;
    let mut block = Aligned::default();
    let mut sum = 0u64;
    for read in 0..round.times() {
        let result;
        (result, block) = file.read_exact_at(block, round.block_offset(task, read)).await;
        result?;
        sum = sum.wrapping_add(block.0.sum());
    }
    file.close().await?;
    Ok(sum)
}

/// Memory for a block. The kernel writes into it, so each read takes it over and gives it back with
/// the result.
#[derive(Default)]
struct Aligned(Box<Block>);

// SAFETY: the block is on the heap, so that it stays where it is when its owner moves; it is as
// long as is said, and all of it has been written at the start.
#[allow(unsafe_code)]
unsafe impl IoBuf for Aligned {
    fn stable_ptr(&self) -> *const u8 {
        self.0.0.as_ptr()
    }

    fn bytes_init(&self) -> usize {
        BLOCK_BYTES
    }

    fn bytes_total(&self) -> usize {
        BLOCK_BYTES
    }
}

// SAFETY: as above.
#[allow(unsafe_code)]
unsafe impl IoBufMut for Aligned {
    fn stable_mut_ptr(&mut self) -> *mut u8 {
        self.0.0.as_mut_ptr()
    }

    unsafe fn set_init(&mut self, _: usize) {}
}
