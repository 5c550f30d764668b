//! Reads past the page cache, a fixed number at a time, through `io_uring`.

use std::fs::File;
use std::io::ErrorKind;
use std::os::fd::AsRawFd;

use io_uring::{IoUring, opcode, types};
use runner::{BLOCK_BYTES, Block, Job, Refusal, Round, Tally};

use crate::blocks;

/// Tasks that have a read under way at once, if there are so many: the queue depth that the device
/// sees. On the virtual disk that it was tried on, 32 left a quarter of the rate unused and 512
/// brought nothing more.
const DEPTH: u32 = 128;
/// Bytes of a read, as the ring wants it.
#[allow(clippy::cast_possible_truncation)] // 4096
const BLOCK: u32 = BLOCK_BYTES as u32;

/// A ring and the memory that it reads into.
pub struct Ring {
    ring: IoUring,
    /// One for each read under way. They are never freed, so that the kernel does not write into
    /// other memory when a panic ends the round.
    blocks: &'static mut [Block],
}

/// A task that has begun. It has one read under way.
struct Reader {
    task: u64,
    /// Reads that are over.
    reads: u64,
    sum: u64,
}

impl Ring {
    /// Sets up the ring for a job.
    ///
    /// # Errors
    /// Where no `io_uring` can be set up.
    pub fn start(job: &Job) -> Result<Self, Refusal> {
        let depth = u32::try_from(job.tasks).map_or(DEPTH, |tasks| tasks.min(DEPTH));
        let ring = IoUring::new(depth).map_err(|error| runner::io_uring::refuse("floor", &error))?;
        let blocks = (0..depth).map(|_| Block::default()).collect::<Vec<_>>().leak();
        Ok(Self { ring, blocks })
    }

    /// As many tasks as there are blocks are under way; where one ends, the next begins. Each reads
    /// its blocks one after another.
    pub fn read(&mut self, round: &Round) -> Tally {
        let file = blocks::open(round).expect("the file of the job");
        let mut to_begin = (0..round.tasks()).map(|task| Reader::begin(task, round));
        let mut readers: Vec<Reader> = to_begin.by_ref().take(self.blocks.len()).collect();
        for (slot, reader) in readers.iter().enumerate() {
            self.ask(slot, &file, reader.next_offset(round));
        }
        let mut tally = Tally::default();
        while tally.completed < round.tasks() {
            self.wait();
            while let Some(slot) = self.next_over() {
                let reader = &mut readers[slot];
                reader.take(&self.blocks[slot]);
                if reader.reads == round.times() {
                    round.finish(reader.task);
                    tally.add(reader.sum);
                    let Some(next) = to_begin.next() else { continue };
                    *reader = next;
                }
                self.ask(slot, &file, reader.next_offset(round));
            }
        }
        tally
    }

    /// Puts a read into the ring; it is submitted together with the next ones.
    #[allow(unsafe_code)]
    fn ask(&mut self, slot: usize, file: &File, offset: u64) {
        let block = self.blocks[slot].0.as_mut_ptr();
        let read = opcode::Read::new(types::Fd(file.as_raw_fd()), block, BLOCK)
            .offset(offset)
            .build()
            .user_data(slot as u64);
        // SAFETY: the block is never freed, and is not read until the operation is over; `read`,
        // the only caller, keeps the file open until every operation is.
        let pushed = unsafe { self.ring.submission().push(&read) };
        pushed.expect("the ring has room for a read into every block");
    }

    /// Submits all reads to the kernel, and waits until one is over. A signal may end the wait
    /// sooner.
    fn wait(&self) {
        match self.ring.submit_and_wait(1) {
            Err(error) if error.kind() != ErrorKind::Interrupted => panic!("waiting for a read: {error}"),
            _ => {}
        }
    }

    /// The block of a read that is over.
    fn next_over(&mut self) -> Option<usize> {
        let read = self.ring.completion().next()?;
        assert_eq!(read.result().cast_unsigned(), BLOCK, "bytes that a read gave, or minus an error");
        Some(usize::try_from(read.user_data()).expect("a place in the list of blocks"))
    }
}

impl Reader {
    fn begin(task: u64, round: &Round) -> Self {
        round.begin(task);
        Self { task, reads: 0, sum: 0 }
    }

    fn next_offset(&self, round: &Round) -> u64 {
        round.block_offset(self.task, self.reads)
    }

    fn take(&mut self, block: &Block) {
        self.sum = self.sum.wrapping_add(block.sum());
        self.reads += 1;
    }
}
