//! Tasks that read blocks of a file: `file-read`.

use glommio::GlommioError;
use glommio::io::{BufferedFile, DmaFile};
use runner::executors::Share;
use runner::workload::{IO, io};
use runner::{BLOCK_BYTES, Round, Tally, block_sum};

use super::join::join;

type Result<T> = std::result::Result<T, GlommioError<()>>;

/// Tasks that read, each with a handle of its own.
pub async fn read(share: Share) -> Tally {
    let (round, tasks) = (share.round, share.tasks());
    let direct = round.param(IO) == io::DIRECT;
    let mut handles = Vec::with_capacity(share.task_count());
    for task in tasks {
        handles.push(if direct {
            glommio::spawn_local(async move { past_cache(round, task).await.expect("the file can be read") })
        } else {
            glommio::spawn_local(
                async move { through_cache(round, task).await.expect("the file can be read") },
            )
        });
    }
    join(handles).await
}

/// Into buffers out of the registered I/O memory. The file is closed with `close`, as glommio wants
/// it: a file that is merely dropped is closed some time later.
async fn past_cache(round: &Round, task: u64) -> Result<u64> {
    round.begin(task);
    let file = DmaFile::open(round.file()).await?;
    let mut sum = 0u64;
    for read in 0..round.times() {
        let block = file.read_at_aligned(round.block_offset(task, read), BLOCK_BYTES).await?;
        sum = sum.wrapping_add(block_sum(&block));
    }
    file.close().await?;
    round.finish(task);
    Ok(sum)
}

/// Into buffers that glommio allocates for each read.
async fn through_cache(round: &Round, task: u64) -> Result<u64> {
    round.begin(task);
    let file = BufferedFile::open(round.file()).await?;
    let mut sum = 0u64;
    for read in 0..round.times() {
        let block = file.read_at(round.block_offset(task, read), BLOCK_BYTES).await?;
        sum = sum.wrapping_add(block_sum(&block));
    }
    file.close().await?;
    round.finish(task);
    Ok(sum)
}
