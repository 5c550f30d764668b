//! Tasks in a row, joined by pipes: those of `std` in smol's adapter for whatever epoll can watch.

use std::io::{self, PipeReader, PipeWriter};

use runner::{Round, Tally};
use smol::Async;
use smol::io::{AsyncReadExt, AsyncWriteExt};

use super::join::join;
use crate::executor::Executor;

const OPEN: &str = "every pipe is open until the last byte";

/// Spawns the stages, passes one byte after another through all of them, and joins them.
pub async fn brigade<E: Executor>(round: &'static Round) -> Tally {
    let (mut exit, mut entrance) = pipe().expect("files enough: the limit has been checked");
    let mut stages = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        let (next_exit, next) = pipe().expect("files enough: the limit has been checked");
        stages.push(E::spawn(stage(round, task, exit, next)));
        exit = next_exit;
    }
    let mut out = 0;
    for pass in 0..round.times() {
        let [byte, ..] = round.token(pass).to_le_bytes();
        let mut byte = [byte];
        entrance.write_all(&byte).await.expect(OPEN);
        exit.read_exact(&mut byte).await.expect(OPEN);
        out += u64::from(byte[0]);
    }
    let mut tally = join(stages).await;
    tally.include(out);
    tally
}

async fn stage(round: &Round, task: u64, mut source: Async<PipeReader>, mut sink: Async<PipeWriter>) -> u64 {
    let mut byte = [0];
    for _ in 0..round.times() {
        source.read_exact(&mut byte).await.expect(OPEN);
        byte[0] = byte[0].wrapping_add(1);
        sink.write_all(&byte).await.expect(OPEN);
    }
    round.token(task)
}

fn pipe() -> io::Result<(Async<PipeReader>, Async<PipeWriter>)> {
    let (reader, writer) = io::pipe()?;
    Ok((Async::new(reader)?, Async::new(writer)?))
}
