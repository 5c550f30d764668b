//! The best set: which cells of a group cannot be told from the best of them.
//!
//! The cell that came out first is no answer where several are about equally good: another was first an hour ago, and
//! an interval or a p of the one that was chosen by its own values is too sure of it. A set answers: a cell is left
//! out only where another is shown to be better. The truly best cell, of which the median ratio to no other is above
//! 1, is left out with a probability of at most 5 % ([`SIGNIFICANCE`]), however many cells there are and whatever
//! their distributions, if blocks are independent (S. S. Gupta, "On some multiple decision (selection and ranking)
//! rules", Technometrics 7, 1965).
//!
//! In each block a cell is compared with the *leader*: the cell of the lowest median over the blocks before, itself
//! aside. The leader is known before the block, so that it does not matter how many might have led: were the cell the
//! best, it would do worse than the leader, whichever that is, with a probability of at most 1/2, block by block.
//! Blocks in which it did are counted, and the [sign test](super::sign), in one direction, says whether they are too
//! many. A block in which the leader was not measured says nothing: who is better than the best of some others may still
//! be far from the best of all. The first block only tells who leads. Where each cell is compared with each, all blocks
//! count, but the level has to be divided by the number of others: of 33 cells 6 blocks could decide nothing, and 13 blocks would all have
//! to agree. To choose by some of the data and to test by the rest is old (D. R. Cox, "A note on data-splitting for
//! the evaluation of significance levels", Biometrika 62, 1975; for sets of the best: I. Kim and A. Ramdas, "Locally
//! minimax optimal confidence sets for the best model", arXiv:2503.21639, 2025); here each block but the first does
//! both.

use std::collections::HashMap;

use super::interval::{FEWEST_FOR_MEDIAN, SIGNIFICANCE};
use super::median::median;
use super::sign;

/// PERF: who leads is known well enough after so many blocks.
const MOST_REMEMBERED: usize = 100;

/// What is known of a cell after some blocks.
#[derive(Default, Clone)]
struct Record {
    /// In ascending order.
    past: Vec<f64>,
    compared: Vec<f64>,
}

/// Whether each cell cannot be told from the best; none where it was compared in fewer blocks than five, which with
/// the first make [`FEWEST_FOR_MEDIAN`]: 1/2⁵ < 0.05. Given are the costs of each cell, not below zero, with their
/// blocks: infinite where it failed, NaN where nothing is known. Worse is a cost of more than `factor` times the
/// leader's. Only cells of [`FEWEST_FOR_MEDIAN`] blocks lead others, unless there are none.
pub fn among_best(costs: &[Vec<(u32, f64)>], factor: f64) -> Vec<Option<bool>> {
    let of_cell = |(cell, costs): (usize, &Vec<(u32, f64)>)| {
        costs.iter().map(|&(block, cost)| (block, cell, cost)).collect::<Vec<_>>()
    };
    let mut all: Vec<(u32, usize, f64)> = costs.iter().enumerate().flat_map(of_cell).collect();
    all.sort_by_key(|(block, ..)| *block);
    let mut records = vec![Record::default(); costs.len()];
    let has_enough: Vec<bool> = costs.iter().map(|costs| costs.len() >= FEWEST_FOR_MEDIAN).collect();
    let enough = has_enough.iter().filter(|enough| **enough).count();
    for block in all.chunk_by(|a, b| a.0 == b.0) {
        let here: HashMap<usize, f64> = block.iter().map(|&(_, cell, cost)| (cell, cost)).collect();
        let led = (0..costs.len()).filter(|cell| !records[*cell].past.is_empty());
        let mut leaders: Vec<(f64, usize)> = led.map(|cell| (median(&records[cell].past), cell)).collect();
        leaders.sort_by(|a, b| a.0.total_cmp(&b.0));
        for &(_, cell, cost) in block {
            let is_alone = enough == usize::from(has_enough[cell]);
            let may_lead =
                |other: usize| if is_alone { here.contains_key(&other) } else { has_enough[other] };
            let leader = leaders.iter().find(|(_, other)| *other != cell && may_lead(*other));
            let best = leader.and_then(|(_, leader)| here.get(leader));
            records[cell].compared.extend(best.map(|best| cost - best * factor));
        }
        for &(_, cell, cost) in block {
            let past = &mut records[cell].past;
            if past.len() < MOST_REMEMBERED {
                past.insert(past.partition_point(|other| other.total_cmp(&cost).is_lt()), cost);
            }
        }
    }
    let medians = records.iter().zip(&has_enough).filter(|(_, enough)| **enough);
    let first = medians.map(|(record, _)| record).min_by(|a, b| median(&a.past).total_cmp(&median(&b.past)));
    let verdict = |record: &Record| {
        let known = record.compared.len() + 1 >= FEWEST_FOR_MEDIAN;
        let is_apart = first.is_some_and(|first| is_apart(record, first, factor));
        known.then(|| !is_apart && sign::p_above(&record.compared, 0.0) > SIGNIFICANCE)
    };
    records.iter().map(verdict).collect()
}

