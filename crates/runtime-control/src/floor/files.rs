//! Blocks of a file.

use runner::{Block, Round, Tally};

use super::ring::Ring;
use crate::blocks;

/// Through the page cache a read is a copy, which no second one can speed up on one thread: one
/// task after another, all through one handle. Past it, see [`Ring`].
pub fn file_read(ring: Option<&mut Ring>, round: &'static Round) -> Tally {
    if let Some(ring) = ring {
        return ring.read(round);
    }
    let file = blocks::open(round).expect("the file of the job");
    let mut block = Block::default();
    (0..round.tasks())
        .map(|task| {
            round.begin(task);
            let sum = blocks::read_one_by_one(task, round, &file, &mut block);
            round.finish(task);
            sum
        })
        .collect()
}
