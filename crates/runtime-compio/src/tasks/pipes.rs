//! Tasks in a row, joined by pipes: `brigade`.

use std::io;

use compio::BufResult;
use compio::fs::pipe::{self, Receiver, Sender};
use compio::io::{AsyncReadExt, AsyncWriteExt};
use compio::runtime;
use runner::executors::Share;
use runner::{Round, Tally};

use super::join::join;

const OPEN: &str = "every pipe is open until the last byte";

/// Spawns the stages, passes one byte after another through all of them, and joins them.
pub async fn brigade(share: Share) -> Tally {
    let round = share.round;
    let (mut exit, mut entrance) = pipe::anonymous().await.expect("files enough: the limit has been checked");
    let mut stages = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        let (next_exit, next) = pipe::anonymous().await.expect("files enough: the limit has been checked");
        stages.push(runtime::spawn(async move {
            pass_on(round, exit, next).await.expect(OPEN);
            round.token(task)
        }));
        exit = next_exit;
    }
    let mut out = 0;
    for pass in 0..round.times() {
        out += send_through(&mut entrance, &mut exit, round.token(pass)).await.expect(OPEN);
    }
    let mut tally = join(stages).await;
    tally.include(out);
    tally
}

/// A stage. Its byte is on the heap, and goes to the kernel and comes back with each operation.
async fn pass_on(round: &Round, mut source: Receiver, mut sink: Sender) -> io::Result<()> {
    let mut byte = Box::new([0u8]);
    for _ in 0..round.times() {
        let result;
        BufResult(result, byte) = source.read_exact(byte).await;
        result?;
        byte[0] = byte[0].wrapping_add(1);
        let result;
        BufResult(result, byte) = sink.write_all(byte).await;
        result?;
    }
    Ok(())
}

/// What the lowest byte of a token has become at the end of the row.
async fn send_through(entrance: &mut Sender, exit: &mut Receiver, token: u64) -> io::Result<u64> {
    let [byte, ..] = token.to_le_bytes();
    let BufResult(written, byte) = entrance.write_all(Box::new([byte])).await;
    written?;
    let BufResult(read, byte) = exit.read_exact(byte).await;
    read?;
    Ok(byte[0].into())
}