/// Whether each value of a cell is worse than each of the first. Of six and six that are alike this is so in one case of
/// 924, so that even among thirty the best is hardly ever left out for it; and no single odd block keeps a cell in the set
/// that costs ten times as much.
fn is_apart(record: &Record, first: &Record, factor: f64) -> bool {
    let is_enough = record.past.len().min(first.past.len()) >= FEWEST_FOR_MEDIAN;
    let ends = record.past.first().zip(first.past.last());
    is_enough && ends.is_some_and(|(least, most)| *least > most * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    const INF: f64 = f64::INFINITY;

    /// Of cells that were measured in the same blocks, from the first on.
    fn found<const N: usize>(costs: [&[f64]; N], factor: f64) -> [Option<bool>; N] {
        let with_blocks = costs.map(|costs| (1..).zip(costs.iter().copied()).collect());
        among_best(&with_blocks, factor).try_into().unwrap()
    }

    #[test]
    fn a_cell_that_is_always_worse_than_the_leader_is_left_out_and_one_that_once_was_not_is_kept() {
        let (fast, slow) = ([10.0; 6], [11.0; 6]);
        let once = [11.0, 11.0, 11.0, 9.0, 11.0, 11.0];
        assert_eq!(found([&slow, &fast, &once], 1.0), [Some(false), Some(true), Some(true)]);
        // The second leads in block 2, where it is odd. The third is better there, but never as good as the first.
        let (first, odd) = ([10.0; 7], [5.0, 200.0, 12.0, 12.0, 12.0, 12.0, 12.0]);
        assert_eq!(found([&first, &odd, &[150.0; 7]], 1.0), [Some(true), Some(false), Some(false)]);
    }

    #[test]
    fn fewer_than_six_blocks_tell_nothing() {
        assert_eq!(found([&[10.0; 5], &[99.0; 5]], 1.0), [None, None]);
        assert_eq!(found([&[10.0; 6], &[99.0; 5]], 1.0), [None, None], "of one another both have five");
        assert_eq!(found([&[10.0; 9]], 1.0), [None], "there is no other");
    }

    #[test]
    fn ties_and_what_is_within_the_factor_count_for_the_set() {
        assert_eq!(found([&[10.0; 8], &[10.0; 8]], 1.0), [Some(true); 2]);
        assert_eq!(found([&[10.0; 8], &[11.0; 8]], 1.1), [Some(true); 2]);
        assert_eq!(found([&[10.0; 8], &[11.1; 8]], 1.1), [Some(true), Some(false)]);
    }

    #[test]
    fn a_failure_is_worse_than_any_cost_and_what_is_not_known_is_not() {
        let fails = [INF, INF, 9.0, INF, INF, INF, INF, INF, INF, INF, INF];
        assert_eq!(found([&fails, &[10.0; 11]], 1.0), [Some(false), Some(true)]);
        assert_eq!(found([&[INF; 8], &[INF; 8]], 1.0), [Some(true); 2]);
        assert_eq!(found([&[f64::NAN; 8], &[10.0; 8]], 1.0), [Some(true); 2]);
    }

    #[test]
    fn who_leads_is_known_from_the_blocks_before() {
        // In block 1 the second leads, and was the only one to be better than the first, which is worse from then on.
        let (first, second, third) =
            ([2.0; 6], [1.0, 3.0, 3.0, 3.0, 3.0, 3.0], [2.5, 1.0, 1.0, 1.0, 1.0, 1.0]);
        // By hand: the second leads in block 2, with 1 against 2; then the third, with 1.75 against 2 and 2.
        assert_eq!(found([&first, &second, &third], 1.0), [Some(true), Some(false), Some(true)]);
    }

    #[test]
    fn a_cell_with_blocks_of_its_own_is_compared_where_another_is_there() {
        let of = |blocks: &[u32], cost: f64| blocks.iter().map(|block| (*block, cost)).collect::<Vec<_>>();
        let costs = [of(&[1, 2, 3, 4, 5, 6, 7, 8, 9], 10.0), of(&[3, 5, 6, 7, 9], 20.0), of(&[1, 4], 5.0)];
        // The last one leads the first in block 4, and is itself compared in that block alone.
        assert_eq!(among_best(&costs, 1.0), [Some(true), Some(false), None]);
        // The two slow ones have blocks without the fast one, in which one of them is the better: that makes it no best.
        let fast = of(&[1, 3, 5, 7, 9, 11, 13], 1.0);
        let [slow, slower] = [20.0, 21.0].map(|cost| of(&[1, 2, 4, 6, 8, 10, 12], cost));
        let beside = of(&[1, 3, 5, 7, 9, 11, 13], 2.0);
        assert_eq!(among_best(&[fast, slow, slower, beside], 1.0), [Some(true), None, None, Some(false)]);
    }
}
