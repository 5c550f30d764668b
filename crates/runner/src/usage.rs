//! What the workload used, from inside the process.
//!
//! `getrusage(RUSAGE_SELF)` includes the threads that have ended, which nothing under `/proc` does
//! for context switches.

use std::alloc::System;
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use protocol::Usage;
use stats_alloc::{Stats, StatsAlloc};

/// Whether this program's allocator counts.
#[derive(Clone, Copy)]
pub enum Allocations {
    /// It does not: counts of allocations stay empty.
    NotCounted,
    /// It does, and this is it.
    Counted(&'static StatsAlloc<System>),
}

/// A reading of all counters at one moment.
#[derive(Clone, Copy)]
pub(crate) struct Reading {
    cpu_user_ns: u64,
    cpu_system_ns: u64,
    switches_voluntary: u64,
    switches_involuntary: u64,
    faults_minor: u64,
    faults_major: u64,
    allocations: Option<Stats>,
}

impl Reading {
    /// Reads all counters now.
    pub(crate) fn take(allocations: Allocations) -> Self {
        let usage = getrusage(UsageWho::RUSAGE_SELF).expect("getrusage of the process itself cannot fail");
        Self {
            cpu_user_ns: nanoseconds(usage.user_time()),
            cpu_system_ns: nanoseconds(usage.system_time()),
            switches_voluntary: count(usage.voluntary_context_switches()),
            switches_involuntary: count(usage.involuntary_context_switches()),
            faults_minor: count(usage.minor_page_faults()),
            faults_major: count(usage.major_page_faults()),
            allocations: match allocations {
                Allocations::NotCounted => None,
                Allocations::Counted(allocator) => Some(allocator.stats()),
            },
        }
    }

    /// What was used between an earlier reading and this one.
    pub(crate) fn since(self, earlier: Self) -> Usage {
        // The order matters: stats_alloc subtracts field by field, and later must come first.
        let heap = self.allocations.zip(earlier.allocations).map(|(now, then)| now - then);
        Usage {
            cpu_user_ns: Some(self.cpu_user_ns - earlier.cpu_user_ns),
            cpu_system_ns: Some(self.cpu_system_ns - earlier.cpu_system_ns),
            switches_voluntary: Some(self.switches_voluntary - earlier.switches_voluntary),
            switches_involuntary: Some(self.switches_involuntary - earlier.switches_involuntary),
            faults_minor: Some(self.faults_minor - earlier.faults_minor),
            faults_major: Some(self.faults_major - earlier.faults_major),
            allocations: heap.map(|heap| heap.allocations as u64),
            deallocations: heap.map(|heap| heap.deallocations as u64),
            reallocations: heap.map(|heap| heap.reallocations as u64),
            // Growth by realloc is in `bytes_allocated` already; adding `bytes_reallocated` would
            // count it twice.
            allocated_bytes: heap.map(|heap| heap.bytes_allocated as u64),
        }
    }
}

fn nanoseconds(time: TimeVal) -> u64 {
    let (seconds, micros) = (count(time.tv_sec()), count(time.tv_usec()));
    u64::try_from((Duration::from_secs(seconds) + Duration::from_micros(micros)).as_nanos())
        .expect("CPU time of a process fits 64 bits")
}

fn count(value: i64) -> u64 {
    u64::try_from(value).expect("the kernel counts from zero")
}

#[cfg(test)]
mod tests {
    use rustix::time::{ClockId, clock_gettime};

    use super::*;

    #[test]
    fn a_thread_that_has_ended_is_counted() {
        let before = Reading::take(Allocations::NotCounted);
        std::thread::spawn(|| {
            // Until the thread itself has had 20 ms of CPU, however long that takes here.
            while clock_gettime(ClockId::ThreadCPUTime).tv_nsec < 20_000_000 {
                std::hint::spin_loop();
            }
        })
        .join()
        .unwrap();
        let usage = Reading::take(Allocations::NotCounted).since(before);
        assert!(usage.cpu_user_ns.unwrap() + usage.cpu_system_ns.unwrap() >= 19_000_000);
        assert_eq!(usage.allocations, None, "nothing counted, nothing claimed");
    }
}
