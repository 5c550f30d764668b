//! Memory of a runner, read from outside at its checkpoints.
//!
//! It comes from `/proc/<pid>`, which works for any language and is out of the runner's reach. It
//! does not come from `ru_maxrss`, which survives exec: it reports the parent where the parent was
//! larger.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::sync::LazyLock;

use procfs::process::Process;
use procfs::sys::kernel::Version;
use procfs::{Current, Meminfo};
use rustix::process::Pid;

/// Memory of a process at one moment, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Resident now.
    pub resident: u64,
    /// Most ever resident (`VmHWM`).
    pub resident_peak: u64,
    /// Virtual now.
    pub virtual_now: u64,
    /// Most ever virtual (`VmPeak`).
    pub virtual_peak: u64,
    /// Threads alive now.
    pub threads: u64,
    /// Memory of the kernel now, of the whole machine; see [`kernel`].
    pub kernel: Option<u64>,
}

/// Reads the memory of a process that waits; `None` when it has ended.
///
/// `VmRSS` is exact from Linux 6.17 on. Before, its counter is kept per CPU and may be wrong by some hundred KiB, which is
/// what a thousand tasks of tokio need; there resident memory is taken from `smaps_rollup`, where that can be read. To
/// read it takes longer, as the kernel walks through all pages: where we did so right before `go`, what followed took
/// longer too.
pub fn read(pid: u32) -> Option<Memory> {
    const KIB: u64 = 1024;
    let process = Process::new(i32::try_from(pid).ok()?).ok()?;
    let status = process.status().ok()?;
    let counted = status.vmrss? * KIB;
    let resident = if is_counted_exactly() { counted } else { rollup(pid).unwrap_or(counted) };
    Some(Memory {
        resident,
        // The error of that counter must not make a peak lower than what was seen.
        resident_peak: (status.vmhwm? * KIB).max(resident),
        virtual_now: status.vmsize? * KIB,
        virtual_peak: status.vmpeak? * KIB,
        threads: status.threads,
        kernel: kernel(),
    })
}

/// Memory that the kernel keeps for processes, bytes: stacks of threads, page tables, and slabs
/// that cannot be reclaimed (task structures, descriptors, rings). It is that of the whole machine,
/// so that only the difference between two moments on a quiet machine means anything.
pub fn kernel() -> Option<u64> {
    let memory = Meminfo::current().ok()?;
    Some(memory.kernel_stack? + memory.page_tables? + memory.s_unreclaim?)
}

/// How many processes the kernel has killed for want of memory, on the whole machine.
pub fn out_of_memory_kills() -> Option<u64> {
    let counts = fs::read_to_string("/proc/vmstat").ok()?;
    counts.lines().find_map(|line| line.strip_prefix("oom_kill "))?.trim().parse().ok()
}

/// Resident memory of a process, bytes, read in the cheapest way.
pub fn resident(pid: u32) -> Option<u64> {
    let statm = fs::read_to_string(format!("/proc/{pid}/statm")).ok()?;
    let pages: u64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * procfs::page_size())
}

/// Resident memory of these processes and of all that descend from them, bytes.
pub fn resident_of_trees(roots: &[Pid]) -> u64 {
    let roots: Vec<i32> = roots.iter().map(|root| root.as_raw_nonzero().get()).collect();
    let resident = |pid: i32| u32::try_from(pid).ok().and_then(resident).unwrap_or(0);
    descendants(&roots).into_iter().map(resident).sum()
}

/// These processes and all that descend from them now.
pub(crate) fn descendants(roots: &[i32]) -> HashSet<i32> {
    let mut parents: HashMap<i32, Vec<i32>> = HashMap::new();
    for process in procfs::process::all_processes().into_iter().flatten().flatten() {
        if let Ok(stat) = process.stat() {
            parents.entry(stat.ppid).or_default().push(stat.pid);
        }
    }
    let mut open = roots.to_vec();
    let mut seen = HashSet::new();
    while let Some(pid) = open.pop() {
        if seen.insert(pid) {
            open.extend(parents.get(&pid).into_iter().flatten());
        }
    }
    seen
}

/// Whether the kernel adds up what is counted per CPU when it tells `VmRSS`.
fn is_counted_exactly() -> bool {
    static ANSWER: LazyLock<bool> =
        LazyLock::new(|| Version::current().is_ok_and(|version| (version.major, version.minor) >= (6, 17)));
    *ANSWER
}

fn rollup(pid: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Rss:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_megabyte_touched_is_a_megabyte_resident() {
        const SIZE: usize = 64 << 20;
        let before = read(std::process::id()).unwrap();
        let block = std::hint::black_box(vec![1u8; SIZE]);
        let after = read(std::process::id()).unwrap();
        let grown = after.resident - before.resident;
        assert!(grown.abs_diff(SIZE as u64) < 8 << 20, "grew by {grown}");
        assert!(after.resident_peak >= after.resident);
        assert!(resident(std::process::id()).unwrap() > SIZE as u64);
        // Both ways to read it agree; other tests of this process allocate meanwhile.
        let walked = rollup(std::process::id()).unwrap();
        assert!(after.resident.abs_diff(walked) < 8 << 20, "{} and {walked}", after.resident);
        drop(block);
    }

    #[test]
    fn a_process_that_is_gone_has_no_memory() {
        assert_eq!(read(u32::MAX), None);
    }
}
