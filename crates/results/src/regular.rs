//! Regular files, opened and read within a bound: what lies in the folder of a run may be a stranger's. A pipe would wait
//! for ever for somebody to write, a device may have no end, and a large file would fill the memory.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Take};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::OFlags;

/// The most of a file that a person writes: an experiment, a `runner.toml`, bytes.
pub const MAX_TEXT_BYTES: u64 = 1 << 20;

/// Opens a regular file to be read; a link to one is followed.
///
/// # Errors
/// When it cannot be opened, or is something else.
pub fn open(path: &Path) -> io::Result<File> {
    // Looked at before it is opened: to open a device may already do something.
    check(&fs::metadata(path)?)?;
    let file = OpenOptions::new().read(true).custom_flags(flags(OFlags::NONBLOCK)).open(path)?;
    // Something else may have taken its place meanwhile.
    check(&file.metadata()?)?;
    Ok(file)
}

/// The same of a file that has no more than so many bytes, as long as it is now.
///
/// # Errors
/// As [`open`], and when it is larger.
pub fn open_within(path: &Path, most: u64) -> io::Result<Take<File>> {
    let file = open(path)?;
    if file.metadata()?.len() > most {
        return Err(too_large(most));
    }
    Ok(file.take(most))
}

/// The bytes of a regular file that has no more than so many.
///
/// # Errors
/// As [`open_within`], and when it cannot be read.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut file = open_within(path, most)?;
    file.set_limit(most.saturating_add(1));
    file.read_to_end(&mut bytes)?;
    // It may have grown meanwhile.
    if bytes.len() as u64 > most { Err(too_large(most)) } else { Ok(bytes) }
}

/// The text of a file that a person writes, of at most [`MAX_TEXT_BYTES`].
///
/// # Errors
/// As [`read`], and when it is not UTF-8.
pub fn read_text(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path, MAX_TEXT_BYTES)?)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()))
}

/// Opens a regular file to be changed. A link is refused: what it leads to may lie anywhere.
pub(crate) fn open_to_change(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    check(&fs::symlink_metadata(path)?)?;
    let file = options.custom_flags(flags(OFlags::NONBLOCK | OFlags::NOFOLLOW)).open(path)?;
    check(&file.metadata()?)?;
    Ok(file)
}

fn flags(flags: OFlags) -> i32 {
    flags.bits().cast_signed()
}

fn too_large(most: u64) -> io::Error {
    let most = if most < 1 << 20 { format!("{most} bytes") } else { format!("{} MiB", most >> 20) };
    io::Error::other(format!("it is larger than {most}, the most for such a file"))
}

fn check(data: &Metadata) -> io::Result<()> {
    let kind = data.file_type();
    let what = match kind {
        _ if kind.is_file() => return Ok(()),
        _ if kind.is_dir() => "a folder",
        _ if kind.is_symlink() => "a link",
        _ if kind.is_fifo() => "a pipe",
        _ if kind.is_socket() => "a socket",
        _ => "a device",
    };
    Err(io::Error::other(format!("it is {what}, where a regular file must be")))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;

    #[test]
    fn what_is_no_regular_file_is_refused_at_once_and_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        mknodat(CWD, path("pipe"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        let _socket = UnixListener::bind(path("socket")).unwrap();
        symlink("/dev/zero", path("zero")).unwrap();
        symlink("pipe", path("link-to-pipe")).unwrap();
        let cases =
            [("pipe", "a pipe"), ("socket", "a socket"), ("zero", "a device"), ("link-to-pipe", "a pipe")];
        for (name, what) in cases {
            let said = read(&path(name), 10).unwrap_err().to_string();
            assert!(said.contains(what), "{name}: {said}");
        }
        assert!(read(folder.path(), 10).unwrap_err().to_string().contains("a folder"));
    }

    #[test]
    fn a_file_is_read_up_to_its_bound_and_refused_beyond_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        fs::write(&path, "12345").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        assert!(read(&path, 4).unwrap_err().to_string().contains("larger than 4 bytes"));
        assert_eq!(read(&folder.path().join("y"), 4).unwrap_err().kind(), io::ErrorKind::NotFound);
        // Of a kernel's file the length is not known beforehand.
        assert!(read(Path::new("/proc/self/maps"), 4).is_err());
    }

    #[test]
    fn a_link_is_read_and_never_written_through() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        fs::write(&target, "kept").unwrap();
        symlink("target", &link).unwrap();
        assert_eq!(read_text(&link).unwrap(), "kept");
        let said = open_to_change(&link, OpenOptions::new().append(true)).unwrap_err().to_string();
        assert!(said.contains("a link"), "{said}");
    }
}
