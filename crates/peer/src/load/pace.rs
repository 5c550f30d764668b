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
    fn an_open_loop_is_evenly_spaced_and_ends_before_the_duration_does() {
        let pace = pace(1000, 2_500_000).unwrap();
        let due: Vec<_> = (0..4).map(|index| pace.due_ns(index)).collect();
        assert_eq!(due, [Some(0), Some(1_000_000), Some(2_000_000), None]);
    }

    #[test]
    fn the_spacing_does_not_drift_where_the_rate_does_not_divide_a_second() {
        let pace = pace(3, 2_000_000_000).unwrap();
        assert_eq!(pace.due_ns(1), Some(333_333_333));
        assert_eq!(pace.due_ns(3), Some(1_000_000_000));
    }

    #[test]
    fn a_closed_loop_begins_with_one_message_a_connection() {
        let pace = pace(0, 1).unwrap();
        assert_eq!([pace.due_ns(0), pace.due_ns(2), pace.due_ns(3)], [Some(0), Some(0), None]);
    }

    #[test]
    fn more_messages_than_can_be_kept_are_refused() {
        assert!(matches!(pace(u64::MAX, u64::MAX), Err(LoadError::TooMany)));
    }
}
