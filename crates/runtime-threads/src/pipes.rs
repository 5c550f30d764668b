//! `brigade`: threads in a row, joined by pipes of the kernel (pipe(2), through `std::io::pipe`).
//!
//! What could mislead: one byte is under way at a time, so that one thread works and all others
//! sleep in read(2). A hop is a write, a wake-up and a read: it is the kernel's latency for waking
//! a thread, on the CPU where it last ran or on another, and more CPUs do not help.

use std::io::{PipeReader, PipeWriter, Read, Write, pipe};

use runner::{Round, Tally};

use crate::crew::Threads;
use crate::pool::ThreadPool;
use crate::spawn::Spawn;

const NEIGHBOUR: &str = "the neighbours stay until the last byte has passed";

impl Threads {
    pub(crate) fn brigade(&mut self, round: &'static Round) -> Tally {
        self.crew(round.tasks(), |threads| {
            let (first, mut reader) = open_pipe();
            for task in 0..round.tasks() {
                let (writer, next) = open_pipe();
                let from = std::mem::replace(&mut reader, next);
                threads.start_task(move || pass_on(round, task, from, writer));
            }
            threads.include(send_through(round, first, reader));
        })
    }
}

impl ThreadPool {
    pub(crate) fn brigade(&mut self, round: &'static Round) -> Tally {
        let mut batch = self.batch(round.tasks());
        let (first, mut reader) = open_pipe();
        for task in 0..round.tasks() {
            let (writer, next) = open_pipe();
            let from = std::mem::replace(&mut reader, next);
            batch.spawn(move || pass_on(round, task, from, writer));
        }
        let sum = send_through(round, first, reader);
        let mut tally = batch.join();
        tally.include(sum);
        tally
    }
}

fn open_pipe() -> (PipeWriter, PipeReader) {
    let (reader, writer) = pipe().expect("as many files may be open as a brigade needs");
    (writer, reader)
}

/// A stage of the brigade.
fn pass_on(round: &Round, task: u64, mut from: PipeReader, mut to: PipeWriter) -> u64 {
    for _ in 0..round.times() {
        let byte = read_byte(&mut from);
        to.write_all(&[byte.wrapping_add(1)]).expect(NEIGHBOUR);
    }
    round.token(task)
}

/// Feeds the brigade with one byte at a time and gives the sum of what comes out.
fn send_through(round: &Round, mut to: PipeWriter, mut from: PipeReader) -> u64 {
    let mut sum = 0;
    for pass in 0..round.times() {
        let [byte, ..] = round.token(pass).to_le_bytes();
        to.write_all(&[byte]).expect(NEIGHBOUR);
        sum += u64::from(read_byte(&mut from));
    }
    sum
}

fn read_byte(from: &mut PipeReader) -> u8 {
    let mut byte = [0];
    from.read_exact(&mut byte).expect(NEIGHBOUR);
    byte[0]
}
