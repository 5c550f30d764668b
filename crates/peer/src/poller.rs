//! The epoll that origin and load share: edges, keys, and waits to the nanosecond.

use std::io;
use std::num::NonZeroU64;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, Event, EventData, EventFlags};
use rustix::io::Errno;
use rustix::thread::{current_timer_slack, set_current_timer_slack};

/// The most events that one wait brings.
const BATCH: usize = 256;

/// After one of these flags the other side will send no more: read on to the end.
pub(crate) const ENDING: EventFlags = EventFlags::RDHUP.union(EventFlags::HUP).union(EventFlags::ERR);

/// An epoll whose events carry the key of what they are about.
pub(crate) struct Poller {
    epoll: OwnedFd,
}

impl Poller {
    pub fn new() -> io::Result<Self> {
        Ok(Self { epoll: epoll::create(epoll::CreateFlags::CLOEXEC)? })
    }

    /// Room for the events of one [`wait`](Self::wait).
    pub fn events() -> Vec<Event> {
        Vec::with_capacity(BATCH)
    }

    /// Reports each change of the state of `fd` once, and the state it has now. A file that is
    /// closed is no longer watched.
    pub fn watch(&self, fd: impl AsFd, key: u64, what: EventFlags) -> io::Result<()> {
        Ok(epoll::add(&self.epoll, fd, EventData::new_u64(key), what | EventFlags::ET)?)
    }

    /// Fills `events` with what happens within `timeout`, which `None` makes endless; a signal may
    /// end the wait early, with no events.
    pub fn wait(&self, events: &mut Vec<Event>, timeout: Option<Duration>) -> io::Result<()> {
        events.clear();
        // A time too long for the kernel is no limit.
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        match epoll::wait(&self.epoll, spare_capacity(events), timeout.as_ref()) {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Makes the waits of this thread end when they are due, for as long as it lives. By default the
/// kernel may be 50 µs late, to save wake-ups.
pub(crate) struct SharpTimers {
    slack_before: Option<NonZeroU64>,
}

impl SharpTimers {
    pub fn set() -> io::Result<Self> {
        let slack_before = NonZeroU64::new(current_timer_slack()?);
        set_current_timer_slack(NonZeroU64::new(1))?;
        Ok(Self { slack_before })
    }
}

impl Drop for SharpTimers {
    fn drop(&mut self) {
        let _ = set_current_timer_slack(self.slack_before);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// The shortest of many waits: one is on time even on a busy machine.
    fn shortest_wait(timeout: Duration) -> Duration {
        let poller = Poller::new().unwrap();
        let waited = || {
            let start = Instant::now();
            poller.wait(&mut Poller::events(), Some(timeout)).unwrap();
            start.elapsed()
        };
        (0..50).map(|_| waited()).min().unwrap()
    }

    #[test]
    fn a_wait_is_never_too_short_and_not_rounded_up_to_milliseconds() {
        let _sharp = SharpTimers::set().unwrap();
        let (fifth, whole) = (Duration::from_micros(200), Duration::from_millis(1));
        let (short, long) = (shortest_wait(fifth), shortest_wait(whole));
        assert!(short >= fifth && long >= whole, "{short:?}, {long:?}");
        assert!(2 * short < long, "{short:?}, {long:?}");
    }

    #[test]
    fn the_slack_that_was_comes_back() {
        let before = current_timer_slack().unwrap();
        drop(SharpTimers::set().unwrap());
        assert_eq!(current_timer_slack().unwrap(), before);
    }
}
