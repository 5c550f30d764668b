//! The effect of the order of trials: the same number of trials of two runtimes, interleaved in
//! random blocks and one runtime after the other, while another load comes and goes on the machine.

use protocol::Status;
use protocol::proof::splitmix64;
use protocol::wire::SEEDS;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use results::{Order, OrderRow, Pass};

use crate::laboratory::{Execute, run_patiently};
use crate::plan::PlannedCell;
use crate::run::BrokenOff;
use crate::trial::{Interrupted, Place};

/// Runs both orders alternately, so that the state of the machine is the same for both: in each
/// repetition `trials` trials of each of the two cells. A trial that is not `ok` has no makespan.
///
/// # Errors
/// That somebody interrupts, or that the lab's own trouble spoils a trial each time that it is tried.
pub fn compare(
    pair: [&PlannedCell; 2],
    executor: &mut impl Execute,
    repetitions: u32,
    trials: u32,
    seed: u64,
    mut show: impl FnMut(u32),
) -> Result<Vec<OrderRow>, BrokenOff> {
    let mut samples = Vec::new();
    for repetition in 0..repetitions {
        let of_its_own = splitmix64(seed ^ u64::from(repetition));
        for (order, schedule) in
            [(Order::Blocks, in_blocks(trials, of_its_own)), (Order::InTurn, in_turn(trials, of_its_own))]
        {
            for (position, (which, block)) in (0..).zip(schedule) {
                let seed = splitmix64(of_its_own ^ (u64::from(position) << 1 | order as u64)) % SEEDS;
                let place = Place { block, position, ..Place::alone(Pass::Timed, seed) };
                let outcome = run_patiently(executor, pair[which], place);
                let sample = outcome.map_err(|Interrupted| BrokenOff::Interrupted)?.sample;
                if sample.status == Status::LabError {
                    return Err(BrokenOff::Hindered(sample.reason));
                }
                samples.push(OrderRow {
                    repetition,
                    order,
                    runtime: sample.runtime,
                    trial: block,
                    makespan_ns: sample.makespan_ns.filter(|_| sample.status == Status::Ok),
                });
            }
        }
        show(repetition + 1);
    }
    Ok(samples)
}

/// Both cells once a block, in random order: the index of the cell in the pair, and the number of
/// its trial.
fn in_blocks(trials: u32, seed: u64) -> Vec<(usize, u32)> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let block = |block| {
        let mut both = [(0, block), (1, block)];
        both.shuffle(&mut random);
        both
    };
    (0..trials).flat_map(block).collect()
}

/// All trials of one cell and then all of the other; which comes first is random, so that neither
/// is favoured.
fn in_turn(trials: u32, seed: u64) -> Vec<(usize, u32)> {
    let first = usize::from(splitmix64(seed) % 2 == 1);
    [first, 1 - first].into_iter().flat_map(|which| (0..trials).map(move |trial| (which, trial))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Mock, planned};

    #[test]
    fn both_orders_run_each_of_the_two_as_often() {
        let (a, b) = (planned("a", 1), planned("b", 1));
        let samples = compare([&a, &b], &mut Mock::default(), 3, 10, 7, |_| ()).unwrap();
        assert_eq!(samples.len(), 3 * 2 * 2 * 10);
        for order in [Order::Blocks, Order::InTurn] {
            for runtime in [&a.cell.label, &b.cell.label] {
                let count = samples.iter().filter(|s| s.order == order && s.runtime == *runtime).count();
                assert_eq!(count, 30);
            }
        }
    }

    #[test]
    fn in_turn_means_all_of_one_first_and_in_blocks_means_both_in_each() {
        let turns: Vec<usize> = in_turn(4, 7).into_iter().map(|(which, _)| which).collect();
        assert!(turns[..4].iter().all(|which| *which == turns[0]) && turns[4] == 1 - turns[0]);
        let blocks = in_blocks(4, 7);
        assert!(blocks.chunks(2).all(|block| block[0].0 != block[1].0 && block[0].1 == block[1].1));
    }
}
