//! Which numbers an origin is to be asked, and how often it was asked each.

use serde::{Deserialize, Serialize};

/// The tokens that the tasks of a job send, each so often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// The first of them; the others follow it, wrapping.
    pub first: u64,
    /// How many there are.
    pub count: u64,
    /// How often each is sent: once in each round.
    pub times: u64,
}

/// How often each was asked. A number that is none of them is a stranger's: whatever else on this machine connects
/// must not spoil a trial.
pub(super) struct Tally {
    tokens: Tokens,
    asked: Vec<u32>,
}

impl Tally {
    pub fn of(tokens: Tokens) -> Self {
        let count = usize::try_from(tokens.count).expect("the tasks of a job fit into memory");
        Self { tokens, asked: vec![0; count] }
    }

    /// Counts a number that was asked; whether it is one of the tokens.
    pub fn ask(&mut self, number: u64) -> bool {
        let index = usize::try_from(number.wrapping_sub(self.tokens.first)).ok();
        let Some(asked) = index.and_then(|index| self.asked.get_mut(index)) else { return false };
        *asked = asked.saturating_add(1);
        true
    }

    /// How many tokens were asked more or less often than they were to be.
    pub fn uneven(&self) -> u64 {
        self.asked.iter().filter(|&&asked| u64::from(asked) != self.tokens.times).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_is_asked_twice_makes_up_for_no_other() {
        let mut tally = Tally::of(Tokens { first: u64::MAX, count: 3, times: 2 });
        assert_eq!(tally.uneven(), 3);
        for number in [u64::MAX, u64::MAX, 0, 0, 0, 1] {
            assert!(tally.ask(number), "{number}");
        }
        assert_eq!(tally.uneven(), 2);
        assert!(!tally.ask(2) && !tally.ask(u64::MAX - 1), "a stranger's");
        assert_eq!(tally.uneven(), 2);
    }
}
