//! The control groups that this process is in, of both versions. Harness and runner look at them alike: before they start
//! something, each sees whether there is room for it.
//!
//! Read by hand, as this is a part of every runner, which no dependency of the lab's is to slow down or to change.

use std::fs;
use std::path::{Path, PathBuf};

/// How many processes and threads the own group of this process, and all above it, allow beside those that there are;
/// `None` where none is limited.
pub fn processes_left() -> Option<u64> {
    folders("pids").iter().filter_map(|folder| room_in(folder)).min()
}

fn room_in(folder: &Path) -> Option<u64> {
    let (most, now) = (number(&folder.join("pids.max"))?, number(&folder.join("pids.current"))?);
    Some(most.saturating_sub(now))
}

/// The number in a file of a group; `None` where there is no such file or it says `max`.
pub fn number(path: &Path) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// The folders of the own group of a controller and of all groups above it, the own one first.
pub fn folders(controller: &str) -> Vec<PathBuf> {
    let read = |name: &str| fs::read_to_string(Path::new("/proc/self").join(name)).unwrap_or_default();
    folders_in(&read("cgroup"), &read("mountinfo"), controller)
}

/// The same from the text of `/proc/self/cgroup` and of `/proc/self/mountinfo`.
fn folders_in(groups: &str, mounts: &str, controller: &str) -> Vec<PathBuf> {
    // `5:pids:/a/b` of the first version, which has a hierarchy for each controller, or several; `0::/a/b` of the second,
    // which has one for all. A machine may have both.
    let groups = || {
        groups.lines().filter_map(|line| {
            let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
            Some((controllers, path))
        })
    };
    let own = groups().find(|(controllers, _)| controllers.split(',').any(|name| name == controller));
    let Some((controllers, group)) = own.or_else(|| groups().find(|(controllers, _)| controllers.is_empty()))
    else {
        return Vec::new();
    };
    let is_ours = |mount: &Mount| match controllers {
        "" => mount.kind == "cgroup2",
        _ => mount.kind == "cgroup" && mount.options.split(',').any(|option| option == controller),
    };
    let mount = mounts.lines().filter_map(Mount::read).find(is_ours);
    mount.map_or_else(Vec::new, |mount| ancestors(&mount.point, &mount.root, group))
}

/// What is mounted, and where.
struct Mount<'a> {
    /// The folder of the file system that is seen at the mount point.
    root: String,
    point: PathBuf,
    kind: &'a str,
    options: &'a str,
}

impl<'a> Mount<'a> {
    /// A line: `36 35 98:0 ROOT POINT rw,noatime shared:1 - KIND SOURCE OPTIONS`.
    fn read(line: &'a str) -> Option<Self> {
        let (place, system) = line.split_once(" - ")?;
        let mut place = place.split(' ').skip(3);
        let (root, point) = (unescaped(place.next()?), unescaped(place.next()?).into());
        let mut system = system.split(' ');
        Some(Self { root, point, kind: system.next()?, options: system.nth(1)? })
    }
}

/// A path in which the kernel has written a space as `\040`, and so on.
fn unescaped(path: &str) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .iter()
        .fold(path.into(), |path: String, (escape, character)| path.replace(escape, character))
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

    fn paths(names: &[&str]) -> Vec<PathBuf> {
        names.iter().map(PathBuf::from).collect()
    }

    #[test]
    fn the_groups_above_are_those_up_to_the_mount_also_where_that_is_in_the_middle() {
        let of = |root, group| ancestors(Path::new("/sys/fs/cgroup"), root, group);
        assert_eq!(of("/", "/"), paths(&["/sys/fs/cgroup"]));
        assert_eq!(of("/", "/a/b"), paths(&["/sys/fs/cgroup/a/b", "/sys/fs/cgroup/a", "/sys/fs/cgroup"]));
        assert_eq!(of("/docker/7", "/docker/7/a"), paths(&["/sys/fs/cgroup/a", "/sys/fs/cgroup"]));
    }

    #[test]
    fn each_version_is_found_where_it_is_mounted_and_the_first_one_comes_first() {
        let mounts = "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n\
                      32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu,cpuacct\n\
                      33 31 0:30 /docker/7 /my\\040groups rw,relatime shared:1 - cgroup cgroup rw,pids\n\
                      34 31 0:31 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate\n";
        let groups = "8:pids:/docker/7/a\n7:cpu,cpuacct:/\n1:name=systemd:/\n0::/user\n";
        let of = |controller| folders_in(groups, mounts, controller);
        assert_eq!(of("pids"), paths(&["/my groups/a", "/my groups"]));
        assert_eq!(of("cpu"), paths(&["/sys/fs/cgroup/cpu"]));
        let unified = paths(&["/sys/fs/cgroup/unified/user", "/sys/fs/cgroup/unified"]);
        assert_eq!(of("memory"), unified, "what the first version has not");
        assert_eq!(folders_in("", mounts, "pids"), paths(&[]));
        assert_eq!(folders_in(groups, "", "pids"), paths(&[]));
        assert_eq!(folders_in("rubbish\n::\n", "- - -\n", "pids"), paths(&[]));
    }

    #[test]
    fn there_is_as_much_room_as_the_limit_leaves_and_no_limit_is_none() {
        let group = tempfile::tempdir().unwrap();
        let room = |most: &str, now: &str| {
            fs::write(group.path().join("pids.max"), most).unwrap();
            fs::write(group.path().join("pids.current"), now).unwrap();
            room_in(group.path())
        };
        assert_eq!(room("200\n", "50\n"), Some(150));
        assert_eq!(room("200\n", "250\n"), Some(0));
        assert_eq!(room("max\n", "50\n"), None);
        assert_eq!(room_in(Path::new("/nowhere")), None);
    }
}
