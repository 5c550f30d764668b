//! Whether this process stood still: stopped by Ctrl-Z, frozen with its control group, or with the whole machine asleep.
//!
//! A trial in which that happened says nothing: its runner went on without us, or was late for no fault of its own. Three
//! signs tell it. A process that was stopped is sent SIGCONT. The clock that counts sleep runs ahead of the one that does
//! not. And a wait that is over far too late, while nothing else had the CPU that we waited for, was no wait.

use std::cell::Cell;
use std::fs;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use signal_hook::consts::SIGCONT;
use signal_hook::flag;

/// How late a wait may be over on a machine that is merely busy; beside the time that we waited for a CPU.
const LATE: Duration = Duration::from_secs(1);

/// How far the two clocks may be apart from one look to the next.
const ASLEEP: Duration = Duration::from_millis(100);

/// Set when this process goes on after it was stopped.
static CONTINUED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

thread_local! {
    /// By how much the waits of this thread were over too late.
    static LATENESS: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// From now on this process notes that it was stopped and continued. Once, at its start.
///
/// # Errors
/// When signals cannot be watched.
pub fn watch() -> io::Result<()> {
    flag::register(SIGCONT, Arc::clone(&CONTINUED)).map(drop)
}

/// Notes how long a wait was to take at most, and how long it took.
pub(crate) fn note_wait(asked: Duration, took: Duration) {
    if let Some(late) = took.checked_sub(asked).filter(|late| *late > LATE) {
        LATENESS.set(LATENESS.get() + late);
    }
}

/// A moment of this thread, from which on we look whether we stood still.
pub(crate) struct Since {
    asleep: Duration,
    late: Duration,
    without_cpu: Duration,
}

impl Since {
    /// This moment.
    pub fn now() -> Self {
        CONTINUED.store(false, Ordering::Relaxed);
        Self { asleep: asleep(), late: LATENESS.get(), without_cpu: without_cpu() }
    }

    /// Whether we stood still since then.
    pub fn stood_still(&self) -> bool {
        let lost = LATENESS.get().saturating_sub(self.late);
        CONTINUED.load(Ordering::Relaxed)
            || asleep().saturating_sub(self.asleep) > ASLEEP
            || (!lost.is_zero() && lost > without_cpu().saturating_sub(self.without_cpu) + LATE)
    }
}

/// How long the machine has been asleep.
fn asleep() -> Duration {
    let since = |clock| {
        let time = clock_gettime(clock);
        Duration::new(time.tv_sec.try_into().unwrap_or(0), time.tv_nsec.try_into().unwrap_or(0))
    };
    let monotonic = since(ClockId::Monotonic);
    since(ClockId::Boottime).saturating_sub(monotonic)
}

/// How long this thread was ready to run and had no CPU; nothing where the kernel does not count it.
fn without_cpu() -> Duration {
    let counts = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let waited = counts.split_whitespace().nth(1).and_then(|ns| ns.parse().ok());
    Duration::from_nanos(waited.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use rustix::process::{Signal, getpid, kill_process};

    use super::*;

    /// One test, as the signs are those of the whole process.
    #[test]
    fn a_stop_and_a_wait_that_lasts_far_too_long_are_noticed_and_only_from_the_moment_that_is_asked_about() {
        watch().unwrap();
        let before = Since::now();
        note_wait(Duration::from_millis(200), Duration::from_millis(900));
        assert!(!before.stood_still(), "a busy machine is no stop");
        kill_process(getpid(), Signal::CONT).unwrap();
        // It may be delivered to another thread, a moment later.
        let sent = Instant::now();
        while !before.stood_still() {
            assert!(sent.elapsed() < Duration::from_secs(30), "the stop is not noticed");
            std::thread::yield_now();
        }

        let since = Since::now();
        assert!(!since.stood_still());
        note_wait(Duration::from_millis(200), Duration::from_secs(3600));
        assert!(since.stood_still());
        assert!(!Since::now().stood_still());
    }
}
