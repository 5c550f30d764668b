//! The file of workload `file-read`: blocks whose sums are known and cannot be guessed.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use protocol::proof::block_sum;
use protocol::workload::BLOCK_BYTES;
use rustix::fs::OFlags;
use tempfile::NamedTempFile;

use crate::secret::Secret;

/// Words of a block, eight bytes each.
const BLOCK_WORDS: u64 = BLOCK_BYTES as u64 / 8;

/// Blocks written at a time: 1 MiB of them.
const CHUNK_BLOCKS: u64 = 256;

/// A file of blocks that is deleted when this is dropped. Word `w` of block `b` is what
/// follows from the secret for `b × 512 + w`, little-endian.
#[derive(Debug)]
pub struct BlockFile {
    file: NamedTempFile,
    sums: Vec<u64>,
    /// As it was when it had been written.
    stamp: Stamp,
}

/// What changes with a file: which one it is, its size, and when its content and its properties were last changed.
#[derive(Debug, PartialEq, Eq)]
struct Stamp([i64; 5], u64, u64);

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        let times = [metadata.mtime(), metadata.mtime_nsec(), metadata.ctime(), metadata.ctime_nsec()];
        let [modified, modified_ns, changed, changed_ns] = times;
        let links = i64::try_from(metadata.nlink()).unwrap_or(i64::MAX);
        Self([modified, modified_ns, changed, changed_ns, links], metadata.ino(), metadata.size())
    }
}

impl BlockFile {
    /// Writes such a file of `bytes` bytes into a folder and syncs it to the disk, so that no trial
    /// pays for the writing.
    ///
    /// # Errors
    /// When `bytes` is no whole number of blocks, or the file cannot be written.
    pub fn make(folder: &Path, bytes: u64, secret: Secret) -> io::Result<Self> {
        if bytes == 0 || !bytes.is_multiple_of(BLOCK_BYTES as u64) {
            let words = format!("a file of {bytes} bytes cannot be made of blocks of {BLOCK_BYTES}");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, words));
        }
        let mut file = tempfile::Builder::new().prefix("kilotask-blocks-").tempfile_in(folder)?;
        let blocks = bytes / BLOCK_BYTES as u64;
        let mut sums = Vec::new();
        let mut chunk = Vec::new();
        for first in (0..blocks).step_by(usize::try_from(CHUNK_BLOCKS).expect("a chunk fits in memory")) {
            let words = first * BLOCK_WORDS..blocks.min(first + CHUNK_BLOCKS) * BLOCK_WORDS;
            chunk.clear();
            chunk.extend(words.flat_map(|word| secret.number(word).to_le_bytes()));
            sums.extend(chunk.chunks_exact(BLOCK_BYTES).map(block_sum));
            file.write_all(&chunk)?;
        }
        file.as_file().sync_all()?;
        let stamp = Stamp::of(&file.as_file().metadata()?);
        Ok(Self { file, sums, stamp })
    }

    /// Whether it is there, and nobody has written to it, cut it or changed anything else of it since it was made.
    pub fn is_intact(&self) -> bool {
        std::fs::symlink_metadata(self.path()).is_ok_and(|now| Stamp::of(&now) == self.stamp)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// The [`block_sum`] of each block.
    pub fn sums(&self) -> &[u64] {
        &self.sums
    }

    /// Reads all of it into the page cache, from which the kernel may have dropped it: without
    /// this, reads "through the page cache" would be reads of the disk.
    pub fn warm(&self) -> io::Result<()> {
        io::copy(&mut File::open(self.path())?, &mut io::sink()).map(drop)
    }

    /// Whether it can be read past the page cache, found out by doing so.
    ///
    /// # Errors
    /// The reason why not, and what to do about it.
    pub fn supports_direct(&self) -> Result<(), String> {
        let path = self.path().display();
        let remedy = "choose a folder on another file system";
        let fail = |doing: &str, error| Err(format!("{doing} {path} with O_DIRECT: {error}; {remedy}"));
        let direct = i32::try_from(OFlags::DIRECT.bits()).expect("open flags are an int");
        let file = match OpenOptions::new().read(true).custom_flags(direct).open(self.path()) {
            Ok(file) => file,
            Err(error) => return fail("opening", error),
        };
        match read_first_block(&file) {
            Ok(sum) if sum == self.sums[0] => Ok(()),
            Ok(_) => Err(format!("reading {path} with O_DIRECT: not what was written; {remedy}")),
            Err(error) => fail("reading", error),
        }
    }
}

