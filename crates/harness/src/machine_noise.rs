//! What other processes and the hypervisor take from the machine during a trial.
//!
//! These are clocks of the whole machine, in the kernel's ticks (usually 10 ms): coarse, but out of
//! the runner's reach. They are read just before a trial begins and after its runner has been
//! reaped, so that no measurement contains the reading.

use std::fs;

use procfs::process::Process;
use procfs::{CurrentSI, KernelStats, ticks_per_second};
use results::TrialRow;

use crate::control_group;

/// Clocks of the machine at one moment, ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MachineClocks {
    /// Taken from this machine's CPUs by a hypervisor, since boot; `None` where the kernel has no
    /// such column.
    steal: Option<u64>,
    /// Periods in which our control groups had used up their quota of CPU time; `None` where none counts.
    throttled: Option<u64>,
    /// Time that the CPUs were busy, since boot.
    busy: u64,
    /// CPU time of this process and of its children that were reaped.
    ours: u64,
}

impl MachineClocks {
    /// The clocks now; `None` where `/proc` cannot be read.
    pub fn read() -> Option<Self> {
        let total = KernelStats::current().ok()?.total;
        let interrupts = total.irq.unwrap_or(0) + total.softirq.unwrap_or(0);
        let this = Process::myself().ok()?.stat().ok()?;
        let children = u64::try_from(this.cutime + this.cstime).unwrap_or(0);
        Some(Self {
            steal: total.steal,
            throttled: control_group::throttled_periods(),
            // The time of users includes that of guests.
            busy: total.user + total.nice + total.system + interrupts,
            ours: this.utime + this.stime + children,
        })
    }

    /// Enters into a trial's row what others took between two readings. Where our own time is
    /// longer than that of all CPUs, by rounding, others took 0.
    pub fn record(before: Option<Self>, after: Option<Self>, sample: &mut TrialRow) {
        let Some((before, after)) = before.zip(after) else { return };
        let passed =
            |now: Option<u64>, then| now.zip(then).map(|(now, then): (u64, u64)| now.saturating_sub(then));
        sample.steal_ns = passed(after.steal, before.steal).map(nanoseconds);
        sample.throttled_periods = passed(after.throttled, before.throttled);
        let busy = after.busy.saturating_sub(before.busy);
        let ours = after.ours.saturating_sub(before.ours);
        sample.other_processes_cpu_ns = Some(nanoseconds(busy.saturating_sub(ours)));
        sample.cpu_khz = frequency();
    }

    /// Whether the kernel counts stolen time.
    pub fn knows_steal(self) -> bool {
        self.steal.is_some()
    }
}

/// Mean frequency of the CPUs now, kHz; `None` where it cannot be read, as on most virtual
/// machines.
pub fn frequency() -> Option<u64> {
    let current = |cpu: u32| -> Option<u64> {
        let path = format!("/sys/devices/system/cpu/cpu{cpu}/cpufreq/scaling_cur_freq");
        fs::read_to_string(path).ok()?.trim().parse().ok()
    };
    let known: Vec<u64> = (0..).map_while(current).collect();
    (!known.is_empty()).then(|| known.iter().sum::<u64>() / known.len() as u64)
}

fn nanoseconds(ticks: u64) -> u64 {
    ticks.saturating_mul(1_000_000_000 / ticks_per_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(before: MachineClocks, after: MachineClocks) -> TrialRow {
        let mut sample = TrialRow::default();
        MachineClocks::record(Some(before), Some(after), &mut sample);
        sample
    }

    #[test]
    fn others_are_what_was_busy_and_not_ours() {
        let before = MachineClocks { steal: Some(5), throttled: Some(1), busy: 100, ours: 40 };
        let after = MachineClocks { steal: Some(7), throttled: Some(4), busy: 160, ours: 70 };
        let sample = noted(before, after);
        assert_eq!(sample.throttled_periods, Some(3));
        assert_eq!(sample.steal_ns, Some(nanoseconds(2)));
        assert_eq!(sample.other_processes_cpu_ns, Some(nanoseconds(30)));
    }

    #[test]
    fn rounding_makes_no_negative_others_and_what_is_not_known_is_empty() {
        let before = MachineClocks { steal: None, throttled: None, busy: 100, ours: 40 };
        let sample = noted(before, MachineClocks { ours: 45, ..before });
        assert_eq!((sample.steal_ns, sample.other_processes_cpu_ns), (None, Some(0)));
        let mut unseen = TrialRow::default();
        MachineClocks::record(None, Some(before), &mut unseen);
        assert_eq!(unseen, TrialRow::default());
    }

    #[test]
    fn this_machine_has_the_clocks_and_they_only_go_forward() {
        let (first, second) = (MachineClocks::read().unwrap(), MachineClocks::read().unwrap());
        assert!(second.busy >= first.busy && second.ours >= first.ours && first.busy > 0);
    }
}
