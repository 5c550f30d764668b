//! An exact test of many quantities at once: were the runs of two sides the same, it would not matter which side each
//! run is said to be of.
//!
//! Each quantity has one value of each run. For every way to divide the runs into two sides of the same sizes,
//! t = (mean of the second side − mean of the first) / √(u + s²), where s² is the variance within the sides and u
//! one that does not depend on the division, so that a quantity whose few values lie close together by chance is not
//! taken for sure (as in V. G. Tusher, R. Tibshirani and G. Chu, PNAS 98 (2001)). p of the largest t is the share of
//! divisions in which the largest t *of all quantities* is as large; then it is left out, and the next is asked the
//! same. So all is found by one rule that assumes no distribution, no independence between quantities, and nothing of
//! what runs differ by but that it does not know their side: if all cells of a run are slower together, they are so in
//! every division. Any quantity is called larger by mistake in at most 5 % of comparisons, and any smaller likewise.
//!
//! No p is smaller than one over the number of divisions: 1/20 of three runs a side.
//!
//! Source: P. H. Westfall and S. S. Young, "Resampling-Based Multiple Testing" (1993), algorithm 4.1 (step-down maxT).

use super::interval::SIGNIFICANCE;

/// A quantity in each run.
#[derive(Debug, Clone)]
pub struct Quantity {
    /// Its value in each run, those of the first side first.
    pub values: Vec<f64>,
    /// u.
    pub variance: f64,
}

/// More runs than this have more divisions than can be gone through.
const MOST_RUNS: usize = 16;

/// How many ways there are to divide the runs into two sides of these sizes; none where they are too few for any to be
/// as rare as 5 %, or too many.
pub fn ways(first: usize, second: usize) -> Option<u64> {
    let ways = (1..=first).fold(1.0, |ways, i| ways * (second + i) as f64 / i as f64).round();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a whole number above zero
    (1.0 / ways <= SIGNIFICANCE && first + second <= MOST_RUNS).then_some(ways as u64)
}

/// Of each quantity, whose first so many values are of the first side: p by itself and p among all, in the direction
/// in which it differs.
pub fn p_values(quantities: &[Quantity], first: usize) -> Vec<(f64, f64)> {
    let Some(runs) = quantities.first().map(|quantity| quantity.values.len()) else { return Vec::new() };
    let sides = u32::try_from(first).unwrap_or(u32::MAX);
    // A bit for each run of the first side. The first division is the one that was observed.
    let divisions: Vec<u32> = (0..1u32 << runs).filter(|bits| bits.count_ones() == sides).collect();
    let observed: Vec<f64> = quantities.iter().map(|one| one.statistic(divisions[0])).collect();
    let mut p_values = vec![(1.0, 1.0); quantities.len()];
    for sign in [1.0, -1.0] {
        let mut order: Vec<usize> = (0..quantities.len()).collect();
        order.sort_by(|a, b| (sign * observed[*a]).total_cmp(&(sign * observed[*b])));
        let mut counts = vec![(0u32, 0u32); quantities.len()];
        for division in &divisions {
            let mut largest = f64::NEG_INFINITY;
            for &place in &order {
                let t = sign * quantities[place].statistic(*division);
                largest = largest.max(t);
                counts[place].0 += u32::from(t >= sign * observed[place]);
                counts[place].1 += u32::from(largest >= sign * observed[place]);
            }
        }
        // No quantity has a smaller p than one that differs more.
        let mut among_all: f64 = 0.0;
        for &place in order.iter().rev() {
            let share = |count: u32| f64::from(count) / divisions.len() as f64;
            among_all = among_all.max(share(counts[place].1));
            if sign * observed[place] > 0.0 {
                p_values[place] = (share(counts[place].0), among_all);
            }
        }
    }
    p_values
}

impl Quantity {
    /// t of a division.
    fn statistic(&self, division: u32) -> f64 {
        // Of each side: number, sum, sum of squares; from the first value, so that no digits are lost.
        let mut sides = [[0.0; 3]; 2];
        for (run, value) in self.values.iter().enumerate() {
            let (side, x) = (usize::from(division >> run & 1 == 0), value - self.values[0]);
            let sums = &mut sides[side];
            (sums[0], sums[1], sums[2]) = (sums[0] + 1.0, sums[1] + x, sums[2] + x * x);
        }
        let [first, second] = sides.map(|[n, sum, squares]| (sum / n, (squares - sum * sum / n).max(0.0)));
        let freedom = (self.values.len() as f64 - 2.0).max(1.0);
        let (difference, within) = (second.0 - first.0, (first.1 + second.1) / freedom);
        if difference == 0.0 { 0.0 } else { difference / (self.variance + within).sqrt() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p_of(values: &[&[f64]], variance: f64) -> Vec<(f64, f64)> {
        let quantity = |values: &&[f64]| Quantity { values: values.to_vec(), variance };
        p_values(&values.iter().map(quantity).collect::<Vec<_>>(), 3)
    }

    #[test]
    fn three_runs_a_side_are_the_fewest_that_can_be_rare() {
        assert_eq!([ways(3, 3), ways(4, 4), ways(1, 19)], [Some(20), Some(70), None]);
        assert_eq!([ways(2, 3), ways(2, 2), ways(9, 9)], [None; 3]);
    }

    #[test]
    fn p_is_the_share_of_divisions_that_are_as_extreme() {
        // By hand: apart is the most extreme of 20; of mixed, only the two in which 5 and 6, or 4 and 6 are beside 9.
        let (apart, less) =
            (p_of(&[&[1.0, 2.0, 3.0, 11.0, 12.0, 13.0]], 1.0), [13.0, 12.0, 11.0, 3.0, 2.0, 1.0]);
        assert_eq!((apart[0], p_of(&[&less], 1.0)[0]), ((0.05, 0.05), (0.05, 0.05)));
        assert_eq!(p_of(&[&[1.0, 2.0, 6.0, 4.0, 5.0, 9.0]], 1.0)[0].0, 0.15);
        assert_eq!(p_of(&[&[5.0; 6]], 0.0), [(1.0, 1.0)]);
    }

    #[test]
    fn among_all_counts_the_largest_of_any_and_what_was_found_is_left_out() {
        // The second differs most in a division of its own, and less than the first does.
        let (found, other): (&[f64], &[f64]) =
            (&[0.0, 0.1, 0.2, 9.0, 9.1, 9.2], &[0.0, 3.0, 0.1, 3.1, 0.2, 3.2]);
        let p_values = p_of(&[found, other], 0.01);
        assert_eq!(p_values[0], (0.05, 0.05));
        assert_eq!(p_values[1], p_of(&[other], 0.01)[0]);
        // Without what it differs by in truth, it is hidden by the other.
        let hidden = p_of(&[&[0.0, 1.0, 2.0, 2.1, 3.1, 4.1], other], 0.01);
        assert!(hidden[0].1 > hidden[0].0, "{hidden:?}");
    }
}
