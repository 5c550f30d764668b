//! Who is killed.

use crate::processes::Found;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Victim {
    /// The lab itself.
    Lab,
    /// A runner, or a process that it has started.
    Runner,
    /// The process opposite a runtime.
    Peer,
}

impl Victim {
    pub const ALL: [Self; 3] = [Self::Lab, Self::Runner, Self::Peer];

    /// Who is killed in the scenario of this number, and how many before it had the same.
    pub fn of(scenario: u64) -> (Self, u64) {
        match scenario % 8 {
            7 => (Self::Peer, scenario / 8),
            odd @ (1 | 3 | 5) => (Self::Runner, scenario / 8 * 3 + odd / 2),
            _ => (Self::Lab, scenario / 2),
        }
    }

    /// How often, of so many kills: half of all it is the lab, and a quarter of the other half peers.
    pub fn share(self, kills: u64) -> u64 {
        match self {
            Self::Lab => kills / 2,
            Self::Peer => kills / 8,
            Self::Runner => kills - kills / 2 - kills / 8,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Lab => "lab",
            Self::Runner => "runner",
            Self::Peer => "peer",
        }
    }

    /// Whether a process that the lab has started is one.
    pub fn is(self, found: &Found) -> bool {
        match self {
            Self::Lab => false,
            Self::Runner => found.is_of_a_runner(),
            Self::Peer => found.is_peer(),
        }
    }
}
