//! Copies so many bytes, and takes their hash on the way.

use std::io::{self, Read, Write};
use std::path::Path;

use results::{hex, regular};
use sha2::{Digest, Sha256};

use crate::error::Error;

/// How much is copied at once, bytes.
const PIECE: usize = 64 << 10;

/// What stopped a copy.
#[derive(Debug)]
pub enum Stopped {
    /// The source could not be read, or ended too early.
    Source(io::Error),
    /// The target could not be written.
    Target(io::Error),
}

/// Copies exactly so many bytes; gives their SHA-256 in hexadecimal.
///
/// # Errors
/// When the source has fewer, or one of the two fails. What the source has beyond them is not read.
pub fn copy(source: &mut dyn Read, target: &mut dyn Write, bytes: u64) -> Result<String, Stopped> {
    let (mut hasher, mut left) = (Sha256::new(), bytes);
    let mut piece = vec![0; PIECE];
    while left > 0 {
        let most = usize::try_from(left).map_or(PIECE, |left| left.min(PIECE));
        let read = match source.read(&mut piece[..most]) {
            Ok(0) => return Err(Stopped::Source(io::ErrorKind::UnexpectedEof.into())),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Stopped::Source(error)),
        };
        hasher.update(&piece[..read]);
        target.write_all(&piece[..read]).map_err(Stopped::Target)?;
        left -= read as u64;
    }
    Ok(hex(&hasher.finalize()))
}

/// The length of a file, and its SHA-256 in hexadecimal.
pub fn hash_file(path: &Path) -> Result<(u64, String), Error> {
    let mut file = regular::open(path).map_err(Error::reading(path))?;
    let bytes = file.metadata().map_err(Error::reading(path))?.len();
    match copy(&mut file, &mut io::sink(), bytes) {
        Ok(sha256) => Ok((bytes, sha256)),
        Err(Stopped::Source(error) | Stopped::Target(error)) => Err(Error::reading(path)(error)),
    }
}

/// What is read through it, with the hash of all that was read.
pub struct Hashing<R> {
    inner: R,
    hasher: Sha256,
}

impl<R: Read> Hashing<R> {
    /// Nothing has been read yet.
    pub fn new(inner: R) -> Self {
        Self { inner, hasher: Sha256::new() }
    }

    /// SHA-256 of what was read, in hexadecimal.
    pub fn sha256(self) -> String {
        hex(&self.hasher.finalize())
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        Ok(read)
    }
}
