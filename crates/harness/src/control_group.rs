//! The control groups that this process is in, of both versions: what they and all above them allow.

use std::fs;
use std::path::{Path, PathBuf};

use procfs::process::Process;

/// In the first version of control groups "no limit" is a number near 2⁶³.
const NO_LIMIT: u64 = 1 << 62;

/// Memory that the control groups allow, bytes: the least of the own one and all above it; `None` where none is limited.
pub fn memory_limit() -> Option<u64> {
    least(&folders("memory"), &["memory.max", "memory.limit_in_bytes"])
}

/// Processes and threads that the control groups allow beside those that there are; `None` where none is limited.
pub fn processes_left() -> Option<u64> {
    let left = |folder: &PathBuf| {
        let (most, now) = (number(&folder.join("pids.max"))?, number(&folder.join("pids.current"))?);
        Some(most.saturating_sub(now))
    };
    folders("pids").iter().filter_map(left).min()
}

/// The least number in any of these files of the folders.
fn least(folders: &[PathBuf], names: &[&str]) -> Option<u64> {
    let paths = folders.iter().flat_map(|folder| names.iter().map(|name| folder.join(name)));
    paths.filter_map(|path| number(&path)).filter(|limit| *limit < NO_LIMIT).min()
}

/// `None` where there is no such file or it says `max`.
fn number(path: &Path) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// The folders of the own group of a controller and of all groups above it, the own one first.
fn folders(controller: &str) -> Vec<PathBuf> {
    let Ok(me) = Process::myself() else { return Vec::new() };
    let (Ok(groups), Ok(mounts)) = (me.cgroups(), me.mountinfo()) else { return Vec::new() };
    // The first version has a hierarchy for each controller, the second one for all; a machine may have both.
    let of_its_own = groups.0.iter().find(|group| group.controllers.iter().any(|name| name == controller));
    let unified = || groups.0.iter().find(|group| group.hierarchy == 0);
    let (Some(group), is_own) = (of_its_own.or_else(unified), of_its_own.is_some()) else {
        return Vec::new();
    };
    let mount = mounts.0.iter().find(|mount| {
        let has_controller = mount.fs_type == "cgroup" && mount.super_options.contains_key(controller);
        if is_own { has_controller } else { mount.fs_type == "cgroup2" }
    });
    mount.map_or_else(Vec::new, |mount| ancestors(&mount.mount_point, &mount.root, &group.pathname))
}

/// From the folder of a group up to where the hierarchy is mounted, which may be in its middle.
fn ancestors(mount_point: &Path, root: &str, group: &str) -> Vec<PathBuf> {
    let within = Path::new(group).strip_prefix(root).or_else(|_| Path::new(group).strip_prefix("/"));
    let own = mount_point.join(within.unwrap_or(Path::new("")));
    own.ancestors().take_while(|folder| folder.starts_with(mount_point)).map(Path::to_path_buf).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_groups_above_are_those_up_to_the_mount_also_where_that_is_in_the_middle() {
        let of = |root, group| ancestors(Path::new("/sys/fs/cgroup"), root, group);
        let paths = |names: &[&str]| names.iter().map(PathBuf::from).collect::<Vec<_>>();
        assert_eq!(of("/", "/"), paths(&["/sys/fs/cgroup"]));
        assert_eq!(of("/", "/a/b"), paths(&["/sys/fs/cgroup/a/b", "/sys/fs/cgroup/a", "/sys/fs/cgroup"]));
        assert_eq!(of("/docker/7", "/docker/7/a"), paths(&["/sys/fs/cgroup/a", "/sys/fs/cgroup"]));
    }

    #[test]
    fn the_least_limit_counts_and_none_is_no_limit() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        fs::create_dir(&inner).unwrap();
        let both = [inner.clone(), folder.path().to_path_buf()];
        let names = ["memory.max", "memory.limit_in_bytes"];
        fs::write(inner.join("memory.max"), "max\n").unwrap();
        assert_eq!(least(&both, &names), None);
        fs::write(folder.path().join("memory.max"), "1000\n").unwrap();
        assert_eq!(least(&both, &names), Some(1000));
        fs::write(inner.join("memory.limit_in_bytes"), "9223372036854771712\n").unwrap();
        assert_eq!(least(&both, &names), Some(1000));
    }
}
