//! `brigade`: coroutines in a row, joined by pipes.
//!
//! may has no pipes of its own; `CoIo` lets a coroutine wait for any file that epoll can watch. It
//! watches both ends for both directions, as it does with sockets, and gives a file to the worker
//! of its number modulo the workers: with an even number of workers, the ends to be read of all
//! pipes, which come in pairs, belong to one half of them.

use std::io::{self, PipeReader, PipeWriter, Read, Write};

use may::go;
use may::io::CoIo;
use runner::{Round, Tally};

use crate::joining::join;

const WHOLE: &str = "every pipe is open until the last byte";

/// The driver is a coroutine too: a thread would wait through a coroutine that may starts for it.
pub(crate) fn brigade(round: &'static Round) -> Tally {
    join(go!(move || drive(round)))
}

fn drive(round: &'static Round) -> Tally {
    let (mut reader, mut head) = pipe().expect("files enough: the limit has been checked");
    let mut stages = Vec::with_capacity(round.task_count());
    for task in 0..round.tasks() {
        let (next, writer) = pipe().expect("files enough: the limit has been checked");
        stages.push(go!(move || {
            pass_on(round.times(), reader, writer).expect(WHOLE);
            round.token(task)
        }));
        reader = next;
    }
    let mut tail = reader;
    let mut tally = Tally::default();
    for pass in 0..round.times() {
        tally.include(send_through(&mut head, &mut tail, round.token(pass)).expect(WHOLE));
    }
    for stage in stages {
        tally.add(join(stage));
    }
    tally
}

/// A stage, which closes its pipes when it is done.
fn pass_on(times: u64, mut from: CoIo<PipeReader>, mut to: CoIo<PipeWriter>) -> io::Result<()> {
    let mut byte = [0];
    for _ in 0..times {
        from.read_exact(&mut byte)?;
        byte[0] = byte[0].wrapping_add(1);
        to.write_all(&byte)?;
    }
    Ok(())
}

/// What the lowest byte of a token has become at the end of the row.
fn send_through(head: &mut CoIo<PipeWriter>, tail: &mut CoIo<PipeReader>, token: u64) -> io::Result<u64> {
    let [lowest, ..] = token.to_le_bytes();
    let mut byte = [lowest];
    head.write_all(&byte)?;
    tail.read_exact(&mut byte)?;
    Ok(byte[0].into())
}

fn pipe() -> io::Result<(CoIo<PipeReader>, CoIo<PipeWriter>)> {
    let (reader, writer) = io::pipe()?;
    Ok((CoIo::new(reader)?, CoIo::new(writer)?))
}
