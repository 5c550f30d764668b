//! Instructions, cycles and misses of a process, counted by the processor and read from outside.
//!
//! The counters are opened as that of system calls is ([`trace`](crate::trace)), for user space alone: how many instructions
//! the kernel takes depends on what else it has to do. A processor has few counters, and where others want them as well the
//! kernel lends each for a part of the time. What was counted in a part of the time is an estimate, and no count: it is
//! left out, so that the numbers that are there are exact.

use std::io;

use perf_event::events::Hardware as Event;
use perf_event::{Builder, CountAndTime, Counter};
use rustix::io::Errno;

use crate::trace::{Forbidden, paranoid};

/// In the order of the fields of [`Events`].
const EVENTS: [Event; 4] =
    [Event::INSTRUCTIONS, Event::CPU_CYCLES, Event::CACHE_MISSES, Event::BRANCH_MISSES];

/// The counters of the processor.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(test, derive(Default))]
pub struct Hardware(());

/// What was counted; what the processor does not count, or did not count all the time, is absent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Events {
    pub instructions: Option<u64>,
    pub cycles: Option<u64>,
    pub cache_misses: Option<u64>,
    pub branch_misses: Option<u64>,
}

impl Hardware {
    /// Counts a few instructions of this thread: some machines let a counter be opened that never counts.
    pub fn new() -> Result<Self, Forbidden> {
        let own = || {
            Builder::new(Event::INSTRUCTIONS)
                .observe_self()
                .any_cpu()
                .enabled(true)
                .build()?
                .read_count_and_time()
        };
        match own() {
            Ok(seen) if seen.count > 0 => Ok(Self(())),
            Ok(_) => Err(Forbidden::because(format!(
                "the processor's counter of instructions stands still; {NONE_HERE}"
            ))),
            Err(error) => Err(Forbidden::because(why_not(&error))),
        }
    }

    /// Counters for the processes that this thread starts from now on; drop them before starting one that is not to be
    /// counted.
    pub fn open(self) -> io::Result<HardwareCounter> {
        let [instructions, cycles, cache_misses, branch_misses] = EVENTS.map(open_if_there);
        let counters = [instructions?, cycles?, cache_misses?, branch_misses?];
        Ok(HardwareCounter { counters, at_begin: [None; EVENTS.len()] })
    }
}

/// How to go on where the processor counts nothing.
const NONE_HERE: &str =
    "most virtual machines have none; install valgrind, which counts instructions without them";

fn why_not(error: &io::Error) -> String {
    let remedy = match Errno::from_io_error(error) {
        Some(Errno::ACCESS | Errno::PERM) => format!(
            " (kernel.perf_event_paranoid = {}); run as root, or sysctl -w kernel.perf_event_paranoid=2; in a container, \
             allow perf_event_open",
            paranoid()
        ),
        _ => format!("; {NONE_HERE}"),
    };
    format!("perf_event_open of a hardware counter: {error}{remedy}")
}

/// A counter of an event; none where the processor has no such event.
fn open_if_there(event: Event) -> io::Result<Option<Counter>> {
    let opened = Builder::new(event).observe_self().any_cpu().inherit(true).enable_on_exec(true).build();
    match opened {
        Ok(counter) => Ok(Some(counter)),
        Err(error) => match Errno::from_io_error(&error) {
            Some(Errno::NOENT | Errno::NODEV | Errno::OPNOTSUPP) => Ok(None),
            _ => Err(error),
        },
    }
}

/// Counts the events of one process and its descendants.
pub struct HardwareCounter {
    counters: [Option<Counter>; EVENTS.len()],
    at_begin: Readings,
}

type Readings = [Option<CountAndTime>; EVENTS.len()];

impl HardwareCounter {
    /// Counts from now on.
    pub fn begin(&mut self) -> io::Result<()> {
        self.at_begin = self.read()?;
        Ok(())
    }

    /// What was counted since it began.
    pub fn end(&mut self) -> io::Result<Events> {
        let now = self.read()?;
        let counted = |event: usize| counted(self.at_begin[event]?, now[event]?);
        let [instructions, cycles, cache_misses, branch_misses] = std::array::from_fn(counted);
        Ok(Events { instructions, cycles, cache_misses, branch_misses })
    }

    fn read(&mut self) -> io::Result<Readings> {
        let mut readings = [None; EVENTS.len()];
        for (reading, counter) in readings.iter_mut().zip(&mut self.counters) {
            *reading = counter.as_mut().map(Counter::read_count_and_time).transpose()?;
        }
        Ok(readings)
    }
}

/// What was counted between two readings; nothing where the counter was not there all the time.
fn counted(then: CountAndTime, now: CountAndTime) -> Option<u64> {
    let wanted = now.time_enabled.checked_sub(then.time_enabled)?;
    let there = now.time_running.checked_sub(then.time_running)?;
    if there > 0 && there == wanted { now.count.checked_sub(then.count) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_that_was_lent_to_others_for_a_while_gives_no_number() {
        let reading = |count, time_enabled, time_running| CountAndTime { count, time_enabled, time_running };
        assert_eq!(counted(reading(10, 5, 5), reading(110, 25, 25)), Some(100));
        // Before it began it may have been.
        assert_eq!(counted(reading(10, 9, 5), reading(110, 29, 25)), Some(100));
        for lent in [reading(110, 25, 24), reading(10, 25, 5), reading(10, 5, 5), reading(0, 4, 4)] {
            assert_eq!(counted(reading(10, 5, 5), lent), None, "{lent:?}");
        }
    }

    #[test]
    fn a_machine_without_counters_says_how_to_count_all_the_same() {
        for (errno, words) in
            [(Errno::NOENT, "install valgrind"), (Errno::ACCESS, "kernel.perf_event_paranoid=2")]
        {
            let reason = why_not(&errno.into());
            assert!(reason.contains(words), "{reason}");
        }
    }
}
