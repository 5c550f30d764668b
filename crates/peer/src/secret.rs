//! What a runner cannot work out: numbers that follow from a key by a keyed hash.
//!
//! `SipHash` (Aumasson and Bernstein, 2012) is made for this: whoever sees some of the numbers learns nothing about
//! the key or about any other number. A mixer such as `splitmix64` would give the key away with the first one.

use std::hash::{BuildHasher, Hasher, RandomState};

use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;

/// A key of 128 bits. It goes to the peer's process, and never to a runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret([u64; 2]);

impl Secret {
    /// A new one, which nobody can guess: the standard library keys its own hash tables so.
    pub fn fresh() -> Self {
        let source = RandomState::new();
        Self([source.hash_one(0), source.hash_one(1)])
    }

    /// The number that follows for this place: a token, the position of a word, a message.
    #[inline]
    pub fn number(&self, place: u64) -> u64 {
        let mut hasher = SipHasher13::new_with_keys(self.0[0], self.0[1]);
        hasher.write_u64(place);
        hasher.finish()
    }
}

#[cfg(test)]
impl Secret {
    /// One that a test knows.
    pub const KNOWN: Self = Self([7, 9]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_depend_on_the_place_and_on_all_of_the_key() {
        let numbers = [
            Secret::KNOWN.number(0),
            Secret::KNOWN.number(1),
            Secret([8, 9]).number(0),
            Secret([7, 8]).number(0),
            Secret::fresh().number(0),
            Secret::fresh().number(0),
        ];
        let mut distinct = numbers.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), numbers.len(), "{numbers:?}");
    }
}
