//! What the workload used, from inside the process.
//!
//! `getrusage(RUSAGE_SELF)` includes the threads that have ended, which nothing under `/proc` does
//! for context switches.

use std::alloc::System;
use std::time::Duration;

use nix::sys::resource::{Usage as Counters, UsageWho, getrusage};
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
    counters: Counters,
    allocations: Option<Stats>,
}

impl Reading {
    /// Reads all counters now.
    pub(crate) fn take(allocations: Allocations) -> Self {
        Self {
            counters: getrusage(UsageWho::RUSAGE_SELF).expect("getrusage of the process itself cannot fail"),
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
        let used = |of: fn(&Counters) -> u64| Some(of(&self.counters) - of(&earlier.counters));
        Usage {
            cpu_user_ns: used(|counters| nanoseconds(counters.user_time())),
            cpu_system_ns: used(|counters| nanoseconds(counters.system_time())),
            switches_voluntary: used(|counters| count(counters.voluntary_context_switches())),
            switches_involuntary: used(|counters| count(counters.involuntary_context_switches())),
            faults_minor: used(|counters| count(counters.minor_page_faults())),
            faults_major: used(|counters| count(counters.major_page_faults())),
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
