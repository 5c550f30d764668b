//! What a load sends: bytes that are computed from their position, so that none need be kept for
//! comparing.

use crate::secret::Secret;

/// Sets words of a message apart: 2^64 divided by the golden ratio, so that they repeat nowhere.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// The streams of all connections. A stream is messages of equal length one after another; a
/// message is its stamp, which no other message of the load has, then words made from it,
/// little-endian.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pattern {
    /// Makes the stamps, so that no server can send what has not come yet.
    pub secret: Secret,
    /// Bytes of a message.
    pub message_bytes: u64,
}

impl Pattern {
    /// Writes into `bytes` what stands in the stream of a connection from byte `place` on.
    pub fn fill(&self, connection: u64, mut place: u64, mut bytes: &mut [u8]) {
        while !bytes.is_empty() {
            let (sequence, offset) = (place / self.message_bytes, place % self.message_bytes);
            let left = usize::try_from(self.message_bytes - offset).unwrap_or(usize::MAX);
            let (part, rest) = bytes.split_at_mut(left.min(bytes.len()));
            fill_message(self.stamp(connection, sequence), offset, part);
            place += part.len() as u64;
            bytes = rest;
        }
    }

    fn stamp(&self, connection: u64, sequence: u64) -> u64 {
        self.secret.number((connection << 32) ^ sequence)
    }
}

/// Writes a part of a message, from byte `offset` of it on.
fn fill_message(stamp: u64, offset: u64, part: &mut [u8]) {
    let word = |number: u64| stamp.wrapping_add(number.wrapping_mul(STEP)).to_le_bytes();
    let (first, skipped) = (offset / 8, usize::try_from(offset % 8).expect("below eight"));
    let (head, body) = part.split_at_mut(if skipped == 0 { 0 } else { part.len().min(8 - skipped) });
    head.copy_from_slice(&word(first)[skipped..skipped + head.len()]);
    let first = first + u64::from(skipped != 0);
    let mut words = body.chunks_exact_mut(8);
    let mut number = first;
    for bytes in &mut words {
        bytes.copy_from_slice(&word(number));
        number += 1;
    }
    let tail = words.into_remainder();
    tail.copy_from_slice(&word(number)[..tail.len()]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_the_same_however_it_is_cut() {
        for message_bytes in [8, 13, 64, 100] {
            let pattern = Pattern { secret: Secret::KNOWN, message_bytes };
            let mut whole = [0; 500];
            pattern.fill(3, 0, &mut whole);
            for size in 1..60 {
                let mut parts = [0; 500];
                for (number, part) in parts.chunks_mut(size).enumerate() {
                    pattern.fill(3, (number * size) as u64, part);
                }
                assert!(whole == parts, "messages of {message_bytes} in parts of {size}");
            }
        }
    }

    #[test]
    fn messages_differ_from_each_other_and_within() {
        let pattern = Pattern { secret: Secret::KNOWN, message_bytes: 32 };
        let mut streams = [0; 640];
        let (one, other) = streams.split_at_mut(320);
        pattern.fill(0, 0, one);
        pattern.fill(1, 0, other);
        let mut words: Vec<_> = streams.chunks(8).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), 80);
    }
}
