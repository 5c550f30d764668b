//! The sittings that the blocks of a run belong to, and what they differ by.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;

use rayon::prelude::*;
use results::Plan;

use crate::stats::{Between, between};

/// The sittings of a run that have blocks.
pub(crate) struct Sittings {
    /// How many there are.
    count: usize,
    /// The blocks, ascending, from which on another one has them, each with its place.
    runs: Vec<(u32, usize)>,
}

impl Sittings {
    /// Those of a plan that these blocks belong to, each with the place of its part: where the parts of one machine were
    /// merged, each of them had sittings of its own.
    pub fn of(plan: &Plan, blocks: &BTreeMap<u32, usize>) -> Self {
        let first: Vec<u32> = plan.blocks_by_sitting().into_iter().map(|blocks| blocks.start).collect();
        let sitting = |(block, part): (&u32, &usize)| (*part, first.partition_point(|first| first <= block));
        let sittings: BTreeSet<(usize, usize)> = blocks.iter().map(sitting).collect();
        let places: HashMap<(usize, usize), usize> = sittings.into_iter().zip(0..).collect();
        let mut runs: Vec<(u32, usize)> = Vec::new();
        for block in blocks {
            let place = places[&sitting(block)];
            if runs.last().is_none_or(|(_, before)| *before != place) {
                runs.push((*block.0, place));
            }
        }
        Self { count: places.len().max(1), runs }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// How many of them a quantity was measured in, given its blocks: after a second look, what the first decided has none
    /// in the later ones.
    pub fn count_of(&self, blocks: impl IntoIterator<Item = u32>) -> usize {
        if self.count == 1 {
            return 1;
        }
        let mut places: Vec<usize> = blocks.into_iter().map(|block| self.place(block)).collect();
        places.sort_unstable();
        places.dedup();
        places.len().max(1)
    }

    /// The place of the one that a block belongs to.
    pub fn place(&self, block: u32) -> usize {
        let run = self.runs.partition_point(|(first, _)| *first <= block).saturating_sub(1);
        self.runs.get(run).map_or(0, |(_, place)| *place)
    }

    /// What they differ by, from quantities each with a key: those of one key are pooled.
    pub fn between<K: Hash + Eq + Send>(
        &self,
        variances: impl ParallelIterator<Item = (K, Option<f64>)>,
    ) -> HashMap<K, Between> {
        if self.count() == 1 {
            return HashMap::new();
        }
        let mut pooled: HashMap<K, Vec<f64>> = HashMap::new();
        for (key, variance) in variances.collect::<Vec<_>>() {
            pooled.entry(key).or_default().extend(variance);
        }
        let between = |(key, variances)| (key, Between::pooled(self.count(), variances));
        pooled.into_iter().map(between).collect()
    }

    /// The variance between sittings of the logarithms of one quantity.
    pub fn variance(&self, logarithms: impl IntoIterator<Item = (u32, f64)>) -> Option<f64> {
        let values: Vec<(usize, f64)> =
            logarithms.into_iter().map(|(block, value)| (self.place(block), value)).collect();
        between::variance(&values)
    }
}

#[cfg(test)]
mod tests {
    use results::PresetName;
    use results::fixture::planned;

    use super::*;

    #[test]
    fn a_quantity_has_the_sittings_of_its_own_blocks() {
        let cells = vec![planned("a", 14)];
        let plan = Plan { cells, sittings: 3, ..Plan::empty(PresetName::Default, 7) };
        let sittings = Sittings::of(&plan, &(1..14).map(|block| (block, 0)).collect());
        assert_eq!(sittings.count(), 3);
        let counts =
            [vec![1, 2, 13], vec![2, 7, 13], vec![13], vec![]].map(|blocks| sittings.count_of(blocks));
        assert_eq!(counts, [2, 3, 1, 1]);
    }
}
