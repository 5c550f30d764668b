//! CPU time that a hypervisor took from this machine.

use procfs::{CurrentSI, KernelStats, ticks_per_second};

/// Stolen time of all CPUs since boot, nanoseconds, in steps of a clock tick (10 ms as a rule);
/// `None` where the kernel does not say.
pub fn read() -> Option<u64> {
    let ticks = KernelStats::current().ok()?.total.steal?;
    Some(ticks.saturating_mul(1_000_000_000 / ticks_per_second()))
}
