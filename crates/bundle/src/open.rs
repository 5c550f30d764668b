//! Opens a bundle: unpacks it into a temporary folder, no more of it than its manifest says.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use results::machine::machine_name_like;
use results::regular;
use tempfile::TempDir;

use crate::archive::{self, MAGIC, each_file};
use crate::copy::{Hashing, Stopped, copy};
use crate::error::Error;
use crate::manifest::{self, Entry, MAX_MANIFEST_BYTES, Manifest, quoted};
use crate::names::{ENDING_OF_BUNDLE, Kind, kind};

/// No bundle is larger, bytes.
const MAX_BUNDLE_BYTES: u64 = 2 << 30;

/// A bundle, unpacked. Its folder goes when it is dropped.
#[derive(Debug)]
pub struct Opened {
    pub(crate) bundle: PathBuf,
    pub(crate) manifest: Manifest,
    /// SHA-256 of the bundle, in hexadecimal.
    pub(crate) sha256: String,
    folder: TempDir,
}

impl Opened {
    /// Opens a bundle, with its files below `within`.
    ///
    /// # Errors
    /// When it cannot be read or its files not be written; or when it is refused: damaged, too large, with other files than
    /// its manifest says, or other bytes.
    pub fn open(bundle: &Path, within: &Path) -> Result<Self, Error> {
        let refused = |what: String| Error::Refused { bundle: bundle.into(), what };
        let mut file = regular::open(bundle).map_err(Error::reading(bundle))?;
        let bytes = file.metadata().map_err(Error::reading(bundle))?.len();
        check_magic(&mut file, bundle)?;
        if bytes > MAX_BUNDLE_BYTES {
            return Err(refused(format!(
                "it has {bytes} bytes: at most {} GiB are possible",
                MAX_BUNDLE_BYTES >> 30
            )));
        }
        let folder = tempfile::tempdir_in(within).map_err(Error::writing(within))?;
        let file = regular::open(bundle).map_err(Error::reading(bundle))?;
        // As long as it is now: what is appended meanwhile is not read.
        let mut read = BufReader::new(Hashing::new(file.take(bytes)));
        let mut unpacking =
            Unpacking { folder: folder.path(), name: stem(bundle), bytes, manifest: None, done: 0 };
        each_file(&mut read, refused, |file| unpacking.take(file, &refused))?;
        let manifest = unpacking.finish().map_err(refused)?;
        Ok(Self { bundle: bundle.into(), manifest, sha256: read.into_inner().sha256(), folder })
    }

    /// The folder of the run: what it was given, and what follows from it once it was checked. It is named like the bundle.
    pub fn run(&self) -> PathBuf {
        self.folder.path().join(stem(&self.bundle))
    }

    /// The folder of what follows from the rows, as it was handed in.
    pub(crate) fn submitted(&self) -> PathBuf {
        self.folder.path().join(SUBMITTED)
    }

    /// Gives the folder of the run another place, in the folder that the bundle was opened in.
    ///
    /// # Errors
    /// When something stands there already.
    pub fn keep(self, within: &Path) -> Result<PathBuf, Error> {
        let place = within.join(stem(&self.bundle));
        if fs::symlink_metadata(&place).is_ok() {
            let error = io::Error::other("it is there already; choose another folder");
            return Err(Error::Write { path: place, error });
        }
        fs::rename(self.run(), &place).map_err(Error::writing(&place))?;
        Ok(place)
    }
}

/// Where the files stand that are compared. No run is called that: a dot is none of a name's first letters.
const SUBMITTED: &str = ".submitted";

/// A bundle's name without its ending, fit for a folder.
fn stem(bundle: &Path) -> String {
    let name = bundle.file_name().unwrap_or_default().to_string_lossy();
    machine_name_like(name.strip_suffix(ENDING_OF_BUNDLE).unwrap_or(&name))
}

fn check_magic(file: &mut File, bundle: &Path) -> Result<(), Error> {
    let mut magic = Vec::new();
    file.take(MAGIC.len() as u64).read_to_end(&mut magic).map_err(Error::reading(bundle))?;
    if magic == MAGIC { Ok(()) } else { Err(Error::NoBundle(bundle.into())) }
}

/// The files of a bundle on their way into a folder.
struct Unpacking<'a> {
    folder: &'a Path,
    /// How the folder of the run is called.
    name: String,
    /// The length of the bundle.
    bytes: u64,
    /// Known once the first file was read.
    manifest: Option<Manifest>,
    /// How many of its files were taken.
    done: usize,
}

impl Unpacking<'_> {
    /// Takes the next file: the manifest, and then the one that the manifest says is next.
    fn take(&mut self, file: archive::File, refused: &dyn Fn(String) -> Error) -> Result<(), Error> {
        let Some(manifest) = &self.manifest else {
            self.manifest = Some(read_manifest(file, self.bytes).map_err(refused)?);
            return Ok(());
        };
        let archive::File { name, bytes, content } = file;
        let Some(next) = manifest.files.get(self.done).filter(|next| next.name == name) else {
            let expected = manifest.files.get(self.done).map_or("its end", |next| &next.name);
            return Err(refused(format!("{} stands where {} has {expected}", quoted(&name), manifest::NAME)));
        };
        if next.bytes != bytes {
            return Err(refused(format!("{name} has {bytes} bytes, and not {}", next.bytes)));
        }
        self.write(next, content, refused)?;
        self.done += 1;
        Ok(())
    }

    fn write(
        &self,
        entry: &Entry,
        content: &mut dyn Read,
        refused: &dyn Fn(String) -> Error,
    ) -> Result<(), Error> {
        let part = if kind(&entry.name) == Some(Kind::Derived) { SUBMITTED } else { &self.name };
        // The name was checked: it leads nowhere else.
        let path = self.folder.join(part).join(&entry.name);
        let above = path.parent().unwrap_or(self.folder);
        fs::create_dir_all(above).map_err(Error::writing(above))?;
        let mut target = File::create_new(&path).map_err(Error::writing(&path))?;
        match copy(content, &mut target, entry.bytes) {
            Ok(sha256) if sha256 == entry.sha256 => Ok(()),
            Ok(_) => Err(refused(format!(
                "{} was changed: its SHA-256 is not that in {}",
                entry.name,
                manifest::NAME
            ))),
            Err(Stopped::Source(error)) => Err(refused(archive::damage(&error))),
            Err(Stopped::Target(error)) => Err(Error::writing(&path)(error)),
        }
    }

    /// The manifest, once all its files are there.
    fn finish(self) -> Result<Manifest, String> {
        let Some(manifest) = self.manifest else { return Err("it is empty".into()) };
        match manifest.files.get(self.done) {
            Some(missing) => Err(format!("{} is missing, which its {} has", missing.name, manifest::NAME)),
            None => Ok(manifest),
        }
    }
}

fn read_manifest(file: archive::File, bundle_bytes: u64) -> Result<Manifest, String> {
    let archive::File { name, bytes, content } = file;
    if name != manifest::NAME {
        return Err(format!("its first file is {}, and not {}", quoted(&name), manifest::NAME));
    }
    if bytes > MAX_MANIFEST_BYTES {
        return Err(format!(
            "{} has {} bytes: at most {} MiB are possible",
            manifest::NAME,
            bytes,
            MAX_MANIFEST_BYTES >> 20
        ));
    }
    let mut text = Vec::new();
    copy(content, &mut text, bytes).map_err(|stopped| match stopped {
        Stopped::Source(error) | Stopped::Target(error) => archive::damage(&error),
    })?;
    Manifest::read(&text, bundle_bytes)
}
