//! Which trial of a cell is typical: the one whose makespan is nearest to the median of those seen so far. Its spans are
//! kept, so that what is drawn looks like what is said.

use std::collections::HashMap;

/// The makespans that one start of the harness has seen, by cell.
#[derive(Debug, Default)]
pub(super) struct Typical(HashMap<String, Seen>);

#[derive(Debug, Default)]
struct Seen {
    /// In ascending order.
    makespans: Vec<u64>,
    /// The makespan of the trial whose spans are kept; none before the first.
    kept: Option<u64>,
}

impl Typical {
    /// Notes a makespan, and says whether it is nearer to the median than that of the trial that was kept before.
    pub fn is_nearer(&mut self, cell: &str, makespan: u64) -> bool {
        let seen = self.0.entry(cell.into()).or_default();
        let place = seen.makespans.partition_point(|other| *other < makespan);
        seen.makespans.insert(place, makespan);
        let median = seen.makespans[seen.makespans.len() / 2];
        let is_nearer = seen.kept.is_none_or(|kept| makespan.abs_diff(median) < kept.abs_diff(median));
        if is_nearer {
            seen.kept = Some(makespan);
        }
        is_nearer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trial_nearest_to_the_median_so_far_is_kept_for_each_cell() {
        let mut typical = Typical::default();
        let mut kept = |makespans: &[u64]| -> Vec<u64> {
            let cell = format!("{makespans:?}");
            makespans.iter().copied().filter(|makespan| typical.is_nearer(&cell, *makespan)).collect()
        };
        // The first was a slow one.
        assert_eq!(kept(&[90, 11, 10, 12, 11]), [90, 10, 12, 11]);
        assert_eq!(kept(&[10, 10, 50]), [10]);
    }
}
