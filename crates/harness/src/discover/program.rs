//! What a runner consists of, as one hash: another program of the same version has another one.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// A folder with more than this is not hashed: it holds more than a runner.
const MOST_FILES: usize = 10_000;
const MOST_BYTES: u64 = 1 << 30;

/// The executable of a runner, or the folder with its files.
#[derive(Debug)]
pub(super) struct Program {
    path: PathBuf,
    /// Computed once, as a runner hosts several runtimes.
    sha256: OnceLock<Option<String>>,
}

impl Program {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, sha256: OnceLock::new() }
    }

    /// SHA-256 of the executable; of a folder, that of what `sha256sum` would write of its files, in the order of their
    /// names. `None` where it cannot be read.
    pub(super) fn sha256(&self) -> Option<String> {
        let computed = || if self.path.is_dir() { of_folder(&self.path) } else { of_file(&self.path) };
        self.sha256.get_or_init(computed).clone()
    }
}

fn of_file(path: &Path) -> Option<String> {
    // Reading a pipe or a device might never end.
    let is_bounded = fs::metadata(path).is_ok_and(|data| data.is_file() && data.len() <= MOST_BYTES);
    let bytes = is_bounded.then(|| fs::read(path).ok()).flatten()?;
    Some(results::sha256(&bytes))
}

fn of_folder(folder: &Path) -> Option<String> {
    let mut list = Vec::new();
    for file in files(folder)? {
        let name = file.strip_prefix(folder).unwrap_or(&file);
        list.extend_from_slice(format!("{}  ", of_file(&file)?).as_bytes());
        list.extend_from_slice(name.as_os_str().as_encoded_bytes());
        list.push(b'\n');
    }
    Some(results::sha256(&list))
}

/// The regular files of a folder, sorted. Without what is hidden and what Python compiles while it runs.
fn files(folder: &Path) -> Option<Vec<PathBuf>> {
    let (mut found, mut open, mut bytes) = (Vec::new(), vec![folder.to_path_buf()], 0);
    while let Some(inner) = open.pop() {
        for entry in fs::read_dir(inner).ok()?.flatten() {
            let name = entry.file_name();
            if name.as_encoded_bytes().starts_with(b".") || name == "__pycache__" {
                continue;
            }
            let path = entry.path();
            // A link to a folder is not followed: it may lead in a circle.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                open.push(path);
            } else if let Some(data) = fs::metadata(&path).ok().filter(fs::Metadata::is_file) {
                bytes += data.len();
                found.push(path);
            }
            if found.len() + open.len() > MOST_FILES || bytes > MOST_BYTES {
                return None;
            }
        }
    }
    found.sort();
    Some(found)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::process::Command;

    use super::*;

    fn sha256(path: &Path) -> Option<String> {
        Program::new(path.into()).sha256()
    }

    #[test]
    fn the_hash_of_a_folder_is_that_of_what_sha256sum_writes() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in
            [("main.py", "a"), ("parts/b.py", "b"), ("__pycache__/x.pyc", "x"), (".git/y", "y")]
        {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        symlink("/dev/zero", folder.path().join("endless")).unwrap();
        symlink(folder.path(), folder.path().join("parts/circle")).unwrap();
        let mut sums = Command::new("sha256sum");
        let sums = sums.args(["main.py", "parts/b.py"]).current_dir(folder.path()).output().unwrap();
        assert_eq!(sha256(folder.path()), Some(results::sha256(&sums.stdout)));
        assert_eq!(sha256(&folder.path().join("main.py")), Some(results::sha256(b"a")));
    }

    #[test]
    fn a_change_of_any_file_or_name_is_another_hash_and_what_cannot_be_read_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.py");
        fs::write(&file, "1").unwrap();
        let mut seen = vec![sha256(folder.path())];
        fs::write(&file, "2").unwrap();
        seen.push(sha256(folder.path()));
        fs::rename(&file, folder.path().join("b.py")).unwrap();
        seen.push(sha256(folder.path()));
        seen.sort();
        seen.dedup();
        assert!(seen.len() == 3 && seen.iter().all(Option::is_some), "{seen:?}");
        assert_eq!(sha256(&file), None);
        assert_eq!(sha256(Path::new("/dev/zero")), None);
    }
}