/// The sum of the first block, read into memory that is aligned as `O_DIRECT` wants it.
fn read_first_block(file: &File) -> io::Result<u64> {
    let mut room = vec![0; 2 * BLOCK_BYTES];
    let aligned = room.as_ptr().align_offset(BLOCK_BYTES);
    let block = &mut room[aligned..aligned + BLOCK_BYTES];
    file.read_exact_at(block, 0)?;
    Ok(block_sum(block))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_are_those_of_the_file_and_the_words_those_of_the_formula() {
        let folder = tempfile::tempdir().unwrap();
        let blocks = CHUNK_BLOCKS + 3;
        let file = BlockFile::make(folder.path(), blocks * BLOCK_BYTES as u64, Secret::KNOWN).unwrap();
        let bytes = std::fs::read(file.path()).unwrap();
        let sums: Vec<u64> = bytes.chunks(BLOCK_BYTES).map(block_sum).collect();
        assert_eq!(sums, file.sums());
        assert_eq!(sums.len() as u64, blocks);
        let (block, word) = (CHUNK_BLOCKS + 1, 7);
        let at = usize::try_from((block * BLOCK_WORDS + word) * 8).unwrap();
        let expected = Secret::KNOWN.number(block * 512 + word);
        assert_eq!(bytes[at..at + 8], expected.to_le_bytes());
    }

    #[test]
    fn it_can_be_read_to_be_warm_and_goes_when_its_owner_goes() {
        let folder = tempfile::tempdir().unwrap();
        let file = BlockFile::make(folder.path(), BLOCK_BYTES as u64, Secret::KNOWN).unwrap();
        assert!(file.warm().is_ok());
        let path = file.path().to_owned();
        drop(file);
        assert!(!path.exists());
    }

    #[test]
    fn what_reads_it_leaves_it_intact_and_nothing_else_does() {
        let folder = tempfile::tempdir().unwrap();
        let make = || BlockFile::make(folder.path(), BLOCK_BYTES as u64, Secret::KNOWN).unwrap();
        let file = make();
        file.warm().unwrap();
        let _ = file.supports_direct();
        assert!(file.is_intact());

        std::fs::write(file.path(), [7; BLOCK_BYTES]).unwrap();
        assert!(!file.is_intact(), "other content of the same length");
        let file = make();
        OpenOptions::new().write(true).open(file.path()).unwrap().set_len(0).unwrap();
        assert!(!file.is_intact(), "cut");
        let file = make();
        std::fs::remove_file(file.path()).unwrap();
        assert!(!file.is_intact(), "gone");
        std::fs::write(file.path(), [7; BLOCK_BYTES]).unwrap();
        assert!(!file.is_intact(), "another file in its place");
    }

    #[test]
    fn a_part_of_a_block_is_refused() {
        let error = BlockFile::make(Path::new("/"), 5000, Secret::KNOWN).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }

    #[test]
    fn a_file_system_without_direct_io_is_named_with_the_reason() {
        let folder = tempfile::tempdir().unwrap();
        let file = BlockFile::make(folder.path(), BLOCK_BYTES as u64, Secret::KNOWN).unwrap();
        if let Err(reason) = file.supports_direct() {
            assert!(reason.contains("O_DIRECT") && reason.contains("folder"), "{reason}");
        }
        std::fs::write(file.path(), [7; BLOCK_BYTES]).unwrap();
        assert!(file.supports_direct().is_err());
    }
}
