//! When the messages of a load begin.

use super::error::{LoadError, MOST_MESSAGES};
use super::spec::Load;

const NS_PER_S: u128 = 1_000_000_000;

/// When messages begin. Message `i` of the schedule goes to connection `i % connections`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// Closed loop: the schedule holds the first message of each connection, due at once; every
    /// other one follows the answer to the one before.
    Closed {
        /// How many connections there are.
        scheduled: u64,
    },
    /// Open loop: the schedule holds every message, whatever becomes of those before.
    Open {
        /// How many messages are due before the duration is over.
        scheduled: u64,
        /// Messages a second.
        rate: u64,
    },
}

impl Pace {
    pub fn of(load: &Load) -> Result<Self, LoadError> {
        let rate = load.rate_per_second;
        if rate == 0 {
            return Ok(Self::Closed { scheduled: load.connections });
        }
        let messages = (u128::from(load.duration_ns) * u128::from(rate)).div_ceil(NS_PER_S);
        match u64::try_from(messages) {
            Ok(scheduled) if scheduled <= MOST_MESSAGES => Ok(Self::Open { scheduled, rate }),
            _ => Err(LoadError::TooMany),
        }
    }

    /// When message `index` of the schedule is due, nanoseconds from the start; `None` when the
    /// schedule does not hold it.
    pub fn due_ns(self, index: u64) -> Option<u64> {
        match self {
            Self::Closed { scheduled } => (index < scheduled).then_some(0),
            Self::Open { scheduled, rate } => {
                let due = || u128::from(index) * NS_PER_S / u128::from(rate);
                (index < scheduled).then(due).and_then(|due| u64::try_from(due).ok())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use super::*;

    fn pace(rate_per_second: u64, duration_ns: u64) -> Result<Pace, LoadError> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        Pace::of(&Load { connections: 3, rate_per_second, duration_ns, ..Load::closed(address) })
    }

    #[test]
    fn messages_are_evenly_spaced_without_drift_and_end_before_the_duration_does() {
        for (rate, duration_ns, due) in [
            (1000, 2_500_000, [Some(0), Some(1_000_000), Some(2_000_000), None]),
            // A rate that does not divide a second.
            (3, 2_000_000_000, [Some(0), Some(333_333_333), Some(666_666_666), Some(1_000_000_000)]),
            // A closed loop begins with one message for each of the three connections.
            (0, 1, [Some(0), Some(0), Some(0), None]),
        ] {
            let pace = pace(rate, duration_ns).unwrap();
            assert_eq!([0, 1, 2, 3].map(|index| pace.due_ns(index)), due, "{pace:?}");
        }
    }

    #[test]
    fn more_messages_than_can_be_kept_are_refused() {
        assert!(matches!(pace(u64::MAX, u64::MAX), Err(LoadError::TooMany)));
    }
}
