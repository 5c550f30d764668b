//! The control groups that this process is in, of both versions: what they and all above them allow.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use protocol::control_group::{folders, number};

/// In the first version of control groups "no limit" is a number near 2⁶³.
const NO_LIMIT: u64 = 1 << 62;

/// Memory that the control groups allow, bytes: the least of the own one and all above it; `None` where none is limited.
pub fn memory_limit() -> Option<u64> {
    least(&folders("memory"), &["memory.max", "memory.limit_in_bytes"])
}

/// How many CPUs the control groups let their processes use on the average, the least of all; `None` where there is no quota.
pub fn cpu_quota() -> Option<f64> {
    folders("cpu").iter().filter_map(|folder| quota_of(folder)).min_by(f64::total_cmp)
}

/// What a group says: `50000 100000` of the second version; of the first, two files, and −1 for none.
fn quota_of(folder: &Path) -> Option<f64> {
    let text = |name: &str| fs::read_to_string(folder.join(name)).ok();
    let (quota, period) = match text("cpu.max") {
        Some(both) => both.split_once(' ').map(|(quota, period)| (quota.to_string(), period.to_string()))?,
        None => (text("cpu.cfs_quota_us")?, text("cpu.cfs_period_us")?),
    };
    let (quota, period): (u64, u64) = (quota.trim().parse().ok()?, period.trim().parse().ok()?);
    (period > 0).then(|| quota as f64 / period as f64)
}

/// In how many periods so far the own group, or one above it, had used up its quota, so that its processes stood still;
/// `None` where the kernel does not count.
pub fn throttled_periods() -> Option<u64> {
    static FOLDERS: OnceLock<Vec<PathBuf>> = OnceLock::new();
    let counts = FOLDERS.get_or_init(|| folders("cpu")).iter().filter_map(|folder| throttled_of(folder));
    counts.reduce(|sum, count| sum + count)
}

fn throttled_of(folder: &Path) -> Option<u64> {
    let counts = fs::read_to_string(folder.join("cpu.stat")).ok()?;
    counts.lines().find_map(|line| line.strip_prefix("nr_throttled "))?.trim().parse().ok()
}

/// The least number in any of these files of the folders.
fn least(folders: &[PathBuf], names: &[&str]) -> Option<u64> {
    let paths = folders.iter().flat_map(|folder| names.iter().map(|name| folder.join(name)));
    paths.filter_map(|path| number(&path)).filter(|limit| *limit < NO_LIMIT).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotas_and_throttled_periods_are_read_of_both_versions() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        assert_eq!((quota_of(folder.path()), throttled_of(folder.path())), (None, None));
        write("cpu.cfs_quota_us", "-1\n");
        write("cpu.cfs_period_us", "100000\n");
        write("cpu.stat", "nr_periods 91\nnr_throttled 84\nthrottled_time 12345\n");
        assert_eq!((quota_of(folder.path()), throttled_of(folder.path())), (None, Some(84)));
        write("cpu.cfs_quota_us", "50000\n");
        assert_eq!(quota_of(folder.path()), Some(0.5));
        write("cpu.max", "max 100000\n");
        assert_eq!(quota_of(folder.path()), None);
        write("cpu.max", "150000 100000\n");
        write("cpu.stat", "usage_usec 1\n");
        assert_eq!((quota_of(folder.path()), throttled_of(folder.path())), (Some(1.5), None));
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
