//! Blocks of a file.

use runner::{Round, Tally, workload};

use super::Floor;
use crate::blocks::{self, Block};

/// Through the page cache a read is a copy, which no second one can speed up on one thread: one task
/// after another, all through one handle. Past it, see [`Ring`](super::ring::Ring).
pub fn file_read(floor: &mut Floor, round: &'static Round) -> Tally {
    if let Some(ring) = &mut floor.ring {
        return ring.read(round);
    }
    let file = blocks::open(round.file(), workload::io::CACHED).expect("the file of the job");
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
