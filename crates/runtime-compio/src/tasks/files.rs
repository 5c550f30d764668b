//! Tasks that read blocks of a file: `file-read`.

use std::io;
use std::mem::MaybeUninit;

use compio::BufResult;
use compio::buf::{IoBuf, IoBufMut, SetLen};
use compio::fs::OpenOptions;
use compio::io::AsyncReadAtExt;
use compio::runtime;
use runner::executors::Share;
use runner::{Block, Round, Tally};

use super::join::join;

/// Spawns tasks that each open the file and read blocks of it, and joins them. Cached and direct
/// reads both go through the ring; they differ in one flag.
pub async fn read(share: Share) -> Tally {
    let (round, tasks) = (share.round, share.tasks());
    let flags = round.open_flags();
    let mut handles = Vec::with_capacity(share.task_count());
    for task in tasks {
        handles.push(runtime::spawn(async move {
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
        BufResult(result, block) = file.read_exact_at(block, round.block_offset(task, read)).await;
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

impl IoBuf for Aligned {
    fn as_init(&self) -> &[u8] {
        &self.0.0
    }
}

impl IoBufMut for Aligned {
    fn as_uninit(&mut self) -> &mut [MaybeUninit<u8>] {
        self.0.0.as_uninit()
    }
}

impl SetLen for Aligned {
    /// All of it is written at the start, and stays so.
    #[allow(unsafe_code)]
    unsafe fn set_len(&mut self, _: usize) {}
}
