//! The container: a tar archive of regular files, compressed with gzip. Any tar unpacks it.
//!
//! Written with the same header for every file: no time, no owner. Read entry by entry, as they stand in the archive: links,
//! folders, devices, sparse files and all extensions of the format but the one for long names are refused.

use std::io::{self, BufRead, Read, Write};

use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use tar::{Archive, Builder, EntryType, Header};

use crate::manifest::quoted;

/// With this every gzip begins.
pub const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// No name in a bundle is longer, bytes.
const MAX_NAME_BYTES: u64 = 512;
/// The most that may follow the last file: programs fill the archive up to a multiple of 10 KiB.
const MAX_END_BYTES: u64 = 64 << 10;

/// Writes an archive.
pub struct Writer<W: Write> {
    tar: Builder<GzEncoder<W>>,
}

impl<W: Write> Writer<W> {
    /// One without files yet.
    pub fn new(out: W) -> Self {
        // No time, no name of a file; not even the system it was written on.
        Self { tar: Builder::new(GzBuilder::new().write(out, Compression::default())) }
    }

    /// Adds a file of so many bytes.
    pub fn add(&mut self, name: &str, bytes: u64, content: impl Read) -> io::Result<()> {
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        header.set_size(bytes);
        self.tar.append_data(&mut header, name, content)
    }

    /// Ends the archive.
    pub fn finish(self) -> io::Result<W> {
        self.tar.into_inner()?.finish()
    }
}

/// A file of an archive.
pub struct File<'a> {
    pub name: String,
    pub bytes: u64,
    pub content: &'a mut dyn Read,
}

/// Gives each file of an archive in turn, and reads the archive to its end.
///
/// # Errors
/// When `with` fails, or the archive holds anything but regular files, is damaged or goes on behind its end: `flaw` makes an
/// error of such words.
pub fn each_file<E>(
    mut archive: impl BufRead,
    flaw: impl Fn(String) -> E,
    mut with: impl FnMut(File) -> Result<(), E>,
) -> Result<(), E> {
    let damaged = |error: io::Error| flaw(damage(&error));
    let mut unzipped = GzDecoder::new(&mut archive);
    let mut tar = Archive::new(&mut unzipped);
    let mut long_name = None;
    for entry in tar.entries().map_err(damaged)?.raw(true) {
        let mut entry = entry.map_err(damaged)?;
        let (kind, bytes) = (entry.header().entry_type(), entry.header().entry_size().map_err(damaged)?);
        match kind {
            EntryType::Regular => {
                let own = || String::from_utf8_lossy(&entry.header().path_bytes()).into_owned();
                let name = long_name.take().unwrap_or_else(own);
                with(File { name, bytes, content: &mut entry })?;
            }
            EntryType::GNULongName if long_name.is_none() && bytes <= MAX_NAME_BYTES => {
                let mut name = Vec::new();
                entry.read_to_end(&mut name).map_err(damaged)?;
                let name = String::from_utf8_lossy(&name);
                long_name = Some(name.trim_end_matches('\0').to_owned());
            }
            _ => {
                let name = quoted(&String::from_utf8_lossy(&entry.header().path_bytes()));
                return Err(flaw(format!(
                    "it holds {} ({name}), and bundles hold regular files alone",
                    called(kind)
                )));
            }
        }
    }
    check_end(&mut unzipped).map_err(damaged)?.map_or(Ok(()), |what| Err(flaw(what.into())))?;
    match archive.fill_buf().map_err(damaged)? {
        [] => Ok(()),
        _ => Err(flaw("something follows its end".into())),
    }
}

/// Behind the last file stand zeros alone, and the sum that gzip keeps is right; else what is wrong.
fn check_end(unzipped: &mut impl Read) -> io::Result<Option<&'static str>> {
    let mut end = Vec::new();
    unzipped.take(MAX_END_BYTES + 1).read_to_end(&mut end)?;
    let is_end = end.len() as u64 <= MAX_END_BYTES && end.iter().all(|byte| *byte == 0);
    Ok((!is_end).then_some("something follows its last file"))
}

/// What is wrong with an archive that cannot be read.
pub fn damage(error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        "it is cut off".into()
    } else {
        format!("it is damaged: {error}")
    }
}

/// What an entry that is no regular file is called.
fn called(kind: EntryType) -> &'static str {
    match kind {
        EntryType::Link | EntryType::Symlink => "a link",
        EntryType::Directory => "a folder",
        EntryType::Char | EntryType::Block => "a device",
        EntryType::Fifo => "a pipe",
        EntryType::GNUSparse => "a file with holes",
        EntryType::GNULongName => "a name that is too long",
        _ => "an extension of the format",
    }
}
