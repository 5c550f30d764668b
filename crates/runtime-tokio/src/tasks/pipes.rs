//! Tasks in a row, joined by pipes.

use runner::{Round, Tally};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe::{self, Receiver, Sender};

use super::join::join;

/// Spawns the stages, passes one byte after another through all of them, and joins them.
pub async fn brigade(round: &'static Round) -> Tally {
    let (mut entrance, mut exit) = pipe::pipe().expect("a pipe");
    let mut stages = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        let (next, next_exit) = pipe::pipe().expect("a pipe");
        stages.push(tokio::spawn(stage(round, task, exit, next)));
        exit = next_exit;
    }
    let mut out = 0;
    for pass in 0..round.times() {
        let [byte, ..] = round.token(pass).to_le_bytes();
        entrance.write_u8(byte).await.expect("the first stage reads");
        out += u64::from(exit.read_u8().await.expect("the last stage writes"));
    }
    let mut tally = join(stages).await;
    tally.include(out);
    tally
}

async fn stage(round: &Round, task: u64, mut source: Receiver, mut sink: Sender) -> u64 {
    for _ in 0..round.times() {
        let byte = source.read_u8().await.expect("the stage before writes");
        sink.write_u8(byte.wrapping_add(1)).await.expect("the stage after reads");
    }
    round.token(task)
}
