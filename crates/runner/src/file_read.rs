//! The file of `file-read`: how it is opened, and memory to read it into.

use protocol::proof::block_sum;
use protocol::workload::{BLOCK_BYTES, IO, io::DIRECT};
use rustix::fs::OFlags;

use crate::round::Round;

/// Memory for one block of the file, aligned as strictly as any device requires for `O_DIRECT`.
#[repr(C, align(4096))]
pub struct Block(pub [u8; BLOCK_BYTES]);

impl Default for Block {
    fn default() -> Self {
        Self([0; BLOCK_BYTES])
    }
}

impl Block {
    /// What reading this block adds to what its task returns.
    #[inline]
    pub fn sum(&self) -> u64 {
        block_sum(&self.0)
    }
}

impl Round {
    /// The flags of open(2), beside those for reading, with which `file-read` opens its file: none
    /// for the page cache, `O_DIRECT` to read past it.
    pub fn open_flags(&self) -> i32 {
        let flags = if self.param(IO) == DIRECT { OFlags::DIRECT } else { OFlags::empty() };
        flags.bits().cast_signed()
    }
}
