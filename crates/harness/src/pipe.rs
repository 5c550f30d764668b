//! The bounded output of a runner: standard output by lines, and the end of standard error.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::mem;

use protocol::wire::MAX_LINE_BYTES;

use crate::fault::Fault;

/// How much of the end of a runner's standard error is kept, bytes.
const STDERR_TAIL_BYTES: usize = 4096;

/// Reads what is there; `None` where nothing is, or the pipe is closed.
fn read(from: &mut impl Read, chunk: &mut [u8], closed: &mut bool) -> io::Result<Option<usize>> {
    loop {
        match from.read(chunk) {
            Ok(read) => {
                *closed = read == 0;
                return Ok(Some(read).filter(|read| *read > 0));
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Bounded lines out of a pipe that does not block.
pub(crate) struct Lines<R> {
    pub from: R,
    bytes: Vec<u8>,
    /// How much of `bytes` has been searched for a newline, so that no byte is searched twice.
    searched: usize,
    pub closed: bool,
}

impl<R: Read> Lines<R> {
    pub fn new(from: R) -> Self {
        Self { from, bytes: Vec::new(), searched: 0, closed: false }
    }

    /// Reads what is there, up to the longest line that is allowed.
    pub fn fill(&mut self) -> io::Result<()> {
        let mut chunk = [0; 16 * 1024];
        while self.bytes.len() <= MAX_LINE_BYTES
            && let Some(read) = read(&mut self.from, &mut chunk, &mut self.closed)?
        {
            self.bytes.extend_from_slice(&chunk[..read]);
        }
        Ok(())
    }

    pub fn next_line(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        let found = self.bytes[self.searched..].iter().position(|&byte| byte == b'\n');
        let Some(newline) = found.map(|at| self.searched + at) else {
            self.searched = self.bytes.len();
            return if self.bytes.len() > MAX_LINE_BYTES { Err(Fault::LongLine) } else { Ok(None) };
        };
        let mut line: Vec<u8> = self.bytes.drain(..=newline).collect();
        line.pop();
        self.searched = 0;
        Ok(Some(line))
    }

    /// What has been read of a line that has not ended.
    pub fn half_line(&self) -> &[u8] {
        &self.bytes
    }

    /// Forgets what has been read, and gives it.
    pub fn forget(&mut self) -> Vec<u8> {
        self.searched = 0;
        mem::take(&mut self.bytes)
    }
}

/// The end of what a pipe brings.
pub(crate) struct Tail<R> {
    pub from: R,
    bytes: VecDeque<u8>,
    pub closed: bool,
}

impl<R: Read> Tail<R> {
    pub fn new(from: R) -> Self {
        Self { from, bytes: VecDeque::new(), closed: false }
    }

    pub fn fill(&mut self) -> io::Result<()> {
        let mut chunk = [0; STDERR_TAIL_BYTES];
        // A flood of standard error is read in bounded pieces, so that the caller can check the
        // clock in between.
        for _ in 0..256 {
            let Some(read) = read(&mut self.from, &mut chunk, &mut self.closed)? else { break };
            self.bytes.extend(&chunk[..read]);
            let excess = self.bytes.len().saturating_sub(STDERR_TAIL_BYTES);
            self.bytes.drain(..excess);
        }
        Ok(())
    }

    /// What is kept, as text.
    pub fn text(&mut self) -> String {
        String::from_utf8_lossy(self.bytes.make_contiguous()).into_owned()
    }
}
