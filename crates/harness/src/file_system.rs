//! Which file system a folder is on.

use std::fs;
use std::path::{Path, PathBuf};

use procfs::process::{MountInfo, Process};
use rustix::fs::{FsWord, statfs};

/// `tmpfs` and `ramfs`, as statfs numbers them.
const MEMORY: [FsWord; 2] = [0x0102_1994, 0x8584_58f6];

/// The type of the file system that a folder is on, as `mount` names it; of an overlay also that of its upper layer, as
/// far as it can be seen from here: `overlay on ext4`.
pub(crate) fn name_of(folder: &Path) -> Option<String> {
    let mount = mount_of(folder)?;
    let upper = upper_of(&mount).and_then(|upper| mount_of(&upper));
    Some(
        upper
            .map_or_else(|| mount.fs_type.clone(), |upper| format!("{} on {}", mount.fs_type, upper.fs_type)),
    )
}

/// Whether what is written into a folder is kept in memory alone.
pub(crate) fn is_memory(folder: &Path) -> bool {
    let is_memory = |path: &Path| statfs(path).is_ok_and(|it| MEMORY.contains(&it.f_type));
    is_memory(folder) || mount_of(folder).and_then(|mount| upper_of(&mount)).is_some_and(|it| is_memory(&it))
}

/// The mount that a folder is in: the last of those whose place is the longest part of its path.
fn mount_of(folder: &Path) -> Option<MountInfo> {
    let path = fs::canonicalize(folder).ok()?;
    let mounts = Process::myself().and_then(|me| me.mountinfo()).ok()?;
    let around = mounts.0.into_iter().filter(|mount| path.starts_with(&mount.mount_point));
    around.max_by_key(|mount| mount.mount_point.components().count())
}

/// Where an overlay keeps what is written.
fn upper_of(mount: &MountInfo) -> Option<PathBuf> {
    let upper = mount.super_options.get("upperdir")?.as_ref()?;
    Some(PathBuf::from(upper)).filter(|_| mount.fs_type == "overlay")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_systems_in_memory_are_known_and_have_their_name() {
        assert_eq!(name_of(Path::new("/proc/self")).as_deref(), Some("proc"));
        assert!(!is_memory(Path::new("/proc")));
        assert_eq!(name_of(Path::new("/nowhere at all")), None);
        let shared = Path::new("/dev/shm");
        if shared.is_dir() {
            assert_eq!(is_memory(shared), name_of(shared).as_deref() == Some("tmpfs"));
        }
    }
}
